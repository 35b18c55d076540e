package world

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/onceover/onceover/sim/run"
)

// The generator of this world is audited. For every field of every input type, and for every argument of a call that
// users make, the table in audit_rows.go says which classes of values the world draws, and which it does not, with the
// reason. A class that is drawn is counted when a value of it enters the system, and campaigns add the counts up. So a
// class that nobody draws any more is seen, and so is a field that nobody thought of.

// A classKind is a division of values into classes. Every value belongs to at least one.
type classKind struct {
	name    string
	classes []string
}

// The classes of texts and payloads. A text belongs to every one that fits.
const (
	textEmpty = iota
	textOrdinary
	textGreatest // as long as is allowed
	textBeyond   // longer than is allowed
	textNUL
	textInvalid  // not UTF-8
	textEscaped  // has a character that means something in a URL: %, /, ?, #
	textNonASCII // UTF-8 beyond ASCII
	textRepeated // equal to one of something else
)

// The classes of numbers.
const (
	numberNegative = iota
	numberZero
	numberOne
	numberSome
	numberGreatest
	numberBeyond   // more than is allowed
	numberRepeated // equal to one of something else, where numbers tell things apart
)

// The classes of attempts that a message names.
const (
	keyCurrent = iota
	keyOlder
	keyNewer
	keyUnknown // no review has this name
	keyNone    // attempt 0, or no review
)

// The classes of settings.
const (
	settingDefault = iota
	settingLeast
	settingBetween
	settingGreatest
	settingBeyond // what validation refuses
)

var (
	texts = &classKind{"text", []string{
		textEmpty: "empty", textOrdinary: "ordinary", textGreatest: "greatest", textBeyond: "beyond", textNUL: "nul",
		textInvalid: "invalid-utf8", textEscaped: "escaped", textNonASCII: "non-ascii", textRepeated: "repeated",
	}}
	numbers = &classKind{"number", []string{
		numberNegative: "negative", numberZero: "zero", numberOne: "one", numberSome: "some", numberGreatest: "greatest",
		numberBeyond: "beyond", numberRepeated: "repeated",
	}}
	attempts = &classKind{"attempt", []string{
		keyCurrent: "current", keyOlder: "older", keyNewer: "newer", keyUnknown: "unknown", keyNone: "none",
	}}
	settings = &classKind{"setting", []string{
		settingDefault: "default", settingLeast: "least", settingBetween: "between", settingGreatest: "greatest", settingBeyond: "beyond",
	}}
	switches = &classKind{"switch", []string{"false", "true"}}
	statuses = &classKind{"status", []string{"none", "pending", "queued", "running", "completed", "failed", "cancelled"}}
	kinds    = &classKind{"event kind", []string{"none", "progress", "completed", "failed", "unknown"}}
	forges   = &classKind{"platform", []string{"github", "gitlab", "other"}}
)

// An inputRow is a row of the audit.
type inputRow struct {
	of, field string // the type and its field, or the method of the app's API and its argument
	kind      *classKind
	greatest  int64 // the largest number, or the longest text, that is allowed; 0: no limit
	// undrawn has the classes that the world does not draw, with the reason.
	undrawn map[int]string

	counters []int // of each class; -1: not drawn
}

// name returns the name of the counter of a class.
func (r *inputRow) name(class int) string {
	return fmt.Sprintf("%s.%s: %s", r.of, r.field, r.kind.classes[class])
}

// inputCounters are the names of the classes that the world draws, in the order of the table.
var inputCounters, inputTerms = func() (*run.Names, []run.Term) {
	var names []string
	var terms []run.Term
	for i := range inputRows {
		r := &inputRows[i]
		r.counters = make([]int, len(r.kind.classes))
		for class := range r.kind.classes {
			r.counters[class] = -1
			if _, undrawn := r.undrawn[class]; !undrawn {
				r.counters[class] = len(names)
				names = append(names, r.name(class))
				terms = append(terms, run.Term{Name: r.name(class), Sentence: fmt.Sprintf("%s of %s, a %s, is %s",
					r.field, r.of, r.kind.name, r.kind.classes[class])})
			}
		}
	}
	return run.NewNames(names...), terms
}()

// An audit counts the classes of values of one run.
type audit struct {
	counts []uint64 // by counter
	strays []string // classes that were drawn though the table says that they are not
}

func (a *audit) reset() {
	if a.counts == nil {
		a.counts = make([]uint64, len(inputTerms))
	}
	clear(a.counts)
	a.strays = a.strays[:0]
}

// count counts a value of a class.
func (a *audit) count(row rowID, class int) {
	r := &inputRows[row]
	if counter := r.counters[class]; counter >= 0 {
		a.counts[counter]++
	} else if name := r.name(class); !slices.Contains(a.strays, name) {
		a.strays = append(a.strays, name)
	}
}

// countText counts the classes of a text.
func countText[T ~string | ~[]byte](a *audit, row rowID, whole T) {
	limit := int(inputRows[row].greatest)
	switch n := len(whole); {
	case n == 0:
		a.count(row, textEmpty)
		return
	case limit > 0 && n == limit:
		a.count(row, textGreatest)
	case limit > 0 && n > limit:
		a.count(row, textBeyond)
	}
	plain, examined := true, whole[:min(len(whole), textExamined)]
	for i := range len(examined) {
		if c := examined[i]; c < ' ' || c >= utf8.RuneSelf || c == '%' || c == '/' || c == '?' || c == '#' {
			plain = false
			break
		}
	}
	if plain {
		a.count(row, textOrdinary)
		return
	}
	text := string(examined)
	if strings.IndexByte(text, 0) >= 0 {
		a.count(row, textNUL)
	}
	if strings.ContainsAny(text, "%/?#") {
		a.count(row, textEscaped)
	}
	switch {
	case !utf8.ValidString(text):
		a.count(row, textInvalid)
	case strings.IndexFunc(text, func(c rune) bool { return c >= utf8.RuneSelf }) >= 0:
		a.count(row, textNonASCII)
	}
}

// textExamined is how many bytes of a text are looked at: large ones are repetitions of small ones.
const textExamined = 256

// number counts the class of a number.
func (a *audit) number(row rowID, n int64) {
	limit := inputRows[row].greatest
	switch {
	case n < 0:
		a.count(row, numberNegative)
	case n == 0:
		a.count(row, numberZero)
	case limit > 0 && n > limit:
		a.count(row, numberBeyond)
	case limit > 0 && n == limit:
		a.count(row, numberGreatest)
	case n == 1:
		a.count(row, numberOne)
	default:
		a.count(row, numberSome)
	}
}

func (a *audit) toggle(row rowID, on bool) {
	if on {
		a.count(row, 1)
	} else {
		a.count(row, 0)
	}
}

// setting counts the class of a setting, given its default and its range.
func setting[T int | time.Duration](a *audit, row rowID, value, usual, least, greatest T) {
	switch {
	case value < least && value != usual || value > greatest:
		a.count(row, settingBeyond)
	case value == usual:
		a.count(row, settingDefault)
	case value == least:
		a.count(row, settingLeast)
	case value == greatest:
		a.count(row, settingGreatest)
	default:
		a.count(row, settingBetween)
	}
}
