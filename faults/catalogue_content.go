package faults

// The entries of faults that depend on content and not on chance: the same write or review fails again, at every process,
// for ever.
var (
	databaseRefusedForGood = Entry{
		Kind: DatabaseRefusedForGood,
		Sentence: "The database refuses for good what a write carries: a claim, a due time or the end of a stop of one review, or one text. " +
			"The same is refused each time, also in the quiet phase.",
		May: "Leave a dispatcher with a decision that it can't record as it is, whoever tries, and however often.",
		MayNot: "Leave any effect, refuse what was stored before, or refuse another text, another review or another kind of write " +
			"for the same reason.",
		Point:  "a process, a store operation that writes, each operation",
		Effect: Permanent,
		Unit:   PerCall,
		Rates:  rare,
	}
	journalRefusedForGood = Entry{
		Kind: JournalRefusedForGood,
		Sentence: "The journal refuses for good what a write carries: a payload, an event, an intent, or one text of an outcome. " +
			"The same is refused each time, also in the quiet phase.",
		May: "Leave a host with events or with an outcome that it can't journal, and the next holder of the lease with the same.",
		MayNot: "Leave any effect, refuse what was journaled before, or refuse another text, another attempt or another kind of write " +
			"for the same reason.",
		Point:  "a worker, a journal write, each write",
		Effect: Permanent,
		Unit:   PerCall,
		Rates:  rare,
	}
	processPoison = Entry{
		Kind: ProcessPoison,
		Sentence: "The work on one review kills the host that does it, each time: when it is given its start, when it asks the agent for a " +
			"session, or when it reads a certain event.",
		May: "Kill one host after the other, also in the quiet phase, until the attempt has been taken over as often as is allowed " +
			"and has failed, or, of a start, until a user or an operator ends the attempt; and all else that these hosts run has to be taken over, too.",
		MayNot: "Kill a process that takes over, stops or reports the review, or one that has journaled the start that kills, or keep a " +
			"host from coming up again.",
		Point:  "the run, its start; the review and the place are drawn too",
		Effect: Nothing | Ambiguous, // as of a crash
		Unit:   PerRun,
		Rates:  seldom,
	}
	preparationPanic = Entry{
		Kind:     PreparationPanic,
		Sentence: "Preparing the payload of one review panics, each time: its content meets a mistake of the preparer.",
		May:      "End the review as failed when it has been tried often enough, with the reason. It goes on after the storm.",
		MayNot:   "Concern another review, leave an effect, or end the process.",
		Point:    "the run, its start; the review is drawn too",
		Effect:   Rejected,
		Unit:     PerRun,
		Rates:    seldom,
	}
)

// rare is for frequent decisions where a fault ends an attempt, whatever its process does.
var rare = Range{Low: 0.001, High: 0.02}
