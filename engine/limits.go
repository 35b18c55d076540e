package engine

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// What comes from outside the process is bounded where it enters, so that no later step can be refused for good because
// of it. Names, numbers, payloads and events beyond a bound are refused. A text for people (a reason, a version) is cut
// and cleaned instead: see [CleanText]. Engine, handlers and clients have the same bounds.
const (
	// NameBytesMax bounds the names of reviews, owners and hosts, RepositoryBytesMax that of a repository, and
	// HeadSHABytesMax a commit. Names are UTF-8 without NUL.
	NameBytesMax       = 256
	RepositoryBytesMax = 1024
	HeadSHABytesMax    = 128
	// AttemptMax is the highest number of an attempt.
	AttemptMax = math.MaxInt32
	// PayloadBytesMax bounds the payload of an attempt: 16 MiB.
	PayloadBytesMax = 16 << 20
	// TextBytesMax is the length to which reasons and versions are cut.
	TextBytesMax = 4 << 10
	// EventTextBytesMax bounds the text of an event: 1 MiB.
	EventTextBytesMax = 1 << 20
	// EventTokensMax bounds the tokens of one event, and EventsMax the number of events of one attempt. Their product,
	// 10^18, fits into 64 bits, so that the sum of tokens never overflows.
	EventTokensMax = 1_000_000_000_000
	EventsMax      = 1_000_000
	// PageEventsMax bounds the number of events of one page, and PageBytesMax the sum of their texts: 2 MiB. A page has
	// at least one event if there is one, so that its reader always gets ahead.
	PageEventsMax = 1_000
	PageBytesMax  = 2 << 20
)

// CleanText returns a text for people as it is stored: valid UTF-8 of at most [TextBytesMax] bytes. Bytes that are no
// UTF-8 are replaced, and what is too long is cut.
func CleanText(text string) string {
	if len(text) > TextBytesMax {
		text = text[:TextBytesMax]
		for cut := len(text) - 1; cut >= len(text)-utf8.UTFMax; cut-- {
			if utf8.RuneStart(text[cut]) {
				if !utf8.FullRuneInString(text[cut:]) {
					text = text[:cut]
				}
				break
			}
		}
	}
	clean := strings.ToValidUTF8(text, "\uFFFD")
	for len(clean) > TextBytesMax { // a replacement is longer than what it replaces
		_, size := utf8.DecodeLastRuneInString(clean)
		clean = clean[:len(clean)-size]
	}
	return clean
}

// ValidName reports whether a text can name something: UTF-8 without NUL, neither empty nor longer than [NameBytesMax].
func ValidName[T ~string](name T) bool { return name != "" && storableName(string(name), NameBytesMax) }

// validReview reports whether a name can identify a review. A lone slash can't: it is no segment of a path.
func validReview(id ReviewID) bool { return ValidName(id) && id != "/" }

// storableName reports whether a name has at most a number of bytes, and is UTF-8 without NUL.
func storableName(name string, most int) bool {
	return len(name) <= most && utf8.ValidString(name) && strings.IndexByte(name, 0) < 0
}

// Check returns an error if the key can't identify an attempt.
func (k AttemptKey) Check() error {
	switch {
	case !validReview(k.Review):
		return fmt.Errorf("review is %.40q of %d bytes; allowed: 1 to %d bytes of UTF-8 without NUL, other than /",
			k.Review, len(k.Review), NameBytesMax)
	case k.Attempt < 1 || k.Attempt > AttemptMax:
		return fmt.Errorf("attempt is %d; allowed: 1 to %d", k.Attempt, AttemptMax)
	}
	return nil
}

// Check returns an error if the event is out of bounds. It does not look at the order of events, except that none
// comes after [EventsMax].
func (e *Event) Check() error {
	switch {
	case e.Seq > EventsMax:
		return fmt.Errorf("sequence number is %d; allowed: at most %d", e.Seq, EventsMax)
	case e.Kind < EventProgress || e.Kind > EventFailed:
		return fmt.Errorf("kind is %s; allowed: progress, completed, failed", e.Kind)
	case e.Tokens < 0 || e.Tokens > EventTokensMax:
		return fmt.Errorf("tokens are %d; allowed: 0 to %d", e.Tokens, int64(EventTokensMax))
	case len(e.Text) > EventTextBytesMax:
		return fmt.Errorf("text has %d bytes; allowed: at most %d", len(e.Text), EventTextBytesMax)
	}
	return nil
}

// CheckEvents returns an error for the first event that is out of bounds.
func CheckEvents(events []Event) error {
	for i := range events {
		if err := events[i].Check(); err != nil {
			return fmt.Errorf("event %d: %w", events[i].Seq, err)
		}
	}
	return nil
}

// CheckPage returns an error if a page of events can't be asked for.
func CheckPage(after int64, max int) error {
	if after < 0 || max < 1 || max > PageEventsMax {
		return fmt.Errorf("after is %d and max %d; allowed: after 0 or more, max 1 to %d", after, max, PageEventsMax)
	}
	return nil
}

// FitPage returns how many of the events fit into one page.
func FitPage(events []Event) int {
	bytes := 0
	for i := range events {
		if bytes += len(events[i].Text); bytes > PageBytesMax && i > 0 {
			return i
		}
	}
	return len(events)
}

// check returns an error if a worker can't accept the start. It cuts and cleans the reason of an abandoned one.
func (r *StartRequest) check() error {
	r.Abandon = CleanText(r.Abandon)
	if err := r.Key.Check(); err != nil {
		return err
	}
	switch {
	case !ValidName(r.Owner):
		return fmt.Errorf("owner is %.40q of %d bytes; allowed: 1 to %d bytes of UTF-8 without NUL", r.Owner, len(r.Owner), NameBytesMax)
	case len(r.Payload) > PayloadBytesMax:
		return fmt.Errorf("payload has %d bytes; allowed: at most %d", len(r.Payload), PayloadBytesMax)
	}
	return nil
}

// check returns an error if the report is malformed. It cuts and cleans its texts, and clamps its numbers, which only
// inform: for them a report is not worth losing.
func (r *WorkerReport) check() error {
	r.Reason, r.AgentVersion = CleanText(r.Reason), CleanText(r.AgentVersion)
	r.Events, r.Tokens = min(max(r.Events, 0), EventsMax), max(r.Tokens, 0)
	if r.Status < Queued || r.Status > Cancelled || r.Key.Attempt < 1 {
		return fmt.Errorf("attempt is %s and status %s; allowed: attempt from 1, status queued to cancelled", r.Key, r.Status)
	}
	return r.Key.Check()
}
