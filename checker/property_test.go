package checker

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

var (
	r1, r2, r3 = key("R1", 1), key("R2", 1), key("R3", 1)
	again      = key("R1", 2)
)

// A propertyCase shows a property silent on a history that is good and comes close, and firing on one that is bad.
type propertyCase struct {
	property string
	cause    Cause // as it is declared; a violation may narrow it down
	good     func(*script)
	bad      func(*script)
	also     []string // other properties that the bad history contradicts
	alone    bool     // the bad history contradicts one of those sooner, so it shows this one when that is not watched
}

// watched are the properties that are watched while the bad history is played; none stands for all.
func (c *propertyCase) watched() []string {
	if c.alone {
		return []string{c.property}
	}
	return nil
}

var propertyCases = slices.Concat(
	reviewCases, sessionCases, slotCases, dispatchCases, journalCases, leaseCases,
	eventCases, refusalCases, barredCases, answerCases, toldCases, callCases, dueCases, shutdownCases, progressCases, promptCases, causeCases,
)

var (
	failure   = engine.Event{Kind: engine.EventFailed}
	retryable = engine.Event{Kind: engine.EventFailed, Retryable: true}
)

// accept makes a refused write an accepted one, with an effect.
func accept(effect func(*engine.Orchestration)) func(*engine.Orchestration, *model.JournalResult) {
	return func(row *engine.Orchestration, result *model.JournalResult) {
		effect(row)
		*result = model.JournalResult{Orchestration: *row}
	}
}

// failRetryably takes attempts to a failure of the infrastructure.
func (s *script) failRetryably(keys ...engine.AttemptKey) {
	kept := s.last
	s.last = retryable
	for _, k := range keys {
		s.after(time.Minute)
		s.upTo(settled, k)
	}
	s.last = kept
}

func TestProperties(t *testing.T) {
	for _, c := range propertyCases {
		t.Run(c.property+"/"+strings.ReplaceAll(string(c.cause), " ", "-"), func(t *testing.T) {
			if v, _ := played(t, c.good); v != nil {
				t.Errorf("the good history contradicts %v", v)
			}
			v, _ := played(t, c.bad, c.watched()...)
			if v == nil || v.Property != c.property || v.Cause != c.cause && !strings.HasPrefix(string(v.Cause), string(c.cause)+"/") {
				t.Fatalf("the bad history contradicts %v; want %s: %s", v, c.property, c.cause)
			}
			if v.Message == "" || v.Signature() != c.property+": "+string(v.Cause) {
				t.Errorf("message %q, signature %q", v.Message, v.Signature())
			}
			if want := namedBy(v, c.bad); !slices.Equal(slices.Sorted(slices.Values(v.Subjects)), want) {
				t.Errorf("the subjects are %v, and the message names %v: %s", v.Subjects, want, v.Message)
			}
			var fired []string
			for p := range properties() {
				if v, _ := played(t, c.bad, p.ID); v != nil && p.ID != c.property {
					fired = append(fired, p.ID)
				}
			}
			if !slices.Equal(fired, c.also) {
				t.Errorf("watched alone, the bad history contradicts %v too; want %v", fired, c.also)
			}
		})
	}
}

func TestEveryPropertyHasItsHistories(t *testing.T) {
	ids := make(map[string]bool)
	for _, p := range Properties() {
		if p.Subject == "" || p.Sentence == "" || p.Source == "" || p.NotMistakenFor == "" {
			t.Errorf("%s lacks a subject, a sentence, a source or what must not be mistaken for it: %+v", p.ID, p)
		}
		if ids[p.ID] {
			t.Errorf("%s stands for two properties", p.ID)
		}
		ids[p.ID] = true
		if p.ID == Linearizable {
			continue // see TestLinearizable
		}
		if !slices.ContainsFunc(propertyCases, func(c propertyCase) bool { return c.property == p.ID && c.good != nil && c.bad != nil }) {
			t.Errorf("%s has no pair of a good and a bad history", p.ID)
		}
	}
}

// A reader of the design finds each section that a property names.
func TestSourcesStandInTheDesign(t *testing.T) {
	design, err := os.ReadFile("../docs/DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	heading := regexp.MustCompile(`(?m)^#+ (\d+(?:\.\d+)?)[. ]`)
	sections := make(map[string]bool)
	for _, match := range heading.FindAllStringSubmatch(string(design), -1) {
		sections[match[1]] = true
	}
	section := regexp.MustCompile(`^(\d+(?:\.\d+)?)(?:: .+)?$`)
	for _, p := range Properties() {
		for part := range strings.SplitSeq(p.Source, "; ") {
			if match := section.FindStringSubmatch(part); match == nil && !engineHas(t, part) || match != nil && !sections[match[1]] {
				t.Errorf("%s: %q is no section of the design and no type of the engine", p.ID, part)
			}
		}
	}
}

// engineHas reports whether a name such as engine.Worker is that of a type.
func engineHas(t *testing.T, name string) bool {
	files, err := filepath.Glob("../engine/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files of the engine, %v", len(files), err)
	}
	declaration := regexp.MustCompile(`(?m)^type ` + regexp.QuoteMeta(strings.TrimPrefix(name, "engine.")) + ` `)
	for _, file := range files {
		if text, err := os.ReadFile(file); err != nil {
			t.Fatal(err)
		} else if declaration.Match(text) {
			return true
		}
	}
	return false
}

