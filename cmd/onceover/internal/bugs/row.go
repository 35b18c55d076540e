package bugs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onceover/onceover/cmd/onceover/internal/runner"
)

// A Row is what the trials of one bug came to.
type Row struct {
	Bug *Bug
	// Fired is the property by which the bug was found: the expected one, or, if that never was, the one that fired in
	// most of the trials. Empty: none ever did.
	Fired  string
	Trials int // that were run
	Found  int // in which the expected property fired
	// SeedsMedian and SeedsWorst are how many seeds a trial took to find the bug. One that has missed it counts with all
	// the seeds that it was allowed.
	SeedsMedian float64
	SeedsWorst  uint64
	Seeds       uint64 // run in all trials together
	Others      []string
	// Smallest is the failure of the expected property (or else of another) that has the fewest faults, and then the
	// fewest steps. Nil: there is none.
	Smallest *runner.Failure
	// SmallestWatched are the properties that were watched when it was found; empty for all.
	SmallestWatched []string
	Time            time.Duration // on the wall clock, that of the build included
}

// Signature returns that of the smallest failure, or nothing.
func (r *Row) Signature() string {
	if r.Smallest == nil {
		return ""
	}
	return r.Smallest.Signature
}

// Problem returns why the row fails the table; empty if it does not.
func (r *Row) Problem() string {
	others := ""
	if len(r.Others) > 0 {
		others = strings.Join(r.Others, ", ")
	}
	switch missed := r.Trials - r.Found; {
	case missed == 0:
		return ""
	case r.Found == 0 && others != "":
		return fmt.Sprintf("%s is caught only by %s, not by %s, which is expected", r.Bug.ID, others, r.Bug.Expected)
	default:
		return fmt.Sprintf("%s is missed by %s in %d of %d trials", r.Bug.ID, r.Bug.Expected, missed, r.Trials)
	}
}

// A trial is one independent campaign against a bug.
type trial struct {
	found bool
	took  uint64 // seeds until the bug was found, or all that were allowed
	seeds uint64 // that were run
	// other is the first failure, if it was of another property than expected.
	other *runner.Failure
	// failure is that of the expected property, with what was watched then.
	failure *runner.Failure
	watched []string
}

// newRow adds up the trials of a bug.
func newRow(b *Bug, trials []trial) Row {
	r := Row{Bug: b, Trials: len(trials)}
	var took []float64
	var foundSmallest, otherSmallest *trial
	others := map[string]int{}
	for i := range trials {
		t := &trials[i]
		took = append(took, float64(t.took))
		r.Seeds += t.seeds
		if t.found {
			r.Found++
			if foundSmallest == nil || t.easier(foundSmallest) {
				foundSmallest = t
			}
		}
		if t.other != nil {
			others[t.other.Property]++
			if otherSmallest == nil || t.other.Smaller(otherSmallest.other) {
				otherSmallest = t
			}
		}
	}
	slices.Sort(took)
	r.SeedsMedian, r.SeedsWorst = middle(took), uint64(took[len(took)-1])
	for property := range others {
		r.Others = append(r.Others, property)
	}
	slices.SortFunc(r.Others, func(a, b string) int {
		return cmp.Or(cmp.Compare(others[b], others[a]), cmp.Compare(a, b)) // the most frequent first
	})
	switch {
	case foundSmallest != nil:
		r.Fired, r.Smallest, r.SmallestWatched = b.Expected, foundSmallest.failure, foundSmallest.watched
	case otherSmallest != nil:
		r.Fired, r.Smallest, r.SmallestWatched = r.Others[0], otherSmallest.other, b.Watched
	}
	return r
}

// easier reports whether the failure of a trial is to be shown rather than that of another. The better one was found while
// exactly the properties of the bug were watched.
func (t *trial) easier(other *trial) bool {
	if (t.other == nil) != (other.other == nil) {
		return t.other == nil
	}
	return t.failure.Smaller(other.failure)
}
