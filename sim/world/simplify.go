package world

import (
	"math"
	"strings"

	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// A Simplification is one way to make runs simpler: a class of decisions and the value that takes from them what they
// are about. Decisions that have it are as if they had not been made.
type Simplification struct {
	Aspect Aspect
	// Operation is the class of the decisions, as in a [kernel.Override].
	Operation string
	// Value is the calm one: no fault, less work, the default of a latency.
	Value uint64
	// Present, of an aspect of faults, is the value that makes the misfortune happen whatever its rate.
	Present uint64
	// Scale tells that smaller values are milder, so that whatever can't be calm may be smaller.
	Scale bool
}

// Class returns the key that stands for all decisions of the class.
func (s *Simplification) Class() kernel.Key {
	return kernel.Key{Actor: kernel.AnyActor, Operation: s.Operation, Occurrence: kernel.Every}
}

// An Aspect is what a decision is about.
type Aspect uint8

// The aspects of a run, in the order in which a reader wants them small.
const (
	// FaultAspect: whether misfortunes happen: faults, deployments, processes that do not come back.
	FaultAspect Aspect = iota
	// WorkloadAspect: how much there is to do, and for how many.
	WorkloadAspect
	// TimingAspect: when, how long, how fast, by which of several equals, and how exactly a fault strikes.
	TimingAspect
)

var aspectNames = [...]string{"faults", "workload", "timing"}

// String returns the aspect in a word.
func (a Aspect) String() string { return aspectNames[a] }

// Comes is the class of the decisions whether a client comes and submits its review.
const Comes = "client.comes"

// defaultLatency is the value that makes a latency its median.
const defaultLatency = 1 << 63

// mixRate and mixEnabled begin the operations of decisions on the mix of faults, which belong to no aspect: a kind of
// which no fault strikes is switched off with the class of its faults.
const mixRate, mixEnabled = "mix.rate", "mix.enabled"

// Simplifications returns all of them, in the order in which they are best tried. Together they cover every decision of
// every run.
func Simplifications() []Simplification {
	var list []Simplification
	for _, entry := range faults.Catalogue() {
		list = append(list, Simplification{Aspect: FaultAspect, Operation: "*/" + entry.Kind.String(), Present: math.MaxUint64})
	}
	for _, op := range []kernel.Op{opDeploy, opCoreOnly} {
		list = append(list, Simplification{Aspect: FaultAspect, Operation: op.String(), Present: math.MaxUint64})
	}
	for _, op := range []kernel.Op{
		opClientComes, opClientActions, opReviews, opNewerHead, opOwners, opOwner, opHosts, opApps, opClientAction,
		opClientUnknown, opClientPage, opLateHead, opLookalike, opRetries, opDeferrals, opBatches,
		opOutcome, opEventCount, opSlowSession, opStopsSlowly, opBurst, opOverHTTP, opLimit, opStorm,
	} {
		list = append(list, Simplification{Aspect: WorkloadAspect, Operation: op.String(), Scale: op != opClientComes})
	}
	for _, op := range []kernel.Op{
		opNetworkLatency, opStatementLatency, opEntryLatency, opAgentLatency, opEventGap, opSegmentLag,
	} {
		list = append(list, Simplification{Aspect: TimingAspect, Operation: op.String(), Value: defaultLatency})
	}
	for _, op := range []kernel.Op{
		opPickHost, opPrepareFor, opBoot, opSubmitAt, opClientWait, opEventTokens, opSegment, opSegmentAt, opStopsAfter,
		opDeployAt, opDeployBusy, opDeployStart, opShutdownFor, opHandedOver, opSlowAnswer, opCore, opCrashKind, opCrashPoint, opCrashPassages, opRestartAfter, opLinger, opCrashLoops,
		opPauseAt, opPauseFor, opSlowFactor, opOldConfig, opCutAll, opCutFrom, opCutAt, opCutFor,
		opSkew, opJumpAt, opStrayAt, opFarJump, opJump, opFaultDelay, opFaultDetail, opFailoverAmbiguous, opFailoverCommitted,
		opLostAmbiguous, opErrorEffect, opHangAt, opLateBy, opReplay, opAlways, opMalformed,
	} {
		list = append(list, Simplification{Aspect: TimingAspect, Operation: op.String(), Scale: true})
	}
	return list
}

// Simplifies reports whether a decision is of the class.
func (s *Simplification) Simplifies(decision kernel.Key) bool {
	class := s.Class()
	return class.Covers(decision) &&
		!strings.HasPrefix(decision.Operation, mixRate+"/") && !strings.HasPrefix(decision.Operation, mixEnabled+"/")
}

// Enables returns the override that keeps the kind of a fault switched on when all other decisions of its class are
// calm. ok is false for decisions that need none.
func (s *Simplification) Enables() (override kernel.Override, ok bool) {
	kind, ok := strings.CutPrefix(s.Operation, "*/")
	return kernel.Override{Key: kernel.Key{Actor: "world", Operation: mixEnabled + "/" + kind}, Value: math.MaxUint64}, ok
}
