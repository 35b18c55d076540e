package certify

import (
	"encoding/json"
	"testing"

	"github.com/onceover/onceover/sim/run"
)

// TestCertificateText pins the text of a certificate, and the text that takes its place after a failure.
func TestCertificateText(t *testing.T) {
	whole := Certificate{
		Server: "PostgreSQL 18.1 by docker: image postgres:18-alpine",
		Seeds: []SeedsReport{
			{Profile: "default", From: 1, Seeds: 200, Equal: 200, Operations: 62_841, TraceHash: "8b7ad41eadb5c0de"},
			{Profile: "storm", From: 1, Seeds: 200, Equal: 200, Operations: 68_212, TraceHash: "cafe41eadb5c0de8"},
		},
		Races: RacesReport{
			Scenarios: make([]ScenarioCount, 13),
			RaceCount: RaceCount{Rounds: 390, Operations: 4816, Ambiguous: 131, Concurrent: 388},
		},
		Cuts: CutsReport{Methods: 26, Cases: 72, Messages: 1856, Cuts: 6358, Before: 1886, After: 1097, Unchanged: 3375},
	}
	violated := Certificate{
		Server: "PostgreSQL 18.1 by docker: image postgres:18-alpine",
		Seeds: []SeedsReport{{
			Profile: "default", From: 1, Seeds: 7, Equal: 6, Operations: 2100, TraceHash: "8b7ad41eadb5c0de",
			Verdict: run.Violated,
			Failures: []run.Result{
				{Seed: 7, Violation: &run.Violation{Message: "claim a/1 was answered token 2, by the model stale"}},
			},
		}},
		Verdict: run.Violated,
	}
	for _, test := range []struct {
		name string
		c    *Certificate
		want string
	}{
		{"whole", &whole, `certificate: the Postgres store does what the simulated store does

  server  PostgreSQL 18.1 by docker: image postgres:18-alpine
  seeds   200 of default, from 1: 200 the same as on the model, with 62,841 operations; trace hash 8b7ad41eadb5c0de
  seeds   200 of storm, from 1: 200 the same as on the model, with 68,212 operations; trace hash cafe41eadb5c0de8
  races   13 scenarios, 390 rounds, 4,816 operations, 131 of them ambiguous; operations overlapped in 388 rounds
  cuts    26 methods in 72 cases, 1,856 messages; of 6,358 cuts, 1,886 left the state before, 1,097 the state after, 3,375 had nothing to change
`},
		{"violated", &violated, `no certificate: violated

  server  PostgreSQL 18.1 by docker: image postgres:18-alpine
  seeds   7 of default, from 1: 6 the same as on the model, with 2,100 operations; trace hash 8b7ad41eadb5c0de

seed 7 of default: claim a/1 was answered token 2, by the model stale
`},
	} {
		if got := test.c.String(); got != test.want {
			t.Errorf("%s: the text is\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}

// TestCertificateJSON pins the names that machines read.
func TestCertificateJSON(t *testing.T) {
	c := Certificate{
		Server: "PostgreSQL 18.1", Found: "docker",
		Seeds: []SeedsReport{{Profile: "calm", From: 1 << 63, Seeds: 2, Equal: 1, Operations: 3, TraceHash: "8b7a", Verdict: run.Violated}},
		Races: RacesReport{
			Scenarios: []ScenarioCount{{"any-reviews", RaceCount{1, 2, 3, 4}}}, RaceCount: RaceCount{5, 6, 7, 8}, Failure: &RaceFailure{},
		},
		Cuts: CutsReport{
			Methods: 1, Cases: 2, Messages: 3, Cuts: 4, Before: 5, After: 6, Unchanged: 7,
			Succeeded: 8, Rejected: 9, Ambiguous: 10, Other: 11, Failures: make([]CutFailure, 1),
		},
		Verdict: run.Unknown,
	}
	const want = `{"server":"PostgreSQL 18.1","found":"docker",` +
		`"seeds":[{"profile":"calm","from":"9223372036854775808","seeds":2,"equal":1,"operations":3,"trace_hash":"8b7a"}],` +
		`"races":{"scenarios":[{"scenario":"any-reviews","rounds":1,"operations":2,"ambiguous":3,"concurrent":4}],` +
		`"rounds":5,"operations":6,"ambiguous":7,"concurrent":8},` +
		`"cuts":{"methods":1,"cases":2,"messages":3,"cuts":4,"before":5,"after":6,"unchanged":7,"succeeded":8,"rejected":9,"ambiguous":10,"other":11},"verdict":"unknown"}`
	if got, err := json.Marshal(&c); err != nil || string(got) != want {
		t.Errorf("%s (%v), want\n%s", got, err, want)
	}
}
