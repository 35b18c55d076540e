package world

import (
	"maps"

	"github.com/onceover/onceover/engine"
)

// A rowID is a row of the audit.
type rowID uint8

const (
	rowSubmissionReview rowID = iota
	rowSubmissionOwner
	rowSubmissionPlatform
	rowSubmissionRepository
	rowSubmissionPullRequest
	rowSubmissionHeadSHA
	rowSubmissionHeadOrder

	rowPayload

	rowEventSeq
	rowEventKind
	rowEventTokens
	rowEventText
	rowEventRetryable

	rowReportKey
	rowReportStatus
	rowReportReason
	rowReportRetryable
	rowReportAgentVersion
	rowReportEvents
	rowReportTokens

	rowStartKey
	rowStartOwner
	rowStartToken
	rowStartPayload
	rowStartAbandon

	rowGetID
	rowAttemptsID
	rowEventsKey
	rowEventsAfter
	rowEventsMax
	rowCancelKey
	rowCancelReason
	rowRetriggerKey
	rowAbandonKey
	rowAbandonReason
	rowInspectKey

	rowAppLimit
	rowAppOwnerLimits
	rowAppStaleAfter
	rowAppDispatchTimeout
	rowAppPrepareTimeout
	rowAppStoreTimeout
	rowAppSweepEvery
	rowAppSweepBatch
	rowAppSilentAfter
	rowAppStopEvery
	rowAppMaxRetries
	rowAppMaxDeferrals
	rowAppBackoffMin
	rowAppBackoffMax
	rowAppLog
	rowAppRetryAfterMax

	rowWorkerAgentVersion
	rowWorkerLeaseFor
	rowWorkerRenewEvery
	rowWorkerTakeoverBatch
	rowWorkerBatch
	rowWorkerFlushAfter
	rowWorkerStreamLimit
	rowWorkerStreamSilence
	rowWorkerEventSilence
	rowWorkerUnknownFor
	rowWorkerGoneAfter
	rowWorkerThrottleLimit
	rowWorkerRetryAfterMax
	rowWorkerMaxTakeovers
	rowWorkerCreateTries
	rowWorkerDecodeTries
	rowWorkerAgentTimeout
	rowWorkerCallbackTimeout
	rowWorkerJournalTimeout
	rowWorkerBackoffMin
	rowWorkerBackoffMax
	rowWorkerKeepFor
	rowWorkerPurgeEvery
	rowWorkerPurgeBatch
	rowWorkerLog
)

// The reasons why classes are not drawn.
const (
	refusedOnEntry = "it is refused where it enters, before anything happens: the tests of engine and engine/httpapi have it"
	noSuchValue    = "the type has no such value, or it has no limit"
	madeByEngine   = "the engine makes the value, and never this one"
	notStorable    = "it names nothing that can be stored, and is refused where it would be created: the contract tests of the stores have it"
	noDifference   = "nothing depends on it: values are compared for equality alone, or not at all"
	tellsApart     = "the value tells nothing apart"
	logged         = "the default writes to the standard error of the simulator"
	validated      = "validation refuses it: the tests of the configuration have it"
	oneTimeScale   = "the quiet phase is as long as the times in it: with such a value a run would take days, or every call would fail"
)

// not returns the classes that are not drawn for a reason.
func not(reason string, classes ...int) map[int]string {
	undrawn := make(map[int]string, len(classes))
	for _, class := range classes {
		undrawn[class] = reason
	}
	return undrawn
}

func all(parts ...map[int]string) map[int]string {
	undrawn := map[int]string{}
	for _, part := range parts {
		maps.Copy(undrawn, part)
	}
	return undrawn
}

// timesAsUsual are the classes of a setting that is its default in every run.
func timesAsUsual() map[int]string {
	return all(not(oneTimeScale, settingLeast, settingBetween, settingGreatest), not(validated, settingBeyond))
}

