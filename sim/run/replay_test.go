package run

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/onceover/onceover/sim/kernel"
)

// words is the vocabulary of a world.
var words = &Vocabulary{
	Profiles:   []Term{{Name: "calm"}, {Name: "default"}, {Name: "storm"}},
	Properties: []Term{{Name: "runs-once"}, {Name: "no-stuck"}, {Name: "usage-exact"}},
}

func anyReplay(t *rapid.T) Replay {
	overrides := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) kernel.Override {
		return kernel.Override{
			Key: kernel.Key{
				Actor:      rapid.String().Draw(t, "actor"),
				Operation:  rapid.String().Draw(t, "operation"),
				Occurrence: rapid.OneOf(rapid.Uint32(), rapid.Just(kernel.Every)).Draw(t, "occurrence"),
			},
			Value: rapid.Uint64().Draw(t, "value"),
		}
	}), 0, 8, func(o kernel.Override) kernel.Key { return o.Key }).Draw(t, "overrides")
	return Replay{
		Seed:          rapid.Uint64().Draw(t, "seed"),
		Profile:       rapid.SampledFrom(words.Profiles).Draw(t, "profile").Name,
		Overrides:     overrides,
		Properties:    anyProperties(t),
		Signature:     rapid.String().Draw(t, "signature"),
		TraceHash:     rapid.Uint64().Draw(t, "hash"),
		EngineVersion: rapid.String().Draw(t, "version"),
	}
}

func anyProperties(t *rapid.T) []string {
	var ids []string
	for _, p := range words.Properties {
		if rapid.Bool().Draw(t, p.Name) {
			ids = append(ids, p.Name)
		}
	}
	return ids
}

func TestReplayFileRoundTrip(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		want := anyReplay(t)
		path := filepath.Join(dir, "replay.json")
		if err := want.WriteFile(path); err != nil {
			t.Fatal(err)
		}
		got, err := ReadReplay(path, words)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("read %+v, wrote %+v", got, want)
		}
		// The same through package json, as part of a larger value.
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var again Replay
		if err := json.Unmarshal(data, &again); err != nil || !reflect.DeepEqual(again, want) {
			t.Fatalf("unmarshalled %+v (%v), marshalled %+v", again, err, want)
		}
	})
}

func TestReplayFileIsReadable(t *testing.T) {
	r := Replay{
		Seed: 1<<64 - 1, Profile: "storm", Signature: `runs-once a -> b`, TraceHash: 0xabc, EngineVersion: "v1.2.3",
		Overrides: []kernel.Override{
			{Key: kernel.Key{Actor: "worker-1", Operation: "journal.save", Occurrence: 3}},
			{Key: kernel.Key{Actor: "app-2", Operation: "db.claim"}, Value: 1 << 63},
			{Key: kernel.Key{Actor: kernel.AnyActor, Operation: "*/process.crash", Occurrence: kernel.Every}},
		},
	}
	const want = `{
  "format": 1,
  "seed": "18446744073709551615",
  "profile": "storm",
  "overrides": [
    {"actor": "worker-1", "operation": "journal.save", "occurrence": 3, "value": "0"},
    {"actor": "app-2", "operation": "db.claim", "occurrence": 0, "value": "9223372036854775808"},
    {"actor": "*", "operation": "*/process.crash", "occurrence": "every", "value": "0"}
  ],
  "signature": "runs-once a -> b",
  "trace_hash": "0000000000000abc",
  "engine_version": "v1.2.3"
}
`
	path := filepath.Join(t.TempDir(), "replay.json")
	if err := r.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("wrote\n%s\nwant\n%s", got, want)
	}
}

// A replay file lists its properties on one line, unless it has all.
func TestReplayFileNamesItsProperties(t *testing.T) {
	r := Replay{Profile: "calm", Properties: []string{"runs-once", "no-stuck"}}
	const want = "  \"overrides\": [],\n  \"properties\": [\"runs-once\", \"no-stuck\"],\n  \"signature\": "
	if got := string(r.encode()); !strings.Contains(got, want) {
		t.Errorf("wrote\n%s\nwant in it\n%s", got, want)
	}
	if spec := r.Spec(); !slices.Equal(spec.Properties, r.Properties) {
		t.Errorf("spec %+v", spec)
	}
}

