package faults

import (
	"fmt"
	"strings"
)

// Kind is one kind of fault. The kinds are dense, from 0 to [Count]-1 in catalogue order, so that an array of [Count]
// elements holds one value per kind. Its text form is "category.name", for example "network.delay".
type Kind uint8

// The kinds of faults. [Lookup] returns what each does, and what it never does.
const (
	ProcessCrash Kind = iota
	ProcessCrashLoop
	ProcessPause
	ProcessSlow
	ProcessOldConfig
	ProcessNewerVersion
	ProcessPoison

	NetworkRequestLost
	NetworkAnswerLost
	NetworkDelay
	NetworkDuplicate
	NetworkReorder
	NetworkPartition
	NetworkReset
	NetworkOneWay
	NetworkStall
	NetworkContent
	NetworkHangUp
	NetworkGateway

	DatabaseLostBefore
	DatabaseLostAfterCommit
	DatabaseStatementTimeout
	DatabaseSerialization
	DatabaseFailover
	DatabasePoolExhausted
	DatabaseRowLocked
	DatabaseDiskFull
	DatabaseDiskFailing
	DatabaseHintLost
	DatabaseHintLate
	DatabaseHintDouble
	DatabaseReadOnly
	DatabaseRefusedForGood

	JournalRefused
	JournalReportedFailed
	JournalSlow
	JournalDiskFull
	JournalDiskFailing
	JournalRefusedForGood

	WorkerRefuse
	WorkerStray
	WorkerThrottle

	CallbackErrorWithoutEffect
	CallbackErrorAfterEffect
	CallbackUnauthorized
	CallbackTimeout
	CallbackDuplicate
	CallbackLate
	CallbackThrottle

	AgentRefuse
	AgentThrottle
	AgentError
	AgentCut
	AgentDuplicateEvents
	AgentMalformed
	AgentOversized
	AgentHang
	AgentLate
	AgentStall
	AgentRestart
	AgentOverload
	AgentEventual
	AgentForget
	AgentNoNote
	AgentNoEnd

	PreparationSlow
	PreparationRetryable
	PreparationPermanent
	PreparationPanic

	ClockSkew
	ClockJump

	// Count is the number of kinds: the length of an array with one element per kind.
	Count int = iota
)

// Category is the part of the deployment that a kind affects: the first half of its name.
type Category string

// The categories, in catalogue order.
const (
	CategoryProcess     Category = "process"
	CategoryNetwork     Category = "network"
	CategoryDatabase    Category = "database"
	CategoryJournal     Category = "journal"
	CategoryWorker      Category = "worker"
	CategoryCallback    Category = "callback"
	CategoryAgent       Category = "agent"
	CategoryPreparation Category = "preparation"
	CategoryClock       Category = "clock"
)

// Categories returns all categories in catalogue order.
func Categories() []Category {
	return []Category{
		CategoryProcess, CategoryNetwork, CategoryDatabase, CategoryJournal, CategoryWorker,
		CategoryCallback, CategoryAgent, CategoryPreparation, CategoryClock,
	}
}

