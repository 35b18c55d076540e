package nightly

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestFilesThatAreRefused(t *testing.T) {
	known := func(content string) error { _, err := ParseKnown([]byte(content)); return err }
	result := func(content string) error { _, err := ParseResult([]byte(content)); return err }
	for _, test := range []struct {
		name    string
		parse   func(string) error
		content string
		refused string
	}{
		{"empty", known, ``, "is no file of known failures"},
		{"list", known, `[]`, "is no file of known failures"},
		{"no format", known, `{"failures": []}`, `"format" is missing`},
		{"newer", known, `{"format": 2, "failures": {}}`, `"format" is 2, newer than the 1 that this onceover reads: update onceover`},
		{"older", known, `{"format": 0}`, `"format" is 0: allowed is 1`},
		{"unknown member", known, `{"format": 1, "failure": []}`, `unknown field "failure"`},
		{"more", known, `{"format": 1} {}`, "is no file of known failures"},
		{"no signature", known, `{"format": 1, "failures": [{"state": "new"}]}`, `signature "" is none`},
		{"twice", known, `{"format": 1, "failures": [{"signature": "a: b", "state": "new"}, {"signature": "a: b", "state": "new"}]}`, "stands twice"},
		{"state", known, `{"format": 1, "failures": [{"signature": "a: b", "state": "open"}]}`, `the state of failure "a: b" is "open": allowed are "new", `},
		{"runs", known, `{"format": 1, "failures": [{"signature": "a: b", "state": "new", "first_run": 2, "last_run": 1}]}`, "the first not after the last"},
		{"replay elsewhere", known, `{"format": 1, "failures": [{"signature": "a: b", "state": "new", "replay": "../x.json"}]}`, "a file in the same directory"},
		{"shard", result, `{"format": 1, "run": 1, "shard": "5/4"}`, `"5/4" is no shard`},
		{"no shard", result, `{"format": 1, "run": 1}`, `it needs "run" from 0 to`},
		{"run", result, `{"format": 1, "run": 9007199254740992, "shard": "1/1"}`, `it needs "run" from 0 to`},
		{"profile", result, `{"format": 1, "run": 1, "shard": "1/1", "profiles": [{"profile": "wild"}]}`, "unknown fault profile"},
		{"goal", result, `{"format": 1, "run": 1, "shard": "1/1", "profiles": [{"profile": "calm", "goals": {"over-http": -1}}]}`, "over-http is -1: allowed is a whole number from 0"},
		{"signature", result, `{"format": 1, "run": 1, "shard": "1/1", "failures": [{"property": "a", "signature": "b: c"}]}`, `signature "b: c" is none of property "a"`},
		{"file elsewhere", result, `{"format": 1, "run": 1, "shard": "1/1", "failures": [{"property": "a", "signature": "a: c", "files": {"page": "/etc/passwd"}}]}`, "no name of a file beside"},
	} {
		t.Run(test.name, func(t *testing.T) { expect(t, test.parse(test.content), test.refused) })
	}
}

func FuzzParseKnown(f *testing.F) {
	f.Add([]byte(`{"format": 1, "failures": [{"signature": "runs-once: twice", "state": "came back", "first_run": 1, "last_run": 2, "replay": "a.json", "note": "n"}]}`))
	f.Add([]byte(`{"format": 1, "failures": null}`))
	f.Add([]byte(`{"format": 9}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		k, err := ParseKnown(content)
		if err != nil {
			expect(t, err, err.Error()) // one line
			return
		}
		written, err := json.Marshal(k)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ParseKnown(written); err != nil || !reflect.DeepEqual(again, k) {
			t.Errorf("%s is written as %s (%v)", content, written, err)
		}
	})
}

func FuzzParseResult(f *testing.F) {
	for _, left := range badNight() {
		content, err := json.Marshal(left.Result)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Add([]byte(`{"format": 1, "run": 1, "shard": "1/1", "profiles": [{"profile": "calm", "wall_seconds": 1e308, "seeds": 18446744073709551615}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		r, err := ParseResult(content)
		if err != nil {
			expect(t, err, err.Error()) // one line
			return
		}
		// A result that was accepted can be reported.
		report, err := Merge([]Left{{"out", r}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := report.JUnit(); err != nil {
			t.Errorf("%s has no JUnit XML: %v", content, err)
		}
		_ = report.Markdown(MarkdownStyle{})
	})
}
