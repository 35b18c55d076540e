package run

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/onceover/onceover/sim/kernel"
)

// replayFormat is the version of the replay file format that this package writes, and the newest that it reads.
const replayFormat = 1

// A Replay records one run: what decides it, and its result. A replay file is readable JSON:
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
// A run of an engine with a bug also has "bug" and "patch", as in [Bug].
//
// The seed and the values are strings, because they use all 64 bits. Programs that keep numbers as IEEE 754 doubles,
// such as jq and JavaScript, silently round numbers above 2^53, and the file would replay another run. Format, seed and
// profile are required; the rest may be left out.
//
// An override may stand for a class of decisions, as a [kernel.Override] does: with the actor "*", an operation such as
// "*/process.crash", or the occurrence "every".
type Replay struct {
	// Seed, Profile (a name) and Overrides decide the run.
	Seed      uint64
	Profile   string
	Overrides []kernel.Override
	// Properties are the identifiers of the properties that were watched; empty for all. They decide where the run
	// ends.
	Properties []string
	// Signature is the signature of the violation; empty for a run without one.
	Signature string
	// TraceHash is the trace hash of the run; 0 if it was not recorded.
	TraceHash uint64
	// EngineVersion is the version that recorded the run, as [EngineVersion] returns it. A seed gives the same run only
	// in the same version, because another version may make other decisions.
	EngineVersion string
	// Bug is what the engine that recorded the run was broken with; the zero value for the engine as it is.
	Bug Bug
}

// A Bug is what an engine was broken with, to show that the simulation finds it.
type Bug struct {
	Name  string // identifier in a catalogue, or path of a patch; empty for none
	Patch string // hash of what was changed
}

// NewReplay returns the record of a run with its specification and result, on an engine as it is.
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

// Spec returns the specification of the run.
func (r *Replay) Spec() Spec {
	return Spec{Seed: r.Seed, Profile: r.Profile, Overrides: r.Overrides, Properties: r.Properties}
}

// SameEngine reports whether this program, with an engine that is broken with a bug, is the one that recorded the run, as far
// as the record says which that was.
func (r *Replay) SameEngine(here Bug) bool {
	if r.EngineVersion == "" && r.Bug == (Bug{}) {
		return true // made by hand
	}
	return r.Bug == here && (r.EngineVersion == "" || r.EngineVersion == EngineVersion())
}

// A Recurrence is the result of comparing a run with a recorded one.
type Recurrence uint8

const (
	// NothingExpected means that neither run has a violation.
	NothingExpected Recurrence = iota
	// StillThere means that the run has the recorded violation, by signature.
	StillThere
	// Gone means that the recorded run has a violation and this one has none.
	Gone
	// Another means that the run has a violation that is not the recorded one.
	Another
)

// String returns the recurrence in a word or two.
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

// Compare compares the result of a run with the recorded one.
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

// MarshalJSON returns the content of a replay file on one line. It does not validate the fields.
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
		replayFormat, r.Seed, quote(r.Profile))
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
	fmt.Fprintf(&out, "  \"signature\": %s,\n  \"trace_hash\": \"%s\",\n  \"engine_version\": %s",
		quote(r.Signature), FormatHash(r.TraceHash), quote(r.EngineVersion))
	if r.Bug != (Bug{}) {
		fmt.Fprintf(&out, ",\n  \"bug\": %s,\n  \"patch\": %s", quote(r.Bug.Name), quote(r.Bug.Patch))
	}
	out.WriteString("\n}\n")
	return out.Bytes()
}

// quote returns text as a JSON string, with <, > and & unescaped, because people read these files.
func quote(text string) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic(err) // a string always has a JSON form
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// FormatHash returns a trace hash as 16 hexadecimal digits.
func FormatHash(hash uint64) string { return fmt.Sprintf("%016x", hash) }

// WriteFile writes the replay file at path with [WriteFile]. The error names the path.
func (r *Replay) WriteFile(path string) error {
	if err := WriteFile(path, r.encode()); err != nil {
		return fmt.Errorf("write replay file %s: %w", path, err)
	}
	return nil
}

// WriteFile writes a file that all users may read. The directory of path must exist. WriteFile writes a temporary file
// in that directory and renames it, so that path never holds a part of the content, even if the program is killed.
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
		err = file.Chmod(0o644) // only the owner may read a temporary file
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	return err
}