func TestReplayFileIsWrittenAtomically(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(path, "by a directory"), 0o755); err != nil {
		t.Fatal(err)
	}
	r := Replay{Profile: "calm"}
	err := r.WriteFile(path)
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that names %s", err, path)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("the directory has %v (%v), want only the old entry", left, err)
	}
	if err := r.WriteFile(filepath.Join(dir, "missing", "replay.json")); err == nil {
		t.Error("no error for a directory that does not exist")
	}
}

func TestParseReplayRefuses(t *testing.T) {
	for _, test := range []struct{ name, file, want string }{
		{"empty", ``, "is empty"},
		{"text", `hello`, "not valid JSON: invalid character 'h'"},
		{"binary", "\x00\x01", "not valid JSON"},
		{"list", `[1]`, "[1] is not a JSON object"},
		{"null", `null`, "null is not a JSON object"},
		{"cut off", `{"format":1,"seed":"1"`, "not valid JSON: ends too early"},
		{"cut off in a value", `{"format":1,"seed":"1`, "not valid JSON: ends too early"},
		{"trailing", `{"format":1,"seed":"1","profile":"calm"}{}`, "more data follows"},
		{"no format", `{"seed":"1","profile":"calm"}`, `"format" is missing`},
		{"newer format", `{"format":2,"seeds":["1"]}`, `"format" is 2, newer than the 1 that this onceover reads: update onceover`},
		{"format 0", `{"format":0}`, `"format" is 0: allowed is a whole number from 1 to 1`},
		{"format in words", `{"format":"one"}`, `"format" is "one": allowed`},
		{"no seed", `{"format":1,"profile":"calm"}`, `"seed" is missing`},
		{"seed as a number", `{"format":1,"seed":12345678901234567890,"profile":"calm"}`, `"seed": 12345678901234567890 is a number: write it as a string, "12345678901234567890"`},
		{"negative seed", `{"format":1,"seed":"-1","profile":"calm"}`, `"seed": "-1" is not a seed: allowed are 0 to 18446744073709551615`},
		{"seed too large", `{"format":1,"seed":"18446744073709551616","profile":"calm"}`, `"seed": 18446744073709551616 is too large`},
		{"seed null", `{"format":1,"seed":null,"profile":"calm"}`, `"seed": null is not a string`},
		{"no profile", `{"format":1,"seed":"1"}`, `"profile" is missing`},
		{"unknown profile", `{"format":1,"seed":"1","profile":"wild"}`, `"wild"`},
		{"unknown field", `{"format":1,"seed":"1","profile":"calm","sede":"2"}`, `unknown field "sede": allowed are format, seed`},
		{"other case", `{"format":1,"Seed":"1","profile":"calm"}`, `"seed" is missing`},
		{"twice", `{"format":1,"seed":"1","profile":"calm","seed":"2"}`, `"seed" is given twice`},
		{"properties in words", `{"format":1,"seed":"1","profile":"calm","properties":"all"}`, `"properties": "all" is not a list of properties: leave it out to watch all`},
		{"no properties", `{"format":1,"seed":"1","profile":"calm","properties":[]}`, `[] is not a list of properties`},
		{"property number", `{"format":1,"seed":"1","profile":"calm","properties":[1]}`, `"properties": 1 is not a string`},
		{"unknown property", `{"format":1,"seed":"1","profile":"calm","properties":["luck"]}`, `"luck" is not a property of this world`},
		{"property twice", `{"format":1,"seed":"1","profile":"calm","properties":["no-stuck","no-stuck"]}`, `"no-stuck" is given twice`},
		{"short hash", `{"format":1,"seed":"1","profile":"calm","trace_hash":"abc"}`, `"trace_hash": "abc" is not a hash: allowed are 16 hexadecimal digits`},
		{"hash with sign", `{"format":1,"seed":"1","profile":"calm","trace_hash":"+00000000000000a"}`, `is not a hash`},
		{"hash as a number", `{"format":1,"seed":"1","profile":"calm","trace_hash":7}`, `"trace_hash": 7 is not a string`},
		{"signature list", `{"format":1,"seed":"1","profile":"calm","signature":[]}`, `"signature": [] is not a string`},
		{"overrides object", `{"format":1,"seed":"1","profile":"calm","overrides":{}}`, `"overrides": {} is not a list`},
		{"override without value", `{"format":1,"seed":"1","profile":"calm","overrides":[{"actor":"a","operation":"o","occurrence":0}]}`, `"overrides": element 1: "value" is missing`},
		{"override unknown field", `{"format":1,"seed":"1","profile":"calm","overrides":[{"actor":"a","operation":"o","occurrence":0,"value":"0","why":1}]}`, `element 1: unknown field "why"`},
		{"override value number", `{"format":1,"seed":"1","profile":"calm","overrides":[{"actor":"a","operation":"o","occurrence":0,"value":0}]}`, `element 1: "value": 0 is a number`},
		{"negative occurrence", `{"format":1,"seed":"1","profile":"calm","overrides":[{"actor":"a","operation":"o","occurrence":-1,"value":"0"}]}`, `element 1: "occurrence": -1 is not an occurrence`},
		{"override twice", `{"format":1,"seed":"1","profile":"calm","overrides":[{"actor":"a","operation":"o","occurrence":0,"value":"0"},{"actor":"a","operation":"o","occurrence":0,"value":"1"}]}`, `element 2: a o #0 is overridden twice`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := parseReplay([]byte(test.file), words)
			if err == nil {
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q does not contain %q", err, test.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q has more than one line", err)
			}
		})
	}
}

