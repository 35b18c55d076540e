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
	cause    Cause
	good     func(*script)
	bad      func(*script)
	also     []string // other properties that the bad history contradicts
}

var propertyCases = slices.Concat(
	reviewCases, sessionCases, slotCases, dispatchCases, journalCases, leaseCases,
	eventCases, answerCases, callCases, shutdownCases, progressCases,
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
			v, _ := played(t, c.bad)
			if v == nil || v.Property != c.property || v.Cause != c.cause {
				t.Fatalf("the bad history contradicts %v; want %s: %s", v, c.property, c.cause)
			}
			if v.Message == "" || v.Signature() != c.property+": "+string(c.cause) {
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

func TestStuckMessageSaysWhy(t *testing.T) {
	v, _ := played(t, func(s *script) {
		s.upTo(claimed, r1)
		s.record(Record{Kind: ProcessCrashed, Actor: "app-1"})
		s.end()
	})
	for _, part := range []string{"R1", "queued", "claim 1 of app-1 (crashed)", "never heard of attempt 1"} {
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
