package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/onceover/onceover/cmd/onceover/internal/mutants"
	"github.com/onceover/onceover/sim/run"
)

func TestPrintMutants(t *testing.T) {
	killed := mutants.Result{Mutant: &mutants.Mutant{File: "engine/a.go", Function: "A", Operator: "drop-call", Before: "a()"}, Fate: mutants.Killed, By: "runs-once", Profile: "default", Seed: 7, Seeds: 7}
	survivor := mutants.Result{Mutant: &mutants.Mutant{File: "engine/b.go", Function: "B", Operator: "drop-call", Before: "b()"}, Fate: mutants.Survived, Seeds: 20}
	stages := mutants.Stages(20)
	for _, test := range []struct {
		name    string
		results []mutants.Result
		json    bool
		verdict run.Verdict
		want    string
	}{
		{"all killed", []mutants.Result{killed}, false, run.Pass, "1 mutants, each against at most these seeds: 2 of calm, then 9 of default, then 9 of storm\n"},
		{"a survivor", []mutants.Result{killed, survivor}, false, run.Violated, "\nSurvived, and not in " + mutants.EquivalentsFile + ":\n\n  engine/b.go:0  B  drop-call\n    b() → nothing\n"},
		{"for machines", []mutants.Result{killed, survivor}, true, run.Violated, `"survivors":["engine/b.go B drop-call: b() → nothing"]`},
	} {
		p := newPrinted(t)
		c := mutantsCommand{app: p.app, json: test.json}
		err := c.print(mutants.NewReport(stages, nil, test.results, len(test.results), nil, nil))
		var verdict verdictError
		if errors.As(err, &verdict) != (test.verdict != run.Pass) || run.Verdict(verdict) != test.verdict {
			t.Errorf("%s: error %v, want the verdict %s", test.name, err, test.verdict)
		}
		if !strings.Contains(p.out(), test.want) || p.err() != "" || test.json != json.Valid([]byte(p.out())) {
			t.Errorf("%s: no %q in\n%s%s", test.name, test.want, p.out(), p.err())
		}
	}
	p := newPrinted(t)
	c := mutantsCommand{app: p.app}
	if err := c.printList([]mutants.Mutant{*killed.Mutant, *survivor.Mutant}); err != nil || p.out() != "engine/a.go A drop-call: a() → nothing\nengine/b.go B drop-call: b() → nothing\n" {
		t.Errorf("listed as %s (%v)", p.out(), err)
	}
}

func TestProgressOfMutants(t *testing.T) {
	p := mutantsProgress{of: 5}
	for _, fate := range []mutants.Fate{mutants.Killed, mutants.Blinded, mutants.RanAway, mutants.NotCompiled, mutants.Survived} {
		p.count(fate)
	}
	if part, line := p.line(); part != 1 || line != " 5 of 5 mutants: 3 killed, 1 not" {
		t.Errorf("%v %q", part, line)
	}
	if part, line := (&mutantsProgress{}).line(); part != 0 || line != " 0 of 0 mutants: 0 killed, 0 not" {
		t.Errorf("of nothing: %v %q", part, line)
	}
}

func TestChoiceOfMutants(t *testing.T) {
	for _, test := range []struct {
		scope, pattern string
		want           string
	}{
		{"core", "", "engine drop-call, engine drop-key, store drop-call"},
		{"outside", "", "live drop-call"},
		{"live", "key", ""},
		{"sql", "", "sql drop-lock"},
		{"store", "", "store drop-call"},
		{"core", "drop-(call|fence)", "engine drop-call, store drop-call"},
		{"engine", "key$", "engine drop-key"},
		{"engine", "^nothing$", ""},
	} {
		var scope scopeFlag
		var only patternFlag
		if err := errors.Join(scope.Set(test.scope), only.Set(test.pattern)); err != nil {
			t.Fatal(err)
		}
		var chosen []string
		for _, m := range []struct{ scope, id string }{{"engine", "drop-call"}, {"engine", "drop-key"}, {"store", "drop-call"}, {"live", "drop-call"}, {"sql", "drop-lock"}} {
			if scope.covers(m.scope) && only.matches(m.id) {
				chosen = append(chosen, m.scope+" "+m.id)
			}
		}
		if got := strings.Join(chosen, ", "); got != test.want {
			t.Errorf("--scope %s --only %q chooses %s, want %s", test.scope, test.pattern, got, test.want)
		}
	}
	if (&patternFlag{}).String() != "" || !(&patternFlag{}).matches("anything") {
		t.Error("no pattern does not match everything")
	}
}
