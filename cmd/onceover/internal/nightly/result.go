package nightly

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/run"
)

// ResultFormat is the version of the result files that this package writes, and the only one that it reads.
const ResultFormat = 1

// ResultName is the name of the result file in the directory of a shard.
const ResultName = "result.json"

// A Result is what one shard of a night came to. As a file it is readable JSON; seeds and hashes are strings there,
// because jq and JavaScript would round them above 2^53.
type Result struct {
	Format        int    `json:"format"` // [ResultFormat]
	Run           uint64 `json:"run"`
	Shard         Shard  `json:"shard"`
	EngineVersion string `json:"engine_version"`
	// Interrupted: the context ended before the shard was done.
	Interrupted bool `json:"interrupted"`
	// Broken describes how the simulator itself broke; empty if it did not.
	Broken   string    `json:"broken,omitempty"`
	Profiles []Part    `json:"profiles"`
	Failures []Failure `json:"failures"`
	// Bugs are those of the table that the shard has tried; nil if that was not asked for.
	Bugs *Bugs `json:"bugs,omitempty"`
}

// A Part is what the seeds of one profile came to.
type Part struct {
	Profile     string     `json:"profile"`
	FirstSeed   uint64     `json:"first_seed,string"` // see [FirstSeed]
	Seeds       uint64     `json:"seeds"`             // done: the first and those that follow it
	Steps       uint64     `json:"steps"`             // of the kernels
	WallSeconds float64    `json:"wall_seconds"`
	Violations  uint64     `json:"violations"` // runs
	Unknown     uint64     `json:"unknown"`    // runs of which a check gave up
	Ways        []Way      `json:"ways"`       // in which runs failed, in the order of their first seeds
	GaveUp      []GaveUp   `json:"gave_up"`    // the first of the unknown runs
	Faults      run.Counts `json:"faults"`
	Goals       run.Counts `json:"goals"`
	TraceHash   string     `json:"trace_hash"` // as [run.FormatHash] writes it
}

// A Way is one way in which runs of a profile failed.
type Way struct {
	Property  string `json:"property"`
	Signature string `json:"signature"`
	Message   string `json:"message"`     // of the first of them
	Seed      uint64 `json:"seed,string"` // of the first of them
	Runs      uint64 `json:"runs"`
}

// GaveUp is a run without a verdict.
type GaveUp struct {
	Seed  uint64 `json:"seed,string"`
	Check string `json:"check"` // which one gave up, and why
}

// A Failure is one way to fail, under any of the profiles, with the run that shows it best.
type Failure struct {
	Property  string `json:"property"`
	Signature string `json:"signature"` // of [run.Violation]
	Message   string `json:"message"`
	Profile   string `json:"profile"`
	Seed      uint64 `json:"seed,string"`
	Faults    uint64 `json:"faults"` // that struck in the run
	Steps     uint64 `json:"steps"`  // of the run
	// Repeats: the run failed in the same way again. Otherwise the simulation is not deterministic.
	Repeats bool   `json:"repeats"`
	Small   *Small `json:"minimised,omitempty"` // nil if nobody has made it smaller
	Files   Files  `json:"files"`
}

// Cause is the signature without the property.
func (f *Failure) Cause() string { return strings.TrimPrefix(f.Signature, f.Property+": ") }

// A Small is the size of the smallest run that was found to fail in the same way.
type Small struct {
	Faults     int    `json:"faults"`
	Reviews    int    `json:"reviews"`
	Steps      uint64 `json:"steps"`
	StoryLines int    `json:"story_lines"`
	Complete   bool   `json:"complete"` // false: the search ended early, so less may do
}

// Files are the names of the files about a failure in the directory of its shard. Empty: there is none.
type Files struct {
	Replay    string `json:"replay,omitempty"`    // of the run as it was found
	Minimised string `json:"minimised,omitempty"` // replay file of the smallest run
	Story     string `json:"story,omitempty"`     // text
	Page      string `json:"page,omitempty"`      // HTML
}

// all returns the names, empty ones too.
func (f *Files) all() []string { return []string{f.Replay, f.Minimised, f.Story, f.Page} }

// Bugs are what became of some bugs of the table.
type Bugs struct {
	Rows []Bug `json:"rows"`
	// Problems are what is wrong beside single bugs, a sentence each.
	Problems []string `json:"problems"`
	Seconds  float64  `json:"seconds"` // on the wall clock
}

// A Bug is what the trials of one bug came to; see package bugs.
type Bug struct {
	ID          string  `json:"id"`
	Expected    string  `json:"expected"` // property
	Fired       string  `json:"fired"`    // property; empty: none
	Trials      int     `json:"trials"`
	Found       int     `json:"found"`
	SeedsMedian float64 `json:"seeds_median"`
	SeedsWorst  uint64  `json:"seeds_worst"`
	Seconds     float64 `json:"seconds"`
	Problem     string  `json:"problem,omitempty"` // why it fails the table
}

