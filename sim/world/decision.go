package world

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// Every decision of a run has an aspect, declared together with its operation by one of the functions below. So every
// decision can be made calm, and none is forgotten. Names of events and notes are points that nobody decides on; they
// are made by [kernel.NewPoint].
//
// The rank is the place among the declarations of the same function. A minimiser tries smaller ranks first; they take
// away the most.

// faultOp declares a decision whether a misfortune happens that is not in the catalogue of faults.
func faultOp(rank int, name string) kernel.Point {
	return declare(firstFaults, rank, run.Simplification{Aspect: run.FaultAspect, Operation: name, Present: math.MaxUint64})
}

// workloadOp declares a decision on how much there is to do, and for how many. Smaller values mean less.
func workloadOp(rank int, name string) kernel.Point {
	return declare(thenWorkload, rank, run.Simplification{Aspect: run.WorkloadAspect, Operation: name, Scale: true})
}

// subjectOp declares a decision whether a review is in the run at all.
func subjectOp(rank int, name string) kernel.Point {
	return declare(thenWorkload, rank, run.Simplification{Aspect: run.WorkloadAspect, Operation: name, Subject: reviewOfClient})
}

// latencyOp declares a decision of [kernel.Kernel.Latency]. The median is calm.
func latencyOp(rank int, name string) kernel.Point {
	return declare(thenLatencies, rank, run.Simplification{Aspect: run.TimingAspect, Operation: name, Value: medianLatency})
}

// timingOp declares a decision on when, how long, how fast, by which of several equals, or on the details of a fault.
// Smaller values are milder.
func timingOp(rank int, name string) kernel.Point {
	return declare(thenTiming, rank, run.Simplification{Aspect: run.TimingAspect, Operation: name, Scale: true})
}

// medianLatency is the value for which a latency is its median.
const medianLatency = 1 << 63

// A declaration is a decision with its place in the order of all.
type declaration struct {
	turn, rank     int
	simplification run.Simplification
}

// The turns of declarations, behind the faults of the catalogue.
const (
	firstFaults = iota
	thenWorkload
	thenLatencies
	thenTiming
)

var declarations []declaration

func declare(turn, rank int, s run.Simplification) kernel.Point {
	declarations = append(declarations, declaration{turn, rank, s})
	return kernel.NewPoint(s.Operation)
}

// mixRate and mixEnabled begin the operations of decisions on the mix of faults. These have no aspect: making the
// faults of a kind calm switches the kind off.
const mixRate, mixEnabled = "mix.rate", "mix.enabled"

// simplifications returns the classes of decisions that can be made calm, in the order in which they are best tried.
// Together they cover every decision of every run.
func simplifications() []run.Simplification {
	var list []run.Simplification
	for _, entry := range faults.Catalogue() {
		list = append(list, run.Simplification{
			Aspect: run.FaultAspect, Operation: "*/" + entry.Kind.String(), Present: math.MaxUint64,
			Enabled: kernel.Key{Actor: worldActor, Operation: mixOps.kinds[entry.Kind].String()},
			Rate:    kernel.Key{Actor: worldActor, Operation: mixRateOps.kinds[entry.Kind].String()},
		})
	}
	ordered := slices.SortedFunc(slices.Values(declarations), func(a, b declaration) int {
		return cmp.Or(cmp.Compare(a.turn, b.turn), cmp.Compare(a.rank, b.rank))
	})
	for i, d := range ordered {
		if i > 0 && d.turn == ordered[i-1].turn && d.rank == ordered[i-1].rank {
			panic(fmt.Sprintf("world: %s and %s have one rank", ordered[i-1].simplification.Operation, d.simplification.Operation))
		}
		list = append(list, d.simplification)
	}
	return list
}

// reviewOfClient returns the review of the client that decides.
func reviewOfClient(decision kernel.Key) string {
	for i, name := range clientNames {
		if name == decision.Actor {
			return string(reviewIDs[i])
		}
	}
	return ""
}

// clientNames are the actors of clients, in the order of reviewIDs.
var clientNames = func() (names [len(reviewIDs)]string) {
	for i, id := range reviewIDs {
		names[i] = "client of " + string(id)
	}
	return names
}()
