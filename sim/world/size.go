package world

import (
	"fmt"
	"time"

	"github.com/onceover/onceover/sim/kernel"
)

// The sizes of a deployment. Two processes of each role are the fewest that can compete, and four reach no state that
// three do not.
const (
	nodesMin, limitMax, reviewsMin = 2, 3, 3

	stormMin, stormMax = 2 * time.Minute, 12 * time.Minute
)

// A Size is what a caller may ask for instead of leaving it to the seed.
type Size struct {
	Apps, Hosts int           // replicas of the app and worker hosts, 2 or 3 each
	Limits      []int         // how many reviews each owner may have active, 1 to 3; there are 1 to 6 owners
	Reviews     int           // that are submitted, 3 to 10
	Burst       bool          // all within two seconds
	Storm       time.Duration // how long faults strike, 2 to 12 minutes
}

// A SizeError names a field that is out of range.
type SizeError struct{ Field, Value, Allowed string }

// Error names the field, what it is and what is allowed.
func (e *SizeError) Error() string {
	return fmt.Sprintf("deployment: %s is %s; allowed: %s", e.Field, e.Value, e.Allowed)
}

// Overrides are the decisions that make a run have this deployment, for [run.Spec].Overrides. The error is a
// [*SizeError].
func (d Size) Overrides() ([]kernel.Override, error) {
	var list []kernel.Override
	decide := func(op kernel.Point, occurrence int, value uint64) {
		key := kernel.Key{Actor: worldActor, Operation: op.String(), Occurrence: uint32(occurrence)}
		list = append(list, kernel.Override{Key: key, Value: value})
	}
	for _, pick := range []struct {
		field     string
		op        kernel.Point
		value     int
		low, high int
		choices   int
	}{
		{"Apps", opApps, d.Apps, nodesMin, nodesMax, nodesMax - nodesMin + 1},
		{"Hosts", opHosts, d.Hosts, nodesMin, nodesMax, nodesMax - nodesMin + 1},
		{"len(Limits)", opOwners, len(d.Limits), 1, len(ownerIDs), len(ownersOf)}, // which begin with 1, 2, 3…
		{"Reviews", opReviews, d.Reviews, reviewsMin, len(reviewIDs), len(reviewIDs) - reviewsMin + 1},
	} {
		if pick.value < pick.low || pick.value > pick.high {
			return nil, &SizeError{pick.field, fmt.Sprint(pick.value), fmt.Sprintf("%d to %d", pick.low, pick.high)}
		}
		decide(pick.op, 0, kernel.PickValue(pick.value-pick.low, pick.choices))
	}
	for i, limit := range d.Limits {
		if limit < 1 || limit > limitMax {
			return nil, &SizeError{fmt.Sprintf("Limits[%d]", i), fmt.Sprint(limit), fmt.Sprintf("1 to %d", limitMax)}
		}
		decide(opLimit, i, kernel.PickValue(limit-1, limitMax))
	}
	if d.Storm < stormMin || d.Storm > stormMax {
		return nil, &SizeError{"Storm", d.Storm.String(), fmt.Sprintf("%s to %s", stormMin, stormMax)}
	}
	decide(opStorm, 0, kernel.BetweenValue(d.Storm, stormMin, stormMax))
	decide(opBurst, 0, kernel.ChanceValue(d.Burst))
	decide(opLongQueue, 0, kernel.ChanceValue(false))
	return list, nil
}
