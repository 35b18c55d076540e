package world

import (
	"math"

	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// defaultLatency is the value that makes a latency its median.
const defaultLatency = 1 << 63

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
	for _, op := range []kernel.Op{opDeploy, opCoreOnly} {
		list = append(list, run.Simplification{Aspect: run.FaultAspect, Operation: op.String(), Present: math.MaxUint64})
	}
	for _, op := range []kernel.Op{
		opClientComes, opClientActions, opReviews, opNewerHead, opOwners, opOwner, opHosts, opApps, opClientAction,
		opClientUnknown, opClientPage, opLateHead, opLookalike, opRetries, opDeferrals, opBatches,
		opOutcome, opEventCount, opSlowSession, opStopsSlowly, opBurst, opOverHTTP, opLimit, opStorm,
	} {
		list = append(list, run.Simplification{Aspect: run.WorkloadAspect, Operation: op.String(), Scale: op != opClientComes})
		if op == opClientComes {
			list[len(list)-1].Subject = reviewOfClient
		}
	}
	for _, op := range []kernel.Op{
		opNetworkLatency, opStatementLatency, opEntryLatency, opAgentLatency, opEventGap, opSegmentLag,
	} {
		list = append(list, run.Simplification{Aspect: run.TimingAspect, Operation: op.String(), Value: defaultLatency})
	}
	for _, op := range []kernel.Op{
		opPickHost, opPrepareFor, opBoot, opSubmitAt, opClientWait, opEventTokens, opSegment, opSegmentAt, opStopsAfter,
		opDeployAt, opDeployBusy, opDeployStart, opShutdownFor, opHandedOver, opSlowAnswer, opCore, opCrashKind, opCrashPoint, opCrashPassages, opRestartAfter, opLinger, opCrashLoops,
		opPauseAt, opPauseFor, opSlowFactor, opOldConfig, opCutAll, opCutFrom, opCutAt, opCutFor,
		opSkew, opJumpAt, opStrayAt, opFarJump, opJump, opFaultDelay, opFaultDetail, opFailoverAmbiguous, opFailoverCommitted,
		opLostAmbiguous, opErrorEffect, opHangAt, opLateBy, opReplay, opAlways, opMalformed,
	} {
		list = append(list, run.Simplification{Aspect: run.TimingAspect, Operation: op.String(), Scale: true})
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
