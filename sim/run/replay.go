package run

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"

	"github.com/onceover/onceover/sim/kernel"
)

// ReplayFormat is the version of the replay file format that this package writes, and the newest that it reads.
const ReplayFormat = 1

// A Replay is one run written down: what decides it, and what it came to when it was recorded. As a file it is
// readable JSON:
//
//	{
//	  "format": 1,
//	  "seed": "17",
//	  "profile": "default",
//	  "overrides": [
//	    {"actor": "worker-1", "operation": "journal.save.fault", "occurrence": 3, "value": "0"}
//	  ],
//	  "properties": ["runs-once"],
//	  "signature": "runs-once second session",
//	  "trace_hash": "5cf2a1b0c3d4e5f6",
//	  "engine_version": "v1.0.0"
//	}
//
// Seed and values are strings, because they use all 64 bits: jq, JavaScript and whatever else keeps numbers as IEEE
// 754 doubles would round them above 2^53 without a word, and the file would then replay another run. Format, seed
// and profile are required, the rest may be left out.
//
// An override may stand for a class of decisions, as a [kernel.Override] does: the actor "*", an operation such as
// "*/process.crash", the occurrence "every".
type Replay struct {
	// Seed, Profile (by name) and Overrides decide the run.
	Seed      uint64
	Profile   string
	Overrides []kernel.Override
	// Properties are those that were watched, which decides where the run ends; empty for all.
	Properties []string
	// Signature is that of the violation that was found; empty for a run without.
	Signature string
	// TraceHash is the hash of the recorded run; 0 when nobody recorded it.
	TraceHash uint64
	// EngineVersion is what [EngineVersion] said when the run was recorded. A seed means the same run only to the
	// same version: another may draw other decisions.
	EngineVersion string
}

// NewReplay writes down a run: what was asked for, and what it came to.
func NewReplay(spec Spec, result Result) Replay {
	r := Replay{
		Seed:          spec.Seed,
		Profile:       spec.Profile,
		Overrides:     spec.Overrides,
		Properties:    spec.Properties,
		TraceHash:     result.Hash,
		EngineVersion: EngineVersion(),
	}
	if result.Violation != nil {
		r.Signature = result.Violation.Signature()
	}
	return r
}

// Spec returns what decides the run.
func (r *Replay) Spec() Spec {
	return Spec{Seed: r.Seed, Profile: r.Profile, Overrides: r.Overrides, Properties: r.Properties}
}

// A Recurrence says how a run relates to the one that was recorded.
type Recurrence uint8

const (
	// NothingExpected: no violation was recorded, and there is none.
	NothingExpected Recurrence = iota
	// StillThere: the violation that was recorded, by signature.
	StillThere
	// Gone: a violation was recorded, and there is none any more.
	Gone
	// Another: a violation, but not the one that was recorded.
	Another
)

// String returns the recurrence in words.
func (r Recurrence) String() string {
	switch r {
	case NothingExpected:
		return "nothing expected"
	case StillThere:
		return "still there"
	case Gone:
		return "gone"
	case Another:
		return "another"
	}
	return "Recurrence(" + strconv.Itoa(int(r)) + ")"
}

// Compare returns how the result of a run relates to the one that was recorded.
func (r *Replay) Compare(result Result) Recurrence {
	switch violated := result.Violated(); {
	case violated && result.Violation.Signature() == r.Signature:
		return StillThere
	case violated:
		return Another
	case r.Signature != "":
		return Gone
	}
	return NothingExpected
}

// MarshalJSON returns the content of a replay file on one line. What it is given is not checked.
func (r Replay) MarshalJSON() ([]byte, error) {
	var compact bytes.Buffer
	err := json.Compact(&compact, r.encode())
	return compact.Bytes(), err
}

// everyOccurrence is [kernel.Every] in a replay file.
const everyOccurrence = `"every"`

// encode returns the content of a replay file, one line per member and per override.
func (r *Replay) encode() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "{\n  \"format\": %d,\n  \"seed\": \"%d\",\n  \"profile\": %s,\n  \"overrides\": [",
		ReplayFormat, r.Seed, quote(r.Profile))
	for i, o := range r.Overrides {
		separator := ","
		if i == 0 {
			separator = ""
		}
		occurrence := strconv.FormatUint(uint64(o.Occurrence), 10)
		if o.Occurrence == kernel.Every {
			occurrence = everyOccurrence
		}
		fmt.Fprintf(&out, "%s\n    {\"actor\": %s, \"operation\": %s, \"occurrence\": %s, \"value\": \"%d\"}",
			separator, quote(o.Actor), quote(o.Operation), occurrence, o.Value)
	}
	if len(r.Overrides) > 0 {
		out.WriteString("\n  ")
	}
	out.WriteString("],\n")
	for i, id := range r.Properties {
		separator := ", "
		if i == 0 {
			separator = "  \"properties\": ["
		}
		fmt.Fprintf(&out, "%s%s", separator, quote(id))
	}
	if len(r.Properties) > 0 {
		out.WriteString("],\n")
	}
	fmt.Fprintf(&out, "  \"signature\": %s,\n  \"trace_hash\": \"%s\",\n  \"engine_version\": %s\n}\n",
		quote(r.Signature), FormatHash(r.TraceHash), quote(r.EngineVersion))
	return out.Bytes()
}

// quote returns text as a JSON string, with <, > and & as they are: these files are for people.
func quote(text string) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic(err) // a string always has a JSON form
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// FormatHash returns a trace hash as it is shown and stored: 16 hexadecimal digits.
func FormatHash(hash uint64) string { return fmt.Sprintf("%016x", hash) }

// WriteFile writes the replay file at path, as [WriteFile] does.
func (r *Replay) WriteFile(path string) error {
	if err := WriteFile(path, r.encode()); err != nil {
		return fmt.Errorf("write replay file %s: %w", path, err)
	}
	return nil
}

// EngineVersion returns the version of this module in the running program, as the build recorded it: a release, a
// pseudo-version with the commit, or "(devel)" where the build knows neither (go run, go test).
func EngineVersion() string {
	const module = "github.com/onceover/onceover"
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return "(devel)"
	}
	version := build.Main.Version
	if build.Main.Path != module {
		for _, dependency := range build.Deps {
			if dependency.Path == module {
				version = dependency.Version
			}
		}
	}
	if version == "" {
		return "(devel)"
	}
	return version
}

// WriteFile writes a file for everybody to read at path, whose directory must exist. It is written elsewhere in that
// directory and then renamed, so that path never holds half a file, whoever is killed when.
func WriteFile(path string, content []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	_, err = file.Write(content)
	if err == nil {
		err = file.Chmod(0o644) // temporary files are made for their owner only, and this one is made to be shared
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	return err
}
