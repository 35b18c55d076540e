package nightly

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/onceover/onceover/sim/run"
)

// KnownFormat is the version of the files of known failures that this package writes, and the only one that it reads.
const KnownFormat = 1

// A State is what has become of a failure since the night before.
type State string

// The states of a failure.
const (
	New        State = "new"
	StillThere State = "still there"
	CameBack   State = "came back" // it was gone
	Gone       State = "gone"
)

// states are in the order in which they are reported.
var states = []State{New, CameBack, StillThere, Gone}

// Known are the failures of earlier nights. As a file it is readable JSON, which goes from night to night, in a commit
// or a cache, with the replay files beside it:
//
//	{
//	  "format": 1,
//	  "failures": [
//	    {
//	      "signature": "runs-once: second session",
//	      "state": "still there",
//	      "first_run": 12,
//	      "last_run": 17,
//	      "replay": "runs-once-5cf2a1b0.json",
//	      "note": "waits for the release of the agent"
//	    }
//	  ]
//	}
type Known struct {
	Format   int            `json:"format"` // [KnownFormat]
	Failures []KnownFailure `json:"failures"`
}

// A KnownFailure is one that some night has shown.
type KnownFailure struct {
	Signature string `json:"signature"`
	State     State  `json:"state"`            // after the last night that looked
	FirstRun  uint64 `json:"first_run"`        // that showed it
	LastRun   uint64 `json:"last_run"`         // that showed it
	Replay    string `json:"replay,omitempty"` // file in the same directory, of the smallest run; empty: none
	Note      string `json:"note,omitempty"`   // what people have written about it; it stays as it is
}

// ParseKnown reads the content of a file of known failures, strictly. Errors have one line.
func ParseKnown(content []byte) (*Known, error) {
	var k Known
	if err := parse(content, "file of known failures", KnownFormat, &k); err != nil {
		return nil, err
	}
	seen := make(map[string]bool)
	for _, f := range k.Failures {
		property, cause, found := strings.Cut(f.Signature, ": ")
		switch {
		case !found || property == "" || cause == "":
			return nil, fmt.Errorf(`signature %q is none: allowed is a property with a cause, such as "runs-once: second session"`, f.Signature)
		case seen[f.Signature]:
			return nil, fmt.Errorf("failure %q stands twice in it", f.Signature)
		case !slices.Contains(states, f.State):
			return nil, fmt.Errorf("the state of failure %q is %q: allowed are %q, %q, %q, %q", f.Signature, f.State, New, StillThere, CameBack, Gone)
		case f.FirstRun > f.LastRun || f.LastRun > RunMax:
			return nil, fmt.Errorf("failure %q was first seen by run %d and last by run %d: allowed are numbers up to %d, the first not after the last",
				f.Signature, f.FirstRun, f.LastRun, uint64(RunMax))
		case f.Replay != "" && !plainName(f.Replay):
			return nil, fmt.Errorf("the replay file of failure %q is %q: allowed is the name of a file in the same directory", f.Signature, f.Replay)
		}
		seen[f.Signature] = true
	}
	return &k, nil
}

// ReadKnown reads a file of known failures. Where there is none, none are known. Errors have one line and name the
// file.
func ReadKnown(path string) (*Known, error) {
	content, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Known{Format: KnownFormat}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("known failures: %w", err)
	}
	k, err := ParseKnown(content)
	if err != nil {
		return nil, fmt.Errorf("known failures: %s: %w", path, err)
	}
	return k, nil
}

// find returns the failure of a signature, or nil.
func (k *Known) find(signature string) *KnownFailure {
	for i := range k.Failures {
		if k.Failures[i].Signature == signature {
			return &k.Failures[i]
		}
	}
	return nil
}

// Update compares the report with the known failures of a file, and writes the file anew.
func (r *Report) Update(known *Known, path string, newWorld func() run.World) error {
	now := r.Compare(known, func(replay, signature string) (run.Recurrence, error) {
		return Again(filepath.Join(filepath.Dir(path), replay), signature, newWorld)
	})
	return r.WriteKnown(path, now)
}

// Again runs the replay file of a known failure again, with a world of its own.
func Again(path, signature string, newWorld func() run.World) (run.Recurrence, error) {
	w := newWorld()
	recorded, err := run.ReadReplay(path, run.VocabularyOf(w))
	if err != nil {
		return 0, err
	}
	result, err := run.Once(w, recorded.Spec())
	if err != nil {
		return 0, err
	}
	w.Close()
	recorded.Signature = signature
	return recorded.Compare(result), nil
}

