package main

import (
	"testing"

	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/sim/certify"
)

// What a certificate says, and what stands in the place of one.
func TestCertificateText(t *testing.T) {
	whole := certifying{certificate: certificate{
		Server: "PostgreSQL 18.1 by docker: image postgres:18-alpine",
		Seeds: []certifiedSeeds{
			{Profile: "default", From: 1, Seeds: 200, Equal: 200, Operations: 62_841, TraceHash: "8b7ad41eadb5c0de"},
			{Profile: "storm", From: 1, Seeds: 200, Equal: 200, Operations: 68_212, TraceHash: "cafe41eadb5c0de8"},
		},
		Contention: certifiedContention{Scenarios: make([]certify.RaceCount, 13), Rounds: 390, Operations: 4816, Ambiguous: 131, Concurrent: 388},
		Wire:       certifiedWire{Operations: 26, Cases: 72, Messages: 1856, Cuts: 6358, Before: 1886, After: 1097, Unchanged: 3375},
	}}
	parted := certifying{
		certificate: certificate{
			Server: "PostgreSQL 18.1 by docker: image postgres:18-alpine",
			Seeds:  []certifiedSeeds{{Profile: "default", From: 1, Seeds: 7, Equal: 6, Operations: 2100, TraceHash: "8b7ad41eadb5c0de"}},
		},
		verdict: run.Violated, difference: "seed 7 of default: claim a/1 was answered token 2, by the model stale\n",
	}
	for _, test := range []struct {
		name string
		c    *certifying
		want string
	}{
		{"whole", &whole, `certificate: the Postgres store is the one that is simulated

  server      PostgreSQL 18.1 by docker: image postgres:18-alpine
  seeds       200 of default, from 1: 200 as on the model, with 62,841 operations; trace hash 8b7ad41eadb5c0de
  seeds       200 of storm, from 1: 200 as on the model, with 68,212 operations; trace hash cafe41eadb5c0de8
  contention  13 scenarios, 390 rounds, 4,816 operations, 131 of them ambiguous; operations overlapped in 388 rounds
  wire        26 operations in 72 cases, 1,856 messages; of 6,358 cuts, 1,886 left the state before, 1,097 the one after, 3,375 had nothing to change
`},
		{"none", &parted, `no certificate: violated

  server      PostgreSQL 18.1 by docker: image postgres:18-alpine
  seeds       7 of default, from 1: 6 as on the model, with 2,100 operations; trace hash 8b7ad41eadb5c0de

seed 7 of default: claim a/1 was answered token 2, by the model stale
`},
	} {
		if got := test.c.String(); got != test.want {
			t.Errorf("%s: told as\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}
