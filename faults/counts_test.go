package faults

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCounts(t *testing.T) {
	var run, campaign Counts
	run[NetworkDelay] += 3
	run[ClockJump]++
	campaign.Add(&run)
	campaign.Add(&run)
	if campaign[NetworkDelay] != 6 || campaign[ClockJump] != 2 || campaign.Total() != 8 || run.Total() != 4 {
		t.Errorf("got %v", campaign)
	}
}

func TestCountsTable(t *testing.T) {
	var c Counts
	c[ProcessCrash], c[ClockJump] = 7, 12345
	lines := strings.Split(strings.TrimSuffix(c.String(), "\n"), "\n")
	if len(lines) != Count+1 {
		t.Fatalf("%d lines", len(lines))
	}
	for i, line := range lines {
		if len(line) != len(lines[0]) {
			t.Errorf("line %q is not aligned", line)
		}
		if i < Count && !strings.HasPrefix(line, Kind(i).String()+" ") {
			t.Errorf("line %d is %q", i, line)
		}
	}
	for i, want := range map[int]string{
		0:         "process.crash                      7",
		1:         "process.crash-loop                 0",
		Count - 1: "clock.jump                     12345",
		Count:     "total                          12352",
	} {
		if lines[i] != want {
			t.Errorf("line %d\ngot  %q\nwant %q", i, lines[i], want)
		}
	}
}

func TestCountsJSON(t *testing.T) {
	data, err := json.Marshal(struct{ Faults Counts }{})
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for k := range Kind(Count) {
		i := strings.Index(string(data), `"`+k.String()+`":0`)
		if i <= at {
			t.Fatalf("%s is missing or out of order in %s", k, data)
		}
		at = i
	}
	rapid.Check(t, func(t *rapid.T) {
		var c, back Counts
		for k := range c {
			c[k] = rapid.OneOf(rapid.Uint64(), rapid.SampledFrom([]uint64{0, math.MaxUint64})).Draw(t, "count")
			back[k] = 1
		}
		data, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &back); err != nil || back != c {
			t.Fatalf("%s: %v, %v", data, back, err)
		}
	})
}

func TestCountsJSONErrors(t *testing.T) {
	for _, test := range []struct{ name, given, wantIn string }{
		{"unknown kind", `{"disk.full":1}`, `unknown fault kind "disk.full"`},
		{"fraction", `{"clock.jump":1.5}`, "count of clock.jump is 1.5: allowed is a whole number from 0"},
		{"negative", `{"clock.jump":-1}`, "count of clock.jump is -1"},
		{"null count", `{"clock.jump":null}`, "count of clock.jump is null"},
		{"twice", `{"clock.jump":1,"clock.jump":1}`, "named twice"},
		{"text", `"many"`, `allowed is an object like {"network.delay":3}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := Counts{5}
			err := json.Unmarshal([]byte(test.given), &c)
			if err == nil || !strings.Contains(err.Error(), test.wantIn) {
				t.Errorf("got %v, want %s", err, test.wantIn)
			}
			if c != (Counts{5}) {
				t.Errorf("the counts became %v", c)
			}
		})
	}
}