// Compare sets the state of each failure since the nights before, and returns the failures that are known now. A known
// failure that this night did not show is replayed with again, such as [Again] with the directory of the known failures. An
// error of again counts as no replay file, and stands in the report.
//
// A night that is reported anew, with the same number, comes to the same.
func (r *Report) Compare(known *Known, again func(replay, signature string) (run.Recurrence, error)) *Known {
	now := &Known{Format: KnownFormat}
	for i := range r.Failures {
		f := &r.Failures[i]
		entry := KnownFailure{Signature: f.Signature, State: New, FirstRun: r.Run}
		if before := known.find(f.Signature); before != nil {
			entry = *before
			entry.State = r.next(before)
		}
		entry.LastRun = r.Run
		if f.source() != "" {
			entry.Replay = replayName(f.Property, f.Signature)
		}
		f.State, f.FirstRun, f.LastRun, f.Note, f.KnownReplay = entry.State, entry.FirstRun, entry.LastRun, entry.Note, entry.Replay
		now.Failures = append(now.Failures, entry)
	}
	for i := range known.Failures {
		before := &known.Failures[i]
		if now.find(before.Signature) == nil {
			now.Failures = append(now.Failures, r.unseen(before, again))
		}
	}
	slices.SortStableFunc(r.Failures, func(a, b Finding) int {
		return cmp.Compare(slices.Index(states, a.State), slices.Index(states, b.State))
	})
	slices.SortFunc(now.Failures, func(a, b KnownFailure) int { return cmp.Compare(a.Signature, b.Signature) })
	return now
}

// next is the state of a known failure that is there.
func (r *Report) next(before *KnownFailure) State {
	switch {
	case before.State == Gone:
		return CameBack
	case before.LastRun == r.Run:
		return before.State
	}
	return StillThere
}

// unseen decides about a known failure that the seeds of the night did not show.
func (r *Report) unseen(before *KnownFailure, again func(replay, signature string) (run.Recurrence, error)) KnownFailure {
	entry := *before
	f := Finding{
		FirstRun: before.FirstRun, LastRun: before.LastRun, Note: before.Note, KnownReplay: before.Replay, State: Gone,
		Replayed: "no seed showed it, and it has no replay file",
	}
	f.Property, _, _ = strings.Cut(before.Signature, ": ")
	f.Signature, f.Repeats = before.Signature, true
	if before.Replay != "" {
		recurrence, err := again(before.Replay, before.Signature)
		switch {
		case err != nil:
			f.Replayed = "no seed showed it, and it cannot be replayed: " + err.Error()
		case recurrence == run.StillThere:
			f.Replayed = "no seed showed it, but its replay file does"
			f.State, f.LastRun = r.next(before), r.Run
		case recurrence == run.Another:
			f.Replayed = "its replay file fails in another way"
		default:
			f.Replayed = "its replay file passes"
		}
	}
	entry.State, entry.LastRun = f.State, f.LastRun
	if f.State == Gone && before.State == Gone {
		r.LongGone++ // nothing that anybody has to read again
		return entry
	}
	r.Failures = append(r.Failures, f)
	return entry
}

// replayName is the name of the replay file of a known failure.
func replayName(property, signature string) string {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(signature)) // never fails
	safe := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' {
			return c
		}
		return -1
	}, property)
	return fmt.Sprintf("%s-%08x.json", safe, hash.Sum32())
}

// WriteKnown writes the known failures, as [Report.Compare] has returned them, and the replay files of this night's
// beside. The file is written last, and whole or not at all. Its directory is made when needed.
func (r *Report) WriteKnown(path string, known *Known) error {
	dir := filepath.Dir(path)
	err := os.MkdirAll(dir, 0o755)
	for i := range r.Failures {
		f := &r.Failures[i]
		if err != nil || f.source() == "" || f.KnownReplay == "" {
			continue
		}
		var content []byte
		if content, err = read(f.source()); err == nil {
			err = run.WriteFile(filepath.Join(dir, f.KnownReplay), content)
		}
	}
	if err == nil {
		if known.Failures == nil {
			known.Failures = []KnownFailure{}
		}
		var content []byte
		if content, err = json.MarshalIndent(known, "", "  "); err == nil {
			err = run.WriteFile(path, append(content, '\n'))
		}
	}
	if err != nil {
		return fmt.Errorf("write known failures %s: %w", path, err)
	}
	return nil
}
