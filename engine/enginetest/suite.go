package enginetest

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
)

// began is when every case begins. It is long ago, so that a store that reads a clock of its own is noticed at once, and
// not a whole second, so that one that keeps less than microseconds is, too.
var began = time.Date(2001, 2, 3, 4, 5, 6, 789_012_000, time.UTC)

// A clock is that of the callers. It goes on by a tick with each call.
type clock struct{ now time.Time }

const tick = time.Second + 3*time.Microsecond

func (c *clock) tick() { c.pass(tick) }

// pass lets time pass.
func (c *clock) pass(d time.Duration) { c.now = c.now.Add(d) }

// nextAt sets the time of the next call.
func (c *clock) nextAt(t time.Time) { c.now = t.Add(-tick) }

// head is the submission of a review of ann: the only head of a pull request of its own.
func head(id string) engine.Submission {
	return engine.Submission{
		Review: engine.ReviewID(id), Owner: "ann", Platform: "github", Repository: "ann/" + id,
		PullRequest: 7, HeadSHA: "sha-" + id, HeadOrder: 1,
	}
}

func attemptOf(id string, number int) engine.AttemptKey {
	return engine.AttemptKey{Review: engine.ReviewID(id), Attempt: number}
}

// Texts that name nothing (reasons, versions, an event's text) come from outside and may hold anything. A store that
// refused one would leave its review stuck.
var oddTexts = []string{"nul \x00, and \xff\xfe is no UTF-8", "ünïcode 審査 \u202e", "it's \\ \"quoted\" @now -- $1; %s", strings.Repeat("long ", 20_000)}

// Names differ in few bytes, in their case, and in what a query or a pattern would take for its own. They are in
// bytewise order, which is no language's.
var oddNames = []string{" ", "%", "'; --", "A", "Z", "\\", "_", "a", "a b", "a/1", "a/10", "b", "ä", "審査"}

// checkKind reports an error that is of another kind than want.
func checkKind(t testing.TB, op string, err error, want engine.ErrorKind) {
	t.Helper()
	if err == nil {
		t.Fatalf("%s: no error; want it %s", op, want)
	}
	if got := engine.KindOf(err); got != want {
		t.Fatalf("%s: %s (%v); want it %s", op, got, err, want)
	}
}

// together calls f(0) to f(n-1) in n goroutines that begin at once, and waits for them.
func together(n int, f func(i int)) {
	var done sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		done.Go(func() {
			<-begin
			f(i)
		})
	}
	close(begin)
	done.Wait()
}

// differences lists the fields in which two values of one type differ, a line each. Times are compared as instants, and
// no list is an empty list.
func differences(got, want any) string {
	var lines []string
	compare(&lines, "", reflect.ValueOf(got), reflect.ValueOf(want))
	return strings.Join(lines, "\n")
}

func compare(lines *[]string, path string, got, want reflect.Value) {
	differ := func(got, want any) { *lines = append(*lines, fmt.Sprintf("\t%s is %v; want %v", path, got, want)) }
	at, isTime := got.Interface().(time.Time)
	switch {
	case isTime:
		if expected, _ := want.Interface().(time.Time); !at.Equal(expected) {
			differ(at.UTC().Format(time.RFC3339Nano), expected.UTC().Format(time.RFC3339Nano))
		}
	case got.Kind() == reflect.Struct:
		for i := range got.NumField() {
			field := got.Type().Field(i).Name
			if path != "" {
				field = path + "." + field
			}
			compare(lines, field, got.Field(i), want.Field(i))
		}
	case got.Kind() == reflect.Slice && got.Type().Elem().Kind() == reflect.Uint8:
		if !bytes.Equal(got.Bytes(), want.Bytes()) {
			differ(fmt.Sprintf("%.200q", got.Bytes()), fmt.Sprintf("%.200q", want.Bytes()))
		}
	case got.Kind() == reflect.Slice:
		if got.Len() != want.Len() {
			differ(fmt.Sprintf("%d elements: %.200q", got.Len(), got), fmt.Sprintf("%d: %.200q", want.Len(), want))
			return
		}
		for i := range got.Len() {
			compare(lines, fmt.Sprintf("%s[%d]", path, i), got.Index(i), want.Index(i))
		}
	case !got.Equal(want):
		differ(fmt.Sprintf("%.200q", fmt.Sprint(got)), fmt.Sprintf("%.200q", fmt.Sprint(want)))
	}
}
