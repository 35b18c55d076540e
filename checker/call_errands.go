package checker

import "github.com/onceover/onceover/checker/model"

// An errand is a call as a person would ask for it, after "to". %s stands for the attempt. again is the same once the
// attempt has been named in the sentence, unless "it" can stand for %s.
// An errand about no attempt is only whole.
type errand struct{ first, again, whole string }

// errands has every call. (It stands in a file before those of the properties, whose checks use it: what a declaration needs
// that comes later changes the order of the declarations.)
var errands = func() (list [callEnd + 1]errand) {
	for _, e := range []struct {
		of   Call
		text string
	}{
		{CallWorkerStart, "start %s"},
		{CallWorkerCancel, "cancel %s"},
		{CallWorkerStatus, "give the status of %s"},
		{CallWorkerEvents, "show events of %s"},
		{CallWorkerAbandon, "abandon %s"},
		{CallWorkerInspect, "show how %s stands"},
		{CallAppCallback, "take a report on %s"},
		{CallAppSubmit, "accept %s"},
		{CallAppGet, "show %s"},
		{CallAppCancel, "cancel %s"},
		{CallAppRetrigger, "run %s again"},
		{CallAppEvents, "show events of %s"},
		{CallAppAttempts, "list the attempts of %s"},
		{CallAppAbandon, "abandon %s"},
		{CallAppInspect, "show how %s stands"},
		{CallAgentCreate, "create a session for %s"},
		{CallAgentStream, "stream the events of %s"},
		{CallAgentInterrupt, "interrupt %s"},
		{CallPrepare, "prepare %s"},
	} {
		list[e.of].first = e.text
	}
	for _, e := range []struct {
		of   model.ReviewsOpKind
		text string
	}{
		{model.ReviewsSubmit, "store %s"},
		{model.ReviewsGet, "read %s"},
		{model.ReviewsAttempts, "list the attempts of %s"},
		{model.ReviewsClaim, "claim %s"},
		{model.ReviewsRelease, "release the claim of %s"},
		{model.ReviewsDefer, "put %s off"},
		{model.ReviewsFail, "call %s failed"},
		{model.ReviewsApply, "record a report on %s"},
		{model.ReviewsSetAgentVersion, "record the agent's version for %s"},
		{model.ReviewsCancel, "cancel %s"},
		{model.ReviewsStopped, "record that %s has stopped"},
		{model.ReviewsRetrigger, "run %s again"},
	} {
		list[StoreCall(e.of)].first = e.text
	}
	for _, e := range []struct {
		of   model.JournalOpKind
		text string
	}{
		{model.JournalCreate, "journal the start of %s"},
		{model.JournalLoad, "read %s"},
		{model.JournalReleaseLease, "give up the lease of %s"},
		{model.JournalRecordIntent, "record the intention to run %s"},
		{model.JournalAppend, "append events of %s"},
		{model.JournalSpend, "record the time spent on %s"},
		{model.JournalDecide, "record the decision on %s"},
		{model.JournalFinish, "end %s"},
		{model.JournalClearOutbox, "settle the callback of %s"},
		{model.JournalRequestCancel, "cancel %s"},
		{model.JournalAbandon, "abandon %s"},
		{model.JournalEvents, "read the events of %s"},
		{model.JournalPayload, "read the payload of %s"},
	} {
		list[JournalCall(e.of)].first = e.text
	}
	for _, e := range []struct {
		of   Call
		text string
	}{
		{StoreCall(model.ReviewsReserve), "reserve reviews"},
		{StoreCall(model.ReviewsSweep), "sweep for work"},
		{JournalCall(model.JournalRenewLease), "renew a lease"},
		{JournalCall(model.JournalHeld), "list what a host holds"},
		{JournalCall(model.JournalPurge), "purge old events"},
		{callEnd, "do something unknown"},
	} {
		list[e.of].whole = e.text
	}
	for _, e := range []struct {
		of   Call
		text string
	}{
		{CallWorkerStatus, "give its status"},
		{CallWorkerEvents, "show its events"},
		{CallAppEvents, "show its events"},
		{CallAppAttempts, "list its attempts"},
		{CallAgentStream, "stream its events"},
		{StoreCall(model.ReviewsAttempts), "list its attempts"},
		{StoreCall(model.ReviewsRelease), "release its claim"},
		{JournalCall(model.JournalCreate), "journal its start"},
		{JournalCall(model.JournalReleaseLease), "give up its lease"},
		{JournalCall(model.JournalAppend), "append events"},
		{JournalCall(model.JournalClearOutbox), "settle its callback"},
		{JournalCall(model.JournalEvents), "read its events"},
		{JournalCall(model.JournalPayload), "read its payload"},
	} {
		list[e.of].again = e.text
	}
	return list
}()
