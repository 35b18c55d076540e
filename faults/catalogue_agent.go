package faults

// The entries of an agent that is silent, forgetful or overloaded, and of partners that throttle their callers.
var (
	agentRefuse = Entry{
		Kind:     AgentRefuse,
		Sentence: "The agent refuses to create the session: a 4xx that will never change.",
		May:      "End the attempt as failed, with the reason.",
		MayNot:   "Create the session, or refuse a key under which a session exists.",
		Point:    "the agent, creating a session, each call",
		Effect:   Permanent,
		Unit:     PerCall,
		Rates:    occasional,
	}
	agentThrottle = Entry{
		Kind:     AgentThrottle,
		Sentence: "The agent answers 429 and does nothing, with a Retry-After of up to 90 s or without one.",
		May:      "Happen several times in a row, and to any call: create, find, stream, interrupt.",
		MayNot:   "Have an effect, now or later.",
		Point:    "the agent, each call",
		Effect:   Rejected,
		Unit:     PerCall,
		Rates:    occasional,
	}
	agentError = Entry{
		Kind:     AgentError,
		Sentence: "The agent answers 5xx, before or after the call took effect.",
		May:      "Leave the caller in doubt whether the session exists, or whether the interrupt took effect.",
		MayNot:   "Have a part of the effect, forget a session, or create a second one for the same idempotency key.",
		Point:    "the agent, each call; before or after is drawn",
		Effect:   Ambiguous,
		Unit:     PerCall,
		Rates:    occasional,
	}
	agentCut = Entry{
		Kind:     AgentCut,
		Sentence: "The stream ends early, as if it were complete, though the session goes on.",
		May:      "Look like the end of the session to a reader that takes the end of the stream for the end of the session.",
		MayNot:   "Send a terminal event, skip an event before the cut, or refuse to resume at the last acknowledged position.",
		Point:    "the agent, sending an event of a stream, each event",
		Effect:   Nothing,
		Unit:     PerCall,
		Rates:    drastic,
	}
	agentDuplicateEvents = Entry{
		Kind:     AgentDuplicateEvents,
		Sentence: "A resumed stream begins with events from before the position asked for.",
		May:      "Deliver events again that are already journaled or buffered.",
		MayNot:   "Alter an event or its sequence number, skip one, or put them out of order.",
		Point:    "the agent, resuming a stream, each resume",
		Effect:   Nothing,
		Unit:     PerCall,
		Rates:    seldom,
	}
	agentMalformed = Entry{
		Kind:     AgentMalformed,
		Sentence: "An event cannot be decoded on the wire, once: sent again, it is well formed.",
		May:      "Break off the reading of a stream in the middle of a batch.",
		MayNot:   "Damage the event at the agent, or be decodable as another event.",
		Point:    "the agent, sending an event of a stream, each event",
		Effect:   Nothing,
		Unit:     PerCall,
		Rates:    drastic,
	}
	agentOversized = Entry{
		Kind:     AgentOversized,
		Sentence: "An event exceeds the size limit on the wire, once or each time that it is sent.",
		May:      "Break off the reading of a stream. When it exceeds the limit each time, the attempt can only end as failed, with the reason.",
		MayNot:   "Be accepted in part.",
		Point:    "the agent, sending an event of a stream, each event; once or each time is drawn",
		Effect:   Nothing,
		Unit:     PerCall,
		Rates:    drastic,
	}
	agentHang = Entry{
		Kind:     AgentHang,
		Sentence: "From some event on, the session emits nothing more until it is interrupted.",
		May:      "Keep its slot until the stream limit (20 min) and the interrupt that follows.",
		MayNot:   "Ignore the interrupt, or end by itself.",
		Point:    "the agent, a session; the last event before the silence is drawn",
		Effect:   Nothing,
		Unit:     PerSession,
		Rates:    occasional,
	}
	agentLate = Entry{
		Kind:     AgentLate,
		Sentence: "The session finishes minutes after its last event but one.",
		May:      "Look silent, so that somebody asks about it, while it is alive and about to complete.",
		MayNot:   "Ignore the interrupt, or emit anything after it.",
		Point:    "the agent, a session; how late is drawn",
		Effect:   Nothing,
		Unit:     PerSession,
		Rates:    occasional,
	}
	workerThrottle = Entry{
		Kind:     WorkerThrottle,
		Sentence: "A worker is overloaded: it answers 429 and does nothing, with a Retry-After of up to 90 s or without one.",
		May:      "Happen to a start, a cancel or a question, and several times in a row.",
		MayNot:   "Have an effect, now or later.",
		Point:    "an app replica, a call of a worker, each call",
		Effect:   Rejected,
		Unit:     PerCall,
		Rates:    occasional,
	}
	callbackThrottle = Entry{
		Kind:     CallbackThrottle,
		Sentence: "The app is overloaded: it answers a callback with 429 and does nothing, with a Retry-After of up to 90 s or without one.",
		May:      "Happen several times in a row.",
		MayNot:   "Have an effect, now or later.",
		Point:    "a worker host, a callback, each call",
		Effect:   Rejected,
		Unit:     PerCall,
		Rates:    occasional,
	}
	agentStall = Entry{
		Kind:     AgentStall,
		Sentence: "A stream falls silent: from some event on nothing arrives on it any more, no sign of life either, and nothing breaks.",
		May:      "Keep a reader waiting that has no limit of its own, while the session goes on and ends.",
		MayNot:   "Affect the session, or another stream of it.",
		Point:    "the agent, sending an event of a stream, each event",
		Effect:   Nothing,
		Unit:     PerCall,
		Rates:    drastic,
	}
	agentRestart = Entry{
		Kind:     AgentRestart,
		Sentence: "The agent restarts, is down for 1 to 20 s, and has lost its sessions.",
		May: "End every session without a last event, break every stream, drop every request on its way, and know nothing of a " +
			"session afterwards that somebody follows, creates or interrupts.",
		MayNot: "Forget an interrupt that it has acknowledged, or let a request through that was sent before.",
		Point:  "the agent, the run: happens at a drawn time",
		Effect: Nothing | Rejected | Ambiguous,
		Unit:   PerRun,
		Rates:  seldom,
	}
	agentOverload = Entry{
		Kind: AgentOverload,
		Sentence: "The agent throttles all calls for 1 min to 3 h: 429, or 503 with a Retry-After, as a number of seconds or as a " +
			"date, of up to 3 min.",
		May:    "Keep sessions from being created, followed and interrupted for hours. The storm lasts as long.",
		MayNot: "Have an effect, break a stream that is open, or stop a session.",
		Point:  "the agent, the run: begins at a drawn time",
		Effect: Rejected,
		Unit:   PerRun,
		Rates:  seldom,
	}
	agentEventual = Entry{
		Kind:     AgentEventual,
		Sentence: "The agent is eventually consistent: for 1 to 20 s after its creation a session is unknown to whoever asks for its events.",
		May:      "Answer not found about a session that it has just created, and that is running.",
		MayNot:   "Affect the creation, an interrupt, or a stream that is open.",
		Point:    "the agent, a session; how long is drawn",
		Effect:   Nothing,
		Unit:     PerSession,
		Rates:    occasional,
	}
	agentForget = Entry{
		Kind:     AgentForget,
		Sentence: "The agent forgets the events of a session that were acknowledged.",
		May:      "Begin a stream behind the latest position that any stream was asked for, also if a later one asks for less.",
		MayNot:   "Forget an event that was not acknowledged.",
		Point:    "the agent, a session",
		Effect:   Nothing,
		Unit:     PerSession,
		Rates:    seldom,
	}
	agentNoNote = Entry{
		Kind:     AgentNoNote,
		Sentence: "The agent answers an interrupt of a session that it does not know with 404, and takes no note of it.",
		May:      "Begin a session whose creation was on its way when it was interrupted.",
		MayNot:   "Answer so about a session that it knows, or forget an interrupt of one.",
		Point:    "the agent, the run",
		Effect:   Nothing,
		Unit:     PerRun,
		Rates:    seldom,
	}
	agentNoEnd = Entry{
		Kind:     AgentNoEnd,
		Sentence: "The agent never answers that a session has ended that was interrupted while it ran, until its operator ends it.",
		May:      "Keep the slot until an operator has ended the session and abandons its attempt, minutes to an hour later.",
		MayNot:   "Emit anything after the interrupt, or survive a restart of the agent.",
		Point:    "the agent, a session",
		Effect:   Nothing,
		Unit:     PerSession,
		Rates:    occasional,
	}
)