// What identifies a failure must not change when the run is made smaller: names, times and numbers may.
func TestSignatureIsStable(t *testing.T) {
	small, _ := played(t, func(s *script) { s.upTo(running, r1); s.session(r1, "s2") })
	large, _ := played(t, func(s *script) { s.upTo(settled, r1); s.after(time.Hour); s.upTo(running, r2); s.session(r2, "s7") })
	if small.Signature() != large.Signature() {
		t.Errorf("signatures %q and %q differ", small.Signature(), large.Signature())
	}
	if small.Message == large.Message {
		t.Errorf("messages are equal: %q", small.Message)
	}
}

// A run that is made smaller must not come to fail for another cause. So histories in which something else went wrong
// have different signatures.
func TestSignaturesTellCausesApart(t *testing.T) {
	for _, test := range []struct {
		name      string
		signature string
		bad       func(*script)
	}{
		{"a claim without a dispatch", "no-stuck: review-stuck-queued/not-journaled/no-session",
			func(s *script) { s.upTo(claimed, r1); s.end() }},
		{"a start whose host is alive", "no-stuck: review-stuck-queued/accepted/held-by-the-living/no-session",
			func(s *script) { s.upTo(queued, r1); s.end() }},
		{"a session that hangs", "no-stuck: review-stuck-running/intended/held-by-the-living/session-runs",
			func(s *script) { s.upTo(running, r1); s.end() }},
		{"a session whose host is gone", "no-stuck: review-stuck-running/intended/held-by-the-gone/session-runs",
			func(s *script) {
				s.upTo(running, r1)
				s.record(Record{Kind: ProcessCrashed, Actor: "worker-1"})
				s.end()
			}},
		{"a session that has ended", "no-stuck: review-stuck-running/intended/held-by-the-living/session-ended",
			func(s *script) { s.upTo(finished, r1); s.end() }},
		{"a lease that was given up", "no-stuck: review-stuck-running/intended/held-by-nobody/session-ended",
			func(s *script) {
				s.upTo(finished, r1)
				s.write("worker-1", model.JournalOp{Kind: model.JournalReleaseLease, Key: r1, Epoch: 1})
				s.end()
			}},
		{"an interrupt without an end", "no-stuck: review-never-known-to-have-stopped/intended/held-by-the-living/session-interrupted",
			func(s *script) { s.upTo(running, r1); s.cancel(r1); s.interrupt(r1); s.end() }},
		{"a review that nobody takes up", "no-stuck: review-stuck-pending/slots-free",
			func(s *script) { s.upTo(pending, r1); s.end() }},
		{"one that waits for the slot of another", "no-stuck: review-stuck-running/over/held-by-the-living/session-ended",
			func(s *script) {
				s.config.Limit = func(engine.OwnerID) int { return 1 }
				s.upTo(pending, r2)
				s.after(-time.Minute) // r1 is older
				s.upTo(journaled, r1)
				s.end()
			}},
		{"a call of the store without a deadline", "call-bounded: a-call-without-a-deadline/store.get",
			func(s *script) {
				s.record(Record{Kind: CallBegan, Actor: "app-1", Key: r1, Op: &model.ReviewsOp{Kind: model.ReviewsGet, Key: r1}, Call: StoreCall(model.ReviewsGet), Clock: s.clock()})
			}},
		{"another call without one", "call-bounded: a-call-without-a-deadline/worker.status",
			func(s *script) {
				s.record(Record{Kind: CallBegan, Actor: "app-1", Key: r1, Call: CallWorkerStatus, Clock: s.clock()})
			}},
	} {
		if v, _ := played(t, test.bad); v == nil || v.Signature() != test.signature {
			t.Errorf("%s: %v has signature %q, want %q", test.name, v, v.Signature(), test.signature)
		}
	}
}

func TestStuckMessageSaysWhy(t *testing.T) {
	v, _ := played(t, func(s *script) {
		s.upTo(claimed, r1)
		s.record(Record{Kind: ProcessCrashed, Actor: "app-1"})
		s.end()
	})
	for _, part := range []string{"R1", "queued", "by app-1, which has crashed", "never dispatched"} {
		if !strings.Contains(v.Message, part) {
			t.Errorf("message %q lacks %q", v.Message, part)
		}
	}
}

// A monitor that is reused knows nothing of the run before.
func TestMonitorForgets(t *testing.T) {
	m := NewMonitor()
	for _, c := range propertyCases {
		bad := newScript()
		c.bad(bad)
		if v := bad.play(m); v == nil {
			t.Errorf("the bad history of %s (%s) passes", c.property, c.cause)
		}
		good := newScript()
		c.good(good)
		if v := good.play(m); v != nil {
			t.Errorf("after the bad history of %s (%s): %v", c.property, c.cause, v)
		}
	}
}

// A check that is declared for some calls sees records of each of its kinds: the calls are those that such records are
// about. That it is declared for enough of them is shown by the bad histories, which it would not see.
func TestDeclaredCallsCanHappen(t *testing.T) {
	ports := map[Kind][]Port{
		StoreExecuted: {PortStore}, StoreChanged: {PortStore}, JournalExecuted: {PortJournal},
		CallBegan:      {PortWorker, PortApp, PortAgent, PortPreparer, PortStore, PortJournal},
		CallEnded:      {PortWorker, PortApp, PortAgent, PortPreparer, PortStore, PortJournal},
		ClientAnswered: {PortApp, PortWorker}, ClientRefused: {PortApp, PortWorker}, ClientFailed: {PortApp, PortWorker},
	}
	declared := 0
	for p := range properties() {
		for _, w := range p.watches {
			for _, call := range w.only {
				declared++
				for _, kind := range w.kinds {
					if !slices.Contains(ports[kind], call.Port()) {
						t.Errorf("%s watches records of kind %d about %s: there are none", p.ID, kind, call)
					}
				}
			}
		}
	}
	if declared == 0 {
		t.Error("no check is declared for some calls alone")
	}
}
