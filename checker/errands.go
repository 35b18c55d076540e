package checker

import "github.com/onceover/onceover/checker/model"

// An errand is a call as a person would ask for it, after "to". %s stands for the attempt. again is the same once the
// attempt has been named in the sentence, unless "it" can stand for %s.
// An errand about no attempt is only whole.
type errand struct{ first, again, whole string }

// errandOf returns the errand of a call. It is no table: the properties, whose checks use it, are variables too, and would be
// declared in another order.
func errandOf(call Call) errand {
	switch call {
	case CallWorkerStart:
		return errand{first: "start %s"}
	case CallWorkerCancel:
		return errand{first: "cancel %s"}
	case CallWorkerStatus:
		return errand{first: "give the status of %s", again: "give its status"}
	case CallWorkerEvents:
		return errand{first: "show events of %s", again: "show its events"}
	case CallWorkerAbandon:
		return errand{first: "abandon %s"}
	case CallWorkerInspect:
		return errand{first: "show how %s stands"}
	case CallAppCallback:
		return errand{first: "take a report on %s"}
	case CallAppSubmit:
		return errand{first: "accept %s"}
	case CallAppGet:
		return errand{first: "show %s"}
	case CallAppCancel:
		return errand{first: "cancel %s"}
	case CallAppRetrigger:
		return errand{first: "run %s again"}
	case CallAppEvents:
		return errand{first: "show events of %s", again: "show its events"}
	case CallAppAttempts:
		return errand{first: "list the attempts of %s", again: "list its attempts"}
	case CallAppAbandon:
		return errand{first: "abandon %s"}
	case CallAppInspect:
		return errand{first: "show how %s stands"}
	case CallAgentCreate:
		return errand{first: "create a session for %s"}
	case CallAgentStream:
		return errand{first: "stream the events of %s", again: "stream its events"}
	case CallAgentInterrupt:
		return errand{first: "interrupt %s"}
	case CallPrepare:
		return errand{first: "prepare %s"}
	case StoreCall(model.ReviewsSubmit):
		return errand{first: "store %s"}
	case StoreCall(model.ReviewsGet):
		return errand{first: "read %s"}
	case StoreCall(model.ReviewsAttempts):
		return errand{first: "list the attempts of %s", again: "list its attempts"}
	case StoreCall(model.ReviewsClaim):
		return errand{first: "claim %s"}
	case StoreCall(model.ReviewsRelease):
		return errand{first: "release the claim of %s", again: "release its claim"}
	case StoreCall(model.ReviewsDefer):
		return errand{first: "put %s off"}
	case StoreCall(model.ReviewsFail):
		return errand{first: "call %s failed"}
	case StoreCall(model.ReviewsApply):
		return errand{first: "record a report on %s"}
	case StoreCall(model.ReviewsSetAgentVersion):
		return errand{first: "record the agent's version for %s"}
	case StoreCall(model.ReviewsCancel):
		return errand{first: "cancel %s"}
	case StoreCall(model.ReviewsStopped):
		return errand{first: "record that %s has stopped"}
	case StoreCall(model.ReviewsRetrigger):
		return errand{first: "run %s again"}
	case JournalCall(model.JournalCreate):
		return errand{first: "journal the start of %s", again: "journal its start"}
	case JournalCall(model.JournalLoad):
		return errand{first: "read %s"}
	case JournalCall(model.JournalReleaseLease):
		return errand{first: "give up the lease of %s", again: "give up its lease"}
	case JournalCall(model.JournalRecordIntent):
		return errand{first: "record the intention to run %s"}
	case JournalCall(model.JournalAppend):
		return errand{first: "append events of %s", again: "append events"}
	case JournalCall(model.JournalSpend):
		return errand{first: "record the time spent on %s"}
	case JournalCall(model.JournalDecide):
		return errand{first: "record the decision on %s"}
	case JournalCall(model.JournalFinish):
		return errand{first: "end %s"}
	case JournalCall(model.JournalClearOutbox):
		return errand{first: "settle the callback of %s", again: "settle its callback"}
	case JournalCall(model.JournalRequestCancel):
		return errand{first: "cancel %s"}
	case JournalCall(model.JournalAbandon):
		return errand{first: "abandon %s"}
	case JournalCall(model.JournalEvents):
		return errand{first: "read the events of %s", again: "read its events"}
	case JournalCall(model.JournalPayload):
		return errand{first: "read the payload of %s", again: "read its payload"}
	case StoreCall(model.ReviewsReserve):
		return errand{whole: "reserve reviews"}
	case StoreCall(model.ReviewsSweep):
		return errand{whole: "sweep for work"}
	case JournalCall(model.JournalRenewLease):
		return errand{whole: "renew a lease"}
	case JournalCall(model.JournalHeld):
		return errand{whole: "list what a host holds"}
	case JournalCall(model.JournalPurge):
		return errand{whole: "purge old events"}
	default:
		return errand{whole: "do something unknown"}
	}
}