func TestParseReplayMadeByHand(t *testing.T) {
	got, err := parseReplay([]byte(`{"profile":"calm","seed":"0xFF","format":1}`), words)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Replay{Seed: 255, Profile: "calm"}); !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v, want %+v", got, want)
	}
	if spec := got.Spec(); spec.Seed != 255 || spec.Profile != "calm" {
		t.Errorf("spec %+v", spec)
	}
}

func TestCompare(t *testing.T) {
	violated := func(cause string) Result {
		return Result{Verdict: Violated, Violation: &Violation{Cause: cause}}
	}
	signature := violated("one").Violation.Signature()
	for _, test := range []struct {
		name     string
		recorded string
		result   Result
		want     Recurrence
	}{
		{"the same", signature, violated("one"), StillThere},
		{"another", signature, violated("two"), Another},
		{"none recorded", "", violated("one"), Another},
		{"gone", signature, Result{Verdict: Pass}, Gone},
		{"gone, but unknown", signature, Result{Verdict: Unknown}, Gone},
		{"none in both", "", Result{Verdict: Pass}, NothingExpected},
	} {
		r := Replay{Signature: test.recorded}
		if got := r.Compare(test.result); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestParseSeed(t *testing.T) {
	for text, want := range map[string]uint64{
		"0": 0, "17": 17, "0x11": 17, "0XfF": 255, "18446744073709551615": 1<<64 - 1, "0xffffffffffffffff": 1<<64 - 1, "007": 7,
	} {
		if got, err := ParseSeed(text); err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-1", "+1", "1e3", "0x", "1_000", "ff", "18446744073709551616", "0x10000000000000000", " 1"} {
		if got, err := ParseSeed(text); err == nil {
			t.Errorf("%q: %d, want an error", text, got)
		}
	}
}

func FuzzParseReplay(f *testing.F) {
	f.Add([]byte(`{"format":1,"seed":"17","profile":"default"}`))
	f.Add([]byte(`{"format":1,"seed":"0x11","profile":"calm","overrides":[{"actor":"a","operation":"o","occurrence":0,"value":"9"}],"signature":"s","trace_hash":"0123456789abcdef","engine_version":"v1"}`))
	f.Add([]byte(`{"format":1,"seed":"1","profile":"calm","properties":["runs-once","no-stuck"]}`))
	f.Add([]byte(`{"format":2}`))
	f.Add([]byte(`{"format":1,"format":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := parseReplay(data, nil)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q has more than one line", err)
			}
			return
		}
		again, err := parseReplay(r.encode(), nil)
		if err != nil {
			t.Fatalf("the written result cannot be read: %v", err)
		}
		if again.Overrides == nil {
			again.Overrides = []kernel.Override{}
		}
		if r.Overrides == nil {
			r.Overrides = []kernel.Override{}
		}
		if !reflect.DeepEqual(again, r) {
			t.Errorf("read %+v, then %+v", r, again)
		}
	})
}