// ParseResult reads the content of a result file, strictly. Errors have one line.
func ParseResult(content []byte) (*Result, error) {
	var r Result
	if err := parse(content, "result of a shard", ResultFormat, &r); err != nil {
		return nil, err
	}
	if r.Run > RunMax || !r.Shard.valid() {
		return nil, fmt.Errorf(`is no result of a shard: it needs "run" from 0 to %d, and "shard" such as "2/4"`, uint64(RunMax))
	}
	seen := make(map[string]bool)
	for i := range r.Profiles {
		part := &r.Profiles[i]
		if _, err := faults.Named(part.Profile); err != nil {
			return nil, err
		}
		if seen[part.Profile] {
			return nil, fmt.Errorf("profile %s stands twice in it", part.Profile)
		}
		seen[part.Profile] = true
		for _, way := range part.Ways {
			if err := checkSignature(way.Property, way.Signature); err != nil {
				return nil, err
			}
		}
	}
	signatures := make(map[string]bool)
	for i := range r.Failures {
		f := &r.Failures[i]
		if err := checkSignature(f.Property, f.Signature); err != nil {
			return nil, err
		}
		if signatures[f.Signature] {
			return nil, fmt.Errorf("failure %q stands twice in it", f.Signature)
		}
		signatures[f.Signature] = true
		for _, name := range f.Files.all() {
			if name != "" && !plainName(name) {
				return nil, fmt.Errorf("file %q is no name of a file beside the result", name)
			}
		}
	}
	return &r, nil
}

// checkSignature is an error if a signature is not one of the property.
func checkSignature(property, signature string) error {
	if property == "" || !strings.HasPrefix(signature, property+": ") {
		return fmt.Errorf("signature %q is none of property %q: it begins with the property and a colon", signature, property)
	}
	return nil
}

// plainName reports whether a name is that of a file in the directory itself.
func plainName(name string) bool {
	return filepath.IsLocal(name) && !strings.ContainsAny(name, `/\`) && name != "."
}

// WriteFile writes the result into a directory, whole or not at all.
func (r *Result) WriteFile(dir string) error {
	content, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = run.WriteFile(filepath.Join(dir, ResultName), append(content, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Join(dir, ResultName), err)
	}
	return nil
}

// A Left is the result that a shard has left in a directory.
type Left struct {
	Dir string
	*Result
}

// Paths returns the files of the result: itself, and those about its failures.
func (l *Left) Paths() []string {
	paths := []string{filepath.Join(l.Dir, ResultName)}
	for i := range l.Failures {
		for _, name := range l.Failures[i].Files.all() {
			if name != "" {
				paths = append(paths, filepath.Join(l.Dir, name))
			}
		}
	}
	return paths
}

// A NoResultError reports that a directory has no result: no shard was to write it, or one did not reach its end.
type NoResultError struct{ Dir string }

// Error names the directory and what is missing there.
func (e *NoResultError) Error() string {
	return fmt.Sprintf("%s is no directory that 'onceover nightly --out' has written to the end: there is no %s in it", e.Dir, ResultName)
}

// ReadResult reads what a shard has left in a directory. Errors have one line and name the file; one is a
// [*NoResultError].
func ReadResult(dir string) (Left, error) {
	path := filepath.Join(dir, ResultName)
	content, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Left{}, &NoResultError{dir}
	}
	if err != nil {
		return Left{}, err
	}
	r, err := ParseResult(content)
	if err != nil {
		return Left{}, fmt.Errorf("%s: %w", path, err)
	}
	return Left{dir, r}, nil
}

// ReadResults reads what the shards of a night have left in directories. Of several shards, one that was killed has left a
// directory without a result: onMissing is called with it, and the shard is left out. Errors are those of [ReadResult].
func ReadResults(dirs []string, onMissing func(*NoResultError)) ([]Left, error) {
	var results []Left
	for _, dir := range dirs {
		left, err := ReadResult(dir)
		var none *NoResultError
		if errors.As(err, &none) && isDirectory(dir) && len(dirs) > 1 {
			onMissing(none)
			continue
		}
		if err != nil {
			return nil, err
		}
		results = append(results, left)
	}
	return results, nil
}

// isDirectory reports whether there is a directory at a path.
func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// writeFile writes a file about a night, and makes its directory if needed.
func writeFile(path string, content []byte) error {
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = run.WriteFile(path, content)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// bytesMax bounds what is read of a file, so that a device given by mistake does not fill the memory.
const bytesMax = 16 << 20

// read returns the content of a file.
func read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	content, err := io.ReadAll(io.LimitReader(file, bytesMax+1))
	if err == nil && len(content) > bytesMax {
		err = fmt.Errorf("%s: more than %d MiB: not one of the files of a night", path, bytesMax>>20)
	}
	return content, err
}

// parse reads a JSON object with a version into a struct: one object, no member that is not known.
func parse(content []byte, what string, format int, into any) error {
	var version struct {
		Format *int `json:"format"`
	}
	// Of another version, this is all that can be understood.
	if err := json.Unmarshal(content, &version); err != nil {
		return fmt.Errorf("is no %s: %w", what, err)
	}
	switch {
	case version.Format == nil:
		return fmt.Errorf(`is no %s: "format" is missing`, what)
	case *version.Format > format:
		return fmt.Errorf(`"format" is %d, newer than the %d that this onceover reads: update onceover`, *version.Format, format)
	case *version.Format < format:
		return fmt.Errorf(`"format" is %d: allowed is %d`, *version.Format, format)
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("is no %s: %w", what, err)
	}
	return nil
}
