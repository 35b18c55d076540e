package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/onceover/onceover/sim/certify"
	"github.com/onceover/onceover/sim/run"
)

// TestPrintCertificate prints a violated certificate, for people and as JSON: it names the command that shows the failure
// again.
func TestPrintCertificate(t *testing.T) {
	c := &certify.Certificate{
		Server: "PostgreSQL 18.1", Found: "docker", Verdict: run.Violated,
		Seeds: []certify.SeedsReport{{
			Profile: "storm", From: 1, Seeds: 7, Equal: 6, Verdict: run.Violated,
			Failures: []run.Result{{Seed: 7, Violation: &run.Violation{Message: "another answer"}}},
		}},
	}
	const why = "seed 7 of storm: another answer\nsee onceover replay 7 --profile storm --store postgres\n"
	for _, test := range []struct {
		name           string
		json           bool
		stdout, stderr string // what they contain
	}{
		{"for people", false, "no certificate: violated\n\n  server  PostgreSQL 18.1\n", ""},
		{"as JSON", true, `{"server":"PostgreSQL 18.1","found":"docker",`, why},
	} {
		t.Run(test.name, func(t *testing.T) {
			stdout, stderr := outputFile(t), outputFile(t)
			command := certifyCommand{app: &app{stdout: stdout, stderr: stderr}, json: test.json}
			err := command.print(c)
			var verdict verdictError
			if !errors.As(err, &verdict) || run.Verdict(verdict) != run.Violated {
				t.Errorf("the error is %v", err)
			}
			printed, reported := content(t, stdout), content(t, stderr)
			if !strings.HasPrefix(printed, test.stdout) || test.json == strings.HasSuffix(printed, "\n"+why) {
				t.Errorf("standard output is %s", printed)
			}
			if !strings.HasPrefix(reported, test.stderr) || (reported == "") == test.json {
				t.Errorf("standard error is %s", reported)
			}
		})
	}
}
