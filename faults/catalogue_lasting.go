package faults

// The entries of faults that last, or that affect one review among many, and of notifications between replicas.
var (
	networkOneWay = Entry{
		Kind:     NetworkOneWay,
		Sentence: "For 5 to 120 s a process reaches one other party, or all, and hears nothing back; or it hears them and does not reach them.",
		May: "Carry out every request across the cut while every answer to it is lost, so that the caller asks for a thing again and " +
			"again that has long been done; or lose every request of a process that is asked, and answers, as usual.",
		MayNot: "Lose a message in the direction that is open, deliver one later that was lost, or affect other connections.",
		Point:  "a process, its life: begins at a drawn time; the direction and the peer, or all of them, are drawn too",
		Effect: Ambiguous,
		Unit:   PerProcess,
		Rates:  seldom,
	}
	networkStall = Entry{
		Kind:     NetworkStall,
		Sentence: "The connections between a process and one other party stand still for 5 to 90 s: bytes stop, and nothing breaks.",
		May: "Hold back requests and answers in both directions until the connections move on, and deliver them all at once then: " +
			"statements of a host whose lease has run out, dispatches whose caller has given up.",
		MayNot: "Lose, alter or duplicate a message, close a connection, or affect streams of the agent, which have faults of their own.",
		Point:  "a process, its life: begins at a drawn time; the peer is drawn too",
		Effect: Ambiguous,
		Unit:   PerProcess,
		Rates:  seldom,
	}
	networkContent = Entry{
		Kind: NetworkContent,
		Sentence: "For 1 to 10 min every call of one method about one review fails: something between the two parties " +
			"chokes on what it carries.",
		May: "Fail each try of a claimed dispatch, a callback, a cancel or the creation of a session in the same place, while the same " +
			"call about any other review succeeds.",
		MayNot: "Carry the call out, or affect another method or another review.",
		Point:  "the network, the run: begins at a drawn time; the method and the review are drawn too",
		Effect: Ambiguous,
		Unit:   PerRun,
		Rates:  seldom,
	}
	databaseRowLocked = Entry{
		Kind:     DatabaseRowLocked,
		Sentence: "For 20 s to 8 min somebody else's transaction holds the row of one review: each write of it ends at the statement timeout.",
		May:      "Refuse every write of one review, with a wait before it, while all other rows can be read and written.",
		MayNot:   "Leave any effect of such a write, affect reads, or hold another row.",
		Point:    "the database, the run: begins at a drawn time; the review is drawn too",
		Effect:   Rejected,
		Unit:     PerRun,
		Rates:    seldom,
	}
	databaseDiskFull = Entry{
		Kind:     DatabaseDiskFull,
		Sentence: "The disk of the database is full for 30 s to 5 min: every write is refused, and every read is answered.",
		May:      "Show everybody what is due, while nobody can claim, record or release anything.",
		MayNot:   "Leave any effect of a write that is refused, or lose one that was acknowledged.",
		Point:    "the database, the run: begins at a drawn time",
		Effect:   Rejected,
		Unit:     PerRun,
		Rates:    seldom,
	}
	databaseDiskFailing = Entry{
		Kind:     DatabaseDiskFailing,
		Sentence: "The disk of the database fails for 10 s to 2 min: every statement takes seconds, and some commits report an error.",
		May: "Let statements run into the callers' timeouts, and leave callers in doubt about a commit that failed to " +
			"report, whether it is there or not.",
		MayNot: "Commit in part, or take an acknowledged commit back.",
		Point:  "the database, the run: begins at a drawn time",
		Effect: Nothing | Ambiguous,
		Unit:   PerRun,
		Rates:  seldom,
	}
	databaseHintLost = Entry{
		Kind:     DatabaseHintLost,
		Sentence: "A notification of new work does not reach a replica: its listening connection is down.",
		May:      "Leave work that another replica recorded to the sweep.",
		MayNot:   "Affect the write that the notification is about.",
		Point:    "a replica of the app, a notification, each one",
		Effect:   Nothing,
		Unit:     PerCall,
		Rates:    occasional,
	}
	databaseHintLate = Entry{
		Kind:     DatabaseHintLate,
		Sentence: "A notification of new work arrives up to 2 min late.",
		May:      "Wake a replica when the work is long done, or when another one is in the middle of it.",
		MayNot:   "Affect the write that the notification is about.",
		Point:    "a replica of the app, a notification, each one",
		Effect:   Nothing,
		Unit:     PerCall,
		Rates:    occasional,
	}
	databaseHintDouble = Entry{
		Kind:     DatabaseHintDouble,
		Sentence: "A notification of new work arrives twice.",
		May:      "Begin a second cycle while the first is under way.",
		MayNot:   "Affect the write that the notification is about.",
		Point:    "a replica of the app, a notification, each one",
		Effect:   Nothing,
		Unit:     PerCall,
		Rates:    occasional,
	}
	databaseReadOnly = Entry{
		Kind: DatabaseReadOnly,
		Sentence: "After a failover the connections of one replica still lead to the old primary for 30 s to 10 min: it refuses every " +
			"write of that replica, and answers its reads.",
		May: "Let one replica see all that is due and record nothing, while the others go on.",
		MayNot: "Leave any effect of a write that is refused, answer a read with what is out of date, or affect other replicas; " +
			"the replica of the database is synchronous.",
		Point:  "the database, the run: begins at a drawn time; the replica is drawn too",
		Effect: Rejected,
		Unit:   PerRun,
		Rates:  seldom,
	}
	journalDiskFull = Entry{
		Kind:     JournalDiskFull,
		Sentence: "The disk of the journal is full for 30 s to 5 min: every write is refused, and every read is answered.",
		May: "Stop renewals, starts, batches of events and outcomes of all hosts at once, while their sessions run on; and let every " +
			"lease look expired when it ends.",
		MayNot: "Leave any effect of a write that is refused, or lose one that was acknowledged.",
		Point:  "the journal, the run: begins at a drawn time",
		Effect: Rejected,
		Unit:   PerRun,
		Rates:  seldom,
	}
	journalDiskFailing = Entry{
		Kind:     JournalDiskFailing,
		Sentence: "The disk of the journal fails for 10 s to 2 min: every operation takes seconds, and some writes report an error.",
		May: "Let operations run into the callers' timeouts, and leave hosts in doubt about a write that failed to report, whether " +
			"it is there or not.",
		MayNot: "Write a part of a batch, or take an acknowledged write back.",
		Point:  "the journal, the run: begins at a drawn time",
		Effect: Nothing | Ambiguous,
		Unit:   PerRun,
		Rates:  seldom,
	}
)