var kindNames = [Count]string{
	ProcessCrash:        "process.crash",
	ProcessCrashLoop:    "process.crash-loop",
	ProcessPause:        "process.pause",
	ProcessSlow:         "process.slow",
	ProcessOldConfig:    "process.old-config",
	ProcessNewerVersion: "process.newer-version",
	ProcessPoison:       "process.poison",

	NetworkRequestLost: "network.request-lost",
	NetworkAnswerLost:  "network.answer-lost",
	NetworkDelay:       "network.delay",
	NetworkDuplicate:   "network.duplicate",
	NetworkReorder:     "network.reorder",
	NetworkPartition:   "network.partition",
	NetworkReset:       "network.reset",
	NetworkOneWay:      "network.one-way",
	NetworkStall:       "network.stall",
	NetworkContent:     "network.content",
	NetworkHangUp:      "network.hang-up",
	NetworkGateway:     "network.gateway",

	DatabaseLostBefore:       "database.lost-before",
	DatabaseLostAfterCommit:  "database.lost-after-commit",
	DatabaseStatementTimeout: "database.statement-timeout",
	DatabaseSerialization:    "database.serialization",
	DatabaseFailover:         "database.failover",
	DatabasePoolExhausted:    "database.pool-exhausted",
	DatabaseRowLocked:        "database.row-locked",
	DatabaseDiskFull:         "database.disk-full",
	DatabaseDiskFailing:      "database.disk-failing",
	DatabaseHintLost:         "database.hint-lost",
	DatabaseHintLate:         "database.hint-late",
	DatabaseHintDouble:       "database.hint-double",
	DatabaseReadOnly:         "database.read-only",
	DatabaseRefusedForGood:   "database.refused-for-good",

	JournalRefused:        "journal.refused",
	JournalReportedFailed: "journal.reported-failed",
	JournalSlow:           "journal.slow",
	JournalDiskFull:       "journal.disk-full",
	JournalDiskFailing:    "journal.disk-failing",
	JournalRefusedForGood: "journal.refused-for-good",

	WorkerRefuse:   "worker.refuse",
	WorkerStray:    "worker.stray",
	WorkerThrottle: "worker.throttle",

	CallbackErrorWithoutEffect: "callback.error-without-effect",
	CallbackErrorAfterEffect:   "callback.error-after-effect",
	CallbackUnauthorized:       "callback.unauthorized",
	CallbackTimeout:            "callback.timeout",
	CallbackDuplicate:          "callback.duplicate",
	CallbackLate:               "callback.late",
	CallbackThrottle:           "callback.throttle",

	AgentRefuse:          "agent.refuse",
	AgentThrottle:        "agent.throttle",
	AgentError:           "agent.error",
	AgentCut:             "agent.cut",
	AgentDuplicateEvents: "agent.duplicate-events",
	AgentMalformed:       "agent.malformed",
	AgentOversized:       "agent.oversized",
	AgentHang:            "agent.hang",
	AgentLate:            "agent.late",
	AgentStall:           "agent.stall",
	AgentRestart:         "agent.restart",
	AgentOverload:        "agent.overload",
	AgentEventual:        "agent.eventual",
	AgentForget:          "agent.forget",
	AgentNoNote:          "agent.no-note",
	AgentNoEnd:           "agent.no-end",

	PreparationSlow:      "preparation.slow",
	PreparationRetryable: "preparation.retryable",
	PreparationPermanent: "preparation.permanent",
	PreparationPanic:     "preparation.panic",

	ClockSkew: "clock.skew",
	ClockJump: "clock.jump",
}

// Valid reports whether k is a kind of the catalogue.
func (k Kind) Valid() bool { return int(k) < Count }

// String returns the kind's name, "category.name", or "faults.Kind(N)" for a number that is no kind.
func (k Kind) String() string {
	if !k.Valid() {
		return fmt.Sprintf("faults.Kind(%d)", uint8(k))
	}
	return kindNames[k]
}

// Category returns the part of the deployment that the kind affects. It panics when k is no kind.
func (k Kind) Category() Category {
	category, _, _ := strings.Cut(kindNames[k], ".")
	return Category(category)
}

// ParseKind returns the kind with this exact name. The error is an [*UnknownKindError].
func ParseKind(name string) (Kind, error) {
	for k, known := range kindNames {
		if name == known {
			return Kind(k), nil
		}
	}
	return 0, &UnknownKindError{Name: name}
}

// UnknownKindError reports a name that no fault kind has.
type UnknownKindError struct {
	// Name is the unknown name.
	Name string
}

// Error returns the name and the allowed ones: the kinds of the category if the category exists, else the categories.
func (e *UnknownKindError) Error() string {
	category, _, _ := strings.Cut(e.Name, ".")
	var allowed []string
	for _, name := range kindNames {
		if strings.HasPrefix(name, category+".") {
			allowed = append(allowed, name)
		}
	}
	if len(allowed) > 0 {
		return fmt.Sprintf("unknown fault kind %q: the kinds of category %s are %s", e.Name, category, strings.Join(allowed, ", "))
	}
	for _, c := range Categories() {
		allowed = append(allowed, string(c))
	}
	return fmt.Sprintf("unknown fault kind %q: a kind is written category.name, like %s; the categories are %s",
		e.Name, NetworkDelay, strings.Join(allowed, ", "))
}

// Counts counts injected faults, one element per kind: the simulator adds 1 to counts[k] when it injects one of kind k.
type Counts [Count]uint64
