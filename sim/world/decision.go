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

// Every decision of a run has an aspect, which is declared with it: one of the functions below makes its operation. So
// every decision can be made calm, and none is forgotten. What the kernel calls an operation and is no decision, but the
// name of an event or of a note, is made by [kernel.NewPoint].
//
// Among those of one function, ranks say in which order a minimiser tries to make decisions calm: the smallest first,
// which is where the most is gained.

// faultOp declares a decision whether a misfortune happens that is no fault of the catalogue.
func faultOp(rank int, name string) kernel.Point {
	return declare(firstFaults, rank, run.Simplification{Aspect: run.FaultAspect, Operation: name, Present: math.MaxUint64})
}

// workloadOp declares a decision on how much there is to do, and for how many. Smaller values are less.
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

// medianLatency is the value that makes a latency its median.
const medianLatency = 1 << 63

// A declaration is one decision with its place in the order of all.
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

// mixRate and mixEnabled begin the operations of decisions on the mix of faults, which belong to no aspect: a kind of
// which no fault strikes is switched off with the class of its faults.
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

// reviewOfClient returns the review that a client submits, by a decision of the client.
func reviewOfClient(decision kernel.Key) string {
	for i, name := range clientNames {
		if name == decision.Actor {
			return string(reviewIDs[i])
		}
	}
	return ""
}

// clientNames are the actors that decide for clients, in the order of reviewIDs.
var clientNames = func() (names [len(reviewIDs)]string) {
	for i, id := range reviewIDs {
		names[i] = "client of " + string(id)
	}
	return names
}()
