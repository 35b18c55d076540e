package checker

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/checker/times"
	"github.com/onceover/onceover/engine"
)

// A sentence is what a check has to say, before the facts are asked for names: a review that had one attempt is called
// R3, and an attempt of one that had several is attempt 2 of R3.
type sentence struct {
	format string
	args   []any
}

// say writes a sentence for people: it begins with a capital letter and ends with a full stop.
func (f *facts) say(s sentence) string {
	if s.format == "" {
		return ""
	}
	text := fmt.Sprintf(s.format, f.inWords(s.args)...)
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:] + "."
}

// A moment is a time since the start of the run. Durations are how long something took.
type moment time.Duration

// inWords replaces the arguments of a sentence that people write in another way than Go does. Numbers stay.
func (f *facts) inWords(args []any) []any {
	words := make([]any, len(args))
	var named engine.AttemptKey
	for i, arg := range args {
		switch arg := arg.(type) {
		case time.Duration:
			words[i] = times.Span(arg)
		case moment:
			words[i] = times.Moment(time.Duration(arg))
		case engine.AttemptKey:
			words[i], named = f.nameOf(arg), arg
		case engine.ReviewID:
			words[i], named = name(string(arg)), engine.AttemptKey{Review: arg, Attempt: 1}
		case engine.OwnerID:
			words[i] = name(string(arg))
		case engine.HostID:
			words[i] = name(string(arg))
		case reviewIDs:
			words[i] = arg.String()
		case request:
			words[i] = f.inWord(arg, arg.key == named)
		case counted:
			words[i] = arg.String()
		default:
			words[i] = arg
		}
	}
	return words
}

// nameOf names an attempt. While there is only the first one, people speak of the review.
func (f *facts) nameOf(key engine.AttemptKey) string {
	if v := f.find(key.Review); key.Attempt == 1 && (v == nil || len(v.attempts) < 2) {
		return "review " + name(string(key.Review))
	}
	return fmt.Sprintf("attempt %d of review %s", key.Attempt, name(string(key.Review)))
}

// nameMost is how many characters of a name people read.
const nameMost = 40

// name is an identifier as it stands in a sentence. The simulation also draws some that are as long as is allowed.
func name(identifier string) string {
	if utf8.RuneCountInString(identifier) > nameMost {
		return string([]rune(identifier)[:nameMost]) + "…"
	}
	return identifier
}

// A counted is a number with its noun: 1 event, 3 events.
type counted struct {
	n    int64
	noun string
}

// count returns a number with its noun.
func count[N ~int | ~int64](n N, noun string) counted { return counted{int64(n), noun} }

func (c counted) String() string {
	if c.n == 1 {
		return "1 " + c.noun
	}
	return fmt.Sprintf("%d %ss", c.n, c.noun)
}

// ordinal returns 1st, 2nd, 3rd, 4th.
func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprint(n) + suffix
}

// list joins words with commas, and the last with "and".
func list(words []string) string {
	switch n := len(words); n {
	case 0:
		return "none"
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}

// quoted is a text that somebody gave.
func quoted(text string) string {
	if text == "" {
		return "no reason"
	}
	return fmt.Sprintf("%q", name(text))
}

// because returns a reason that somebody gave, in brackets; nothing if none was given.
func because(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + name(reason) + ")"
}

// A request is a call as its caller would put it: to claim review R3.
type request struct {
	call Call
	key  engine.AttemptKey
}

// toDo is what a record's call asks for.
func toDo(r *Record) request { return request{r.Call, r.Key} }

// toDoOn is what an operation of the app database asks for, and toWrite one of the journal.
func toDoOn(op *model.ReviewsOp) request { return request{StoreCall(op.Kind), op.Key} }

func toWrite(op *model.JournalOp) request { return request{JournalCall(op.Kind), op.Key} }

// inWord puts a request into words, after "to". named: the sentence has named its attempt before.
func (f *facts) inWord(r request, named bool) string {
	e := errandOf(r.call)
	switch {
	case e.whole != "":
		return e.whole
	case named && e.again != "":
		return e.again
	case named:
		return fmt.Sprintf(e.first, "it")
	}
	return fmt.Sprintf(e.first, f.nameOf(r.key))
}

// partnerOf names who is asked by a call.
func partnerOf(call Call) string {
	switch call.Port() {
	case PortWorker:
		return "the worker"
	case PortApp:
		return "the app"
	case PortAgent:
		return "the agent"
	case PortPreparer:
		return "the platform"
	case PortStore:
		return "the store"
	case PortJournal:
		return "the journal"
	default:
		return "nobody"
	}
}

// caller names who makes a call: the app's replicas ask the store, the platform and the workers, hosts ask the others.
func caller(r *Record) string {
	switch r.Call.Port() {
	case PortStore, PortWorker, PortPreparer:
		return "replica " + r.Actor
	default:
		return "host " + r.Actor
	}
}