// inputRows is the audit.
var inputRows = [...]inputRow{
	rowSubmissionReview: {of: "Submission", field: "Review", kind: texts, greatest: 256, undrawn: all(
		not(refusedOnEntry, textEmpty, textBeyond), not(notStorable, textNUL, textInvalid),
	)},
	rowSubmissionOwner: {of: "Submission", field: "Owner", kind: texts, greatest: 256, undrawn: all(
		not(refusedOnEntry, textEmpty, textBeyond), not(notStorable, textNUL, textInvalid),
	)},
	rowSubmissionPlatform: {of: "Submission", field: "Platform", kind: forges, undrawn: not(refusedOnEntry, 2)},
	rowSubmissionRepository: {of: "Submission", field: "Repository", kind: texts, greatest: 1024, undrawn: all(
		not(refusedOnEntry, textEmpty, textBeyond), not(notStorable, textNUL, textInvalid), not("a repository has a slash", textOrdinary), not(noDifference, textGreatest),
	)},
	rowSubmissionPullRequest: {of: "Submission", field: "PullRequest", kind: numbers, undrawn: all(
		not(refusedOnEntry, numberNegative, numberZero), not(noSuchValue, numberGreatest, numberBeyond),
	)},
	rowSubmissionHeadSHA: {of: "Submission", field: "HeadSHA", kind: texts, greatest: 128, undrawn: all(
		not(refusedOnEntry, textEmpty, textBeyond), not(notStorable, textNUL, textInvalid), not(noDifference, textEscaped, textNonASCII, textGreatest),
	)},
	rowSubmissionHeadOrder: {of: "Submission", field: "HeadOrder", kind: numbers, undrawn: all(
		not(noSuchValue, numberGreatest, numberBeyond), not(noDifference, numberNegative, numberZero, numberOne),
	)},

	rowPayload: {of: "Payload", field: "bytes", kind: texts, undrawn: all(
		not(noSuchValue, textBeyond, textGreatest, textRepeated),
		not("the agent of this world reads from the payload what it executes", textEmpty),
		not(noDifference, textInvalid),
	)},

	rowEventSeq: {of: "Event", field: "Seq", kind: numbers, undrawn: all(
		not(refusedOnEntry, numberNegative, numberZero), not(noSuchValue, numberGreatest, numberBeyond), not(tellsApart, numberRepeated),
	)},
	rowEventKind: {of: "Event", field: "Kind", kind: kinds, undrawn: not("faults agent.malformed has it: it can't be decoded", 0, 4)},
	rowEventTokens: {of: "Event", field: "Tokens", kind: numbers, greatest: engine.EventTokensMax, undrawn: all(
		not(refusedOnEntry, numberNegative, numberBeyond), not(tellsApart, numberRepeated), not(noDifference, numberZero),
	)},
	rowEventText: {of: "Event", field: "Text", kind: texts, greatest: engine.EventTextBytesMax, undrawn: all(
		not("fault agent.oversized has it", textBeyond), not(tellsApart, textRepeated),
		not(noDifference, textNUL, textInvalid, textEscaped, textNonASCII),
	)},
	rowEventRetryable: {of: "Event", field: "Retryable", kind: switches},

	rowReportKey: {of: "WorkerReport", field: "Key", kind: attempts, undrawn: all(
		not(madeByEngine, keyNone), not("a worker hears of an attempt from the app", keyNewer),
	)},
	rowReportStatus: {of: "WorkerReport", field: "Status", kind: statuses, undrawn: not(madeByEngine, 0, 1, 2)},
	rowReportReason: {of: "WorkerReport", field: "Reason", kind: texts, undrawn: all(
		not(noSuchValue, textGreatest, textBeyond), not(tellsApart, textRepeated), not(noDifference, textInvalid),
	)},
	rowReportRetryable: {of: "WorkerReport", field: "Retryable", kind: switches},
	rowReportAgentVersion: {of: "WorkerReport", field: "AgentVersion", kind: texts, undrawn: all(
		not(noSuchValue, textGreatest, textBeyond), not(tellsApart, textRepeated),
		not(noDifference, textEmpty, textNUL, textInvalid, textNonASCII, textEscaped),
	)},
	rowReportEvents: {of: "WorkerReport", field: "Events", kind: numbers, undrawn: all(
		not(madeByEngine, numberNegative), not(noSuchValue, numberGreatest, numberBeyond), not(tellsApart, numberRepeated),
	)},
	rowReportTokens: {of: "WorkerReport", field: "Tokens", kind: numbers, undrawn: all(
		not(madeByEngine, numberNegative), not(noSuchValue, numberGreatest, numberBeyond), not(tellsApart, numberRepeated),
		not(noDifference, numberOne),
	)},

	rowStartKey: {of: "StartRequest", field: "Key", kind: attempts, undrawn: all(
		not(madeByEngine, keyNone, keyOlder, keyNewer),
	)},
	rowStartOwner: {of: "StartRequest", field: "Owner", kind: texts, greatest: 256, undrawn: all(
		not(madeByEngine, textEmpty, textBeyond, textNUL, textInvalid), not(tellsApart, textRepeated),
	)},
	rowStartToken: {of: "StartRequest", field: "Token", kind: numbers, undrawn: all(
		not(madeByEngine, numberNegative, numberZero), not(noSuchValue, numberGreatest, numberBeyond), not(tellsApart, numberRepeated),
	)},
	rowStartPayload: {of: "StartRequest", field: "Payload", kind: texts, undrawn: all(
		not(noSuchValue, textBeyond, textGreatest, textRepeated),
		not(noDifference, textInvalid),
	)},
	rowStartAbandon: {of: "StartRequest", field: "Abandon", kind: texts, undrawn: all(
		not(noSuchValue, textGreatest, textBeyond), not(tellsApart, textRepeated), not(noDifference, textNUL, textInvalid, textNonASCII),
	)},

	rowGetID:      {of: "App.Get", field: "id", kind: attempts, undrawn: not(noSuchValue, keyOlder, keyNewer, keyNone)},
	rowAttemptsID: {of: "App.Attempts", field: "id", kind: attempts, undrawn: not(noSuchValue, keyOlder, keyNewer, keyNone)},
	rowEventsKey:  {of: "App.Events", field: "key", kind: attempts, undrawn: not(refusedOnEntry, keyNone, keyNewer)},
	rowEventsAfter: {of: "App.Events", field: "after", kind: numbers, undrawn: all(
		not(refusedOnEntry, numberNegative), not(noSuchValue, numberGreatest, numberBeyond), not(tellsApart, numberRepeated),
	)},
	rowEventsMax: {of: "App.Events", field: "max", kind: numbers, greatest: 1000, undrawn: all(
		not(refusedOnEntry, numberNegative, numberZero, numberBeyond), not(tellsApart, numberRepeated),
	)},
	rowCancelKey: {of: "App.Cancel", field: "key", kind: attempts, undrawn: not(refusedOnEntry, keyNone, keyNewer)},
	rowCancelReason: {of: "App.Cancel", field: "reason", kind: texts, undrawn: all(
		not(noSuchValue, textGreatest, textBeyond), not(tellsApart, textRepeated),
	)},
	rowRetriggerKey: {of: "App.Retrigger", field: "key", kind: attempts, undrawn: not(refusedOnEntry, keyNone, keyNewer)},

	rowAbandonKey: {of: "App.Abandon", field: "key", kind: attempts, undrawn: not(refusedOnEntry, keyNone, keyNewer)},
	rowAbandonReason: {of: "App.Abandon", field: "reason", kind: texts, undrawn: all(
		not(noSuchValue, textGreatest, textBeyond), not(tellsApart, textRepeated),
	)},
	rowInspectKey: {of: "App.Inspect", field: "key", kind: attempts, undrawn: not(refusedOnEntry, keyNone, keyNewer)},

	rowAppLimit: {of: "AppConfig", field: "Limit", kind: settings, undrawn: all(
		not("every owner has a limit of its own, so that its slots are few", settingLeast, settingBetween, settingGreatest), not(validated, settingBeyond),
	)},
	rowAppOwnerLimits: {of: "AppConfig", field: "OwnerLimits", kind: settings, undrawn: all(
		not("a limit above the number of reviews is none", settingGreatest, settingDefault), not(validated, settingBeyond),
	)},
	rowAppStaleAfter: {of: "AppConfig", field: "StaleAfter", kind: settings, undrawn: all(
		not(oneTimeScale, settingLeast), not(validated, settingBeyond),
	)},
	rowAppDispatchTimeout: {of: "AppConfig", field: "DispatchTimeout", kind: settings, undrawn: timesAsUsual()},
	rowAppPrepareTimeout:  {of: "AppConfig", field: "PrepareTimeout", kind: settings, undrawn: timesAsUsual()},
	rowAppStoreTimeout:    {of: "AppConfig", field: "StoreTimeout", kind: settings, undrawn: timesAsUsual()},
	rowAppSweepEvery: {of: "AppConfig", field: "SweepEvery", kind: settings, undrawn: all(
		not(oneTimeScale, settingLeast, settingGreatest), not(validated, settingBeyond),
	)},
	rowAppSweepBatch: {of: "AppConfig", field: "SweepBatch", kind: settings, undrawn: all(
		not("more than there are rows is no limit", settingGreatest), not(validated, settingBeyond),
	)},
	rowAppSilentAfter: {of: "AppConfig", field: "SilentAfter", kind: settings, undrawn: not(validated, settingBeyond)},
	rowAppStopEvery: {of: "AppConfig", field: "StopEvery", kind: settings, undrawn: all(
		not(oneTimeScale, settingLeast), not(validated, settingBeyond),
	)},
	rowAppMaxRetries: {of: "AppConfig", field: "MaxRetries", kind: settings, undrawn: all(
		not(oneTimeScale, settingGreatest), not(validated, settingBeyond),
	)},
	rowAppMaxDeferrals: {of: "AppConfig", field: "MaxDeferrals", kind: settings, undrawn: all(
		not(oneTimeScale, settingGreatest), not(validated, settingBeyond),
	)},
	rowAppBackoffMin: {of: "AppConfig", field: "BackoffMin", kind: settings, undrawn: all(
		not(oneTimeScale, settingLeast, settingBetween), not(validated, settingBeyond),
	)},
	rowAppBackoffMax: {of: "AppConfig", field: "BackoffMax", kind: settings, undrawn: all(
		not(oneTimeScale, settingLeast, settingBetween), not(validated, settingBeyond),
	)},
	rowAppLog: {of: "AppConfig", field: "Log", kind: switches, undrawn: not(logged, 0)},
	rowAppRetryAfterMax: {of: "AppConfig", field: "RetryAfterMax", kind: settings, undrawn: all(
		not(oneTimeScale, settingGreatest), not(validated, settingBeyond),
	)},

	rowWorkerAgentVersion: {of: "WorkerConfig", field: "AgentVersion", kind: texts, undrawn: all(
		not(noSuchValue, textGreatest, textBeyond), not(tellsApart, textRepeated),
		not(noDifference, textEmpty, textNUL, textInvalid, textNonASCII, textEscaped),
	)},
	rowWorkerLeaseFor: {of: "WorkerConfig", field: "LeaseFor", kind: settings, undrawn: all(
		not(oneTimeScale, settingLeast, settingGreatest), not(validated, settingBeyond),
	)},
	rowWorkerRenewEvery: {of: "WorkerConfig", field: "RenewEvery", kind: settings, undrawn: all(
		not(oneTimeScale, settingLeast, settingGreatest), not(validated, settingBeyond),
	)},
	rowWorkerTakeoverBatch: {of: "WorkerConfig", field: "TakeoverBatch", kind: settings, undrawn: all(
		not("more than there are rows is no limit", settingGreatest), not(validated, settingBeyond),
	)},
	rowWorkerBatch: {of: "WorkerConfig", field: "Batch", kind: settings, undrawn: all(
		not("more than there are events is no limit", settingGreatest), not(validated, settingBeyond),
	)},
	rowWorkerFlushAfter: {of: "WorkerConfig", field: "FlushAfter", kind: settings, undrawn: all(
		not(oneTimeScale, settingGreatest), not(validated, settingBeyond),
	)},
	rowWorkerStreamLimit: {of: "WorkerConfig", field: "StreamLimit", kind: settings, undrawn: all(
		not(oneTimeScale, settingLeast, settingGreatest), not(validated, settingBeyond),
	)},
	rowWorkerStreamSilence: {of: "WorkerConfig", field: "StreamSilence", kind: settings, undrawn: all(
		not("it has to be longer than the agent's pause between signs of life", settingLeast), not(oneTimeScale, settingGreatest), not(validated, settingBeyond),
	)},
	rowWorkerEventSilence: {of: "WorkerConfig", field: "EventSilence", kind: settings, undrawn: all(
		not(oneTimeScale, settingGreatest), not(validated, settingBeyond),
	)},
	rowWorkerUnknownFor: {of: "WorkerConfig", field: "UnknownFor", kind: settings, undrawn: all(
		not("it has to be longer than a session is unknown to the agent", settingLeast), not(oneTimeScale, settingGreatest), not(validated, settingBeyond),
	)},
	rowWorkerGoneAfter: {of: "WorkerConfig", field: "GoneAfter", kind: settings, undrawn: all(
		not("it has to be longer than a request is on its way", settingLeast, settingBetween, settingGreatest), not(validated, settingBeyond),
	)},
	rowWorkerThrottleLimit: {of: "WorkerConfig", field: "ThrottleLimit", kind: settings, undrawn: all(
		not(oneTimeScale, settingGreatest), not(validated, settingBeyond),
	)},
	rowWorkerRetryAfterMax: {of: "WorkerConfig", field: "RetryAfterMax", kind: settings, undrawn: all(
		not(oneTimeScale, settingGreatest), not(validated, settingBeyond),
	)},
	rowWorkerMaxTakeovers: {of: "WorkerConfig", field: "MaxTakeovers", kind: settings, undrawn: all(
		not("more than there are takeovers is no limit", settingGreatest), not(validated, settingBeyond),
	)},
	rowWorkerCreateTries: {of: "WorkerConfig", field: "CreateTries", kind: settings, undrawn: all(
		not(oneTimeScale, settingGreatest), not(validated, settingBeyond),
	)},
	rowWorkerDecodeTries: {of: "WorkerConfig", field: "DecodeTries", kind: settings, undrawn: all(
		not(oneTimeScale, settingGreatest), not(validated, settingBeyond),
	)},
	rowWorkerAgentTimeout:    {of: "WorkerConfig", field: "AgentTimeout", kind: settings, undrawn: timesAsUsual()},
	rowWorkerCallbackTimeout: {of: "WorkerConfig", field: "CallbackTimeout", kind: settings, undrawn: timesAsUsual()},
	rowWorkerJournalTimeout:  {of: "WorkerConfig", field: "JournalTimeout", kind: settings, undrawn: timesAsUsual()},
	rowWorkerBackoffMin:      {of: "WorkerConfig", field: "BackoffMin", kind: settings, undrawn: timesAsUsual()},
	rowWorkerBackoffMax:      {of: "WorkerConfig", field: "BackoffMax", kind: settings, undrawn: timesAsUsual()},
	rowWorkerKeepFor: {of: "WorkerConfig", field: "KeepFor", kind: settings, undrawn: all(
		not(oneTimeScale, settingGreatest), not(validated, settingBeyond),
	)},
	rowWorkerPurgeEvery: {of: "WorkerConfig", field: "PurgeEvery", kind: settings, undrawn: all(
		not("with the default hardly any run would see a purge", settingDefault), not(oneTimeScale, settingLeast, settingGreatest), not(validated, settingBeyond),
	)},
	rowWorkerPurgeBatch: {of: "WorkerConfig", field: "PurgeBatch", kind: settings, undrawn: all(
		not("more than there are rows is no limit", settingGreatest), not(validated, settingBeyond),
	)},
	rowWorkerLog: {of: "WorkerConfig", field: "Log", kind: switches, undrawn: not(logged, 0)},
}
