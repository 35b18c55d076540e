package model_test

import (
	"context"
	"strings"
	"testing"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// Each case applies an operation to the store that the given ones lead to. answer is the result, state the line of the
// review named first in it ("" for no change of the whole store).
var operations = []struct {
	name   string
	given  []model.ReviewsOp
	op     model.ReviewsOp
	answer string
	state  string
}{
	// Submit
	{
		name: "submit records a pending review", op: submit("a", 1),
		answer: "a/1 pending, due 12:00:01.000",
		state:  "a/1 pending, due 12:00:01.000",
	},
	{
		name: "submit again changes nothing", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2)}, op: submit("a", 3),
		answer: "a/1 queued, claim 1, due 12:01:02.000",
	},
	{
		name: "submit of another head under a known identifier", given: []model.ReviewsOp{submit("a", 1)},
		op: withSHA(model.Submit(head("a", 2), at(2)), "sha-b"), answer: "permanent",
	},
	{
		name: "submit of a known head order supersedes the lower identifier", given: []model.ReviewsOp{submit("a", 1)},
		op: model.Submit(head("a2", 1), at(2)), answer: "a2/1 pending, due 12:00:02.000",
		state: "a/1 cancelled (superseded by a2), superseded by a2, due 12:00:01.000; ended [1 cancelled at 12:00:02.000 (superseded by a2)]",
	},
	{
		name: "submit of a known head order is superseded by the higher identifier", given: []model.ReviewsOp{model.Submit(head("a2", 1), at(1))},
		op: model.Submit(head("a", 1), at(2)), answer: "a/1 cancelled (superseded by a2), superseded by a2, due 12:00:02.000",
		state: "a/1 cancelled (superseded by a2), superseded by a2, due 12:00:02.000; ended [1 cancelled at 12:00:02.000 (superseded by a2)]",
	},
	{
		name: "submit of a known head sha under another identifier", given: []model.ReviewsOp{submit("a", 1)},
		op: withSHA(model.Submit(head("a2", 2), at(2)), "sha-a"), answer: "a2/1 pending, due 12:00:02.000",
		state: "a2/1 pending, due 12:00:02.000",
	},
	{
		name:  "submit of a head that has come back begins the next attempt",
		given: []model.ReviewsOp{submit("a", 1), model.Submit(head("a2", 2), at(2)), model.Claim(engine.Claim{Key: key("a2", 1), Owner: "ann", Limit: 2, Now: at(2), DueAt: at(62)})},
		op:    model.Submit(head("a", 3), at(3)), answer: "a/2 pending, due 12:00:03.000; reviews [a2/1]",
		state: "a/2 pending, due 12:00:03.000; ended [1 cancelled at 12:00:02.000 (superseded by a2)]",
	},
	{
		name:  "submit of a head that has come back waits for its session",
		given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2), model.Submit(head("a2", 2), at(3))},
		op:    model.Submit(head("a", 3), at(4)), answer: "a/2 pending, claim 1, stopping 1, due 12:00:04.000",
		state: "a/2 pending, claim 1, stopping 1, due 12:00:04.000; ended [1 cancelled at 12:00:03.000 (superseded by a2)]",
	},
	{
		name:  "submit of a completed head that has come back leaves it completed",
		given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2), report("a", 1, engine.Completed, 3), model.Submit(head("a2", 2), at(4))},
		op:    model.Submit(head("a", 3), at(5)), answer: "a/1 completed, claim 1, due 12:01:02.000",
		state: "a2/1 cancelled (superseded by a), superseded by a, due 12:00:04.000; ended [1 cancelled at 12:00:05.000 (superseded by a)]",
	},
	{
		name: "submit of an old delivery changes nothing", given: []model.ReviewsOp{model.Submit(head("a", 3), at(1))},
		op: model.Submit(head("a", 2), at(2)), answer: "a/1 pending, due 12:00:01.000",
	},
	{
		name: "submit of a newer head supersedes a pending review", given: []model.ReviewsOp{submit("a", 1)},
		op:     model.Submit(head("a2", 2), at(2)),
		answer: "a2/1 pending, due 12:00:02.000",
		state:  "a/1 cancelled (superseded by a2), superseded by a2, due 12:00:01.000; ended [1 cancelled at 12:00:02.000 (superseded by a2)]",
	},
	{
		name: "submit of a newer head stops a queued review", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2)},
		op:     model.Submit(head("a2", 2), at(3)),
		answer: "a2/1 pending, due 12:00:03.000; reviews [a/1]",
		state:  "a/1 cancelled (superseded by a2), claim 1, stopping 1, superseded by a2, due 12:00:03.000; ended [1 cancelled at 12:00:03.000 (superseded by a2)]",
	},
	{
		name: "submit of a newer head leaves what is over, but for its successor",
		given: []model.ReviewsOp{
			submit("a", 1), claim("a", 0, 2), report("a", 1, engine.Completed, 3), model.Submit(head("a2", 2), at(4)),
		},
		op:     model.Submit(head("a3", 3), at(5)),
		answer: "a3/1 pending, due 12:00:05.000",
		state:  "a/1 completed, claim 1, superseded by a3, due 12:01:02.000; ended [1 completed at 12:00:03.000]",
	},
	{
		name: "submit of an older head is born cancelled", given: []model.ReviewsOp{
			model.Submit(head("a2", 2), at(1)), model.Submit(head("a3", 3), at(2)),
		},
		op:     submit("a", 3),
		answer: "a/1 cancelled (superseded by a3), superseded by a3, due 12:00:03.000",
		state:  "a/1 cancelled (superseded by a3), superseded by a3, due 12:00:03.000; ended [1 cancelled at 12:00:03.000 (superseded by a3)]",
	},

	// Get, Attempts
	{name: "get", given: []model.ReviewsOp{submit("a", 1)}, op: model.Get("a"), answer: "a/1 pending, due 12:00:01.000"},
	{name: "get of an unknown review", op: model.Get("a"), answer: "not found"},
	{name: "attempts before one has ended", given: []model.ReviewsOp{submit("a", 1)}, op: model.Attempts("a"), answer: "done"},
	{
		name: "attempts", given: []model.ReviewsOp{submit("a", 1), model.Cancel(key("a", 1), "no", at(2))}, op: model.Attempts("a"),
		answer: "ended [1 cancelled at 12:00:02.000 (no)]",
	},
	{name: "attempts of an unknown review", op: model.Attempts("a"), answer: "not found"},

	// Reserve
	{name: "reserve for an unknown owner", op: model.Reserve("bob", 2, at(1)), answer: "done"},
	{
		name: "reserve fills the limit, oldest first", given: []model.ReviewsOp{submit("c", 1), submit("a", 2), submit("b", 2)},
		op: model.Reserve("ann", 2, at(3)), answer: "reviews [c/1 a/1]",
	},
	{
		name: "reserve counts slots", given: []model.ReviewsOp{submit("a", 1), submit("b", 2), submit("c", 3), claim("a", 0, 4)},
		op: model.Reserve("ann", 2, at(5)), answer: "reviews [b/1]",
	},
	{
		name: "reserve puts a retriggered review last", given: []model.ReviewsOp{
			submit("a", 1), submit("b", 2), model.Cancel(key("a", 1), "no", at(3)), model.Retrigger(key("a", 1), at(4)),
		},
		op: model.Reserve("ann", 2, at(5)), answer: "reviews [b/1 a/2]",
	},
	{
		name: "reserve counts what is being stopped", given: []model.ReviewsOp{
			submit("a", 1), submit("b", 2), claim("a", 0, 3), model.Cancel(key("a", 1), "no", at(4)),
		},
		op: model.Reserve("ann", 1, at(5)), answer: "done",
	},
	{
		name: "reserve offers stale claims even above the limit", given: []model.ReviewsOp{
			submit("a", 1), submit("b", 2), submit("c", 3), claim("a", 0, 4), claim("b", 0, 4),
		},
		op: model.Reserve("ann", 1, at(64)), answer: "reviews [a/1 b/1]",
	},
	{
		name: "reserve skips what is not due", given: []model.ReviewsOp{submit("a", 1), model.Defer(key("a", 1), 0, at(9), at(2))},
		op: model.Reserve("ann", 2, at(8)), answer: "done",
	},

	// Claim
	{
		name: "claim of a pending review", given: []model.ReviewsOp{submit("a", 1)}, op: claim("a", 0, 2),
		answer: "token 1", state: "a/1 queued, claim 1, due 12:01:02.000",
	},
	{name: "claim of an unknown review", op: claim("a", 0, 2), answer: "not found"},
	{
		name: "claim for another owner", given: []model.ReviewsOp{submit("a", 1)},
		op:     model.Claim(engine.Claim{Key: key("a", 1), Owner: "bob", Limit: 2, Now: at(2), DueAt: at(9)}),
		answer: "not found",
	},
	{name: "claim of what was claimed since", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2)}, op: claim("a", 0, 63), answer: "stale"},
	{name: "claim of a fresh claim", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2)}, op: claim("a", 1, 61), answer: "stale"},
	{
		name: "claim of a stale claim", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2)}, op: claim("a", 1, 62),
		answer: "token 2", state: "a/1 queued, claim 2, due 12:02:02.000",
	},
	{name: "claim of another attempt", given: []model.ReviewsOp{submit("a", 1)}, op: claimAttempt("a", 2, 0, 2), answer: "stale"},
	{
		name: "claim before it is due", given: []model.ReviewsOp{submit("a", 1), model.Defer(key("a", 1), 0, at(9), at(2))},
		op: claim("a", 0, 8), answer: "stale",
	},
	{
		name: "claim while the attempt before is being stopped", given: []model.ReviewsOp{
			submit("a", 1), claim("a", 0, 2), model.Cancel(key("a", 1), "no", at(3)), model.Retrigger(key("a", 1), at(4)),
		},
		op: claimAttempt("a", 2, 1, 5), answer: "stale",
	},
	{
		name: "claim above the limit", given: []model.ReviewsOp{submit("a", 1), submit("b", 2), submit("c", 3), claim("a", 0, 4), claim("b", 0, 4)},
		op: claim("c", 0, 5), answer: "rejected",
	},
	{
		name: "claim may not overtake older ones that wait", given: []model.ReviewsOp{submit("a", 1), submit("b", 2), submit("c", 3)},
		op: claim("c", 0, 5), answer: "rejected",
	},
	{
		name: "claim overtakes older ones that are not due", given: []model.ReviewsOp{
			submit("a", 1), submit("b", 2), submit("c", 3), model.Defer(key("a", 1), 0, at(9), at(4)),
		},
		op: claim("c", 0, 5), answer: "token 1", state: "c/1 queued, claim 1, due 12:01:05.000",
	},
	{
		name: "claim of a stale claim needs no slot", given: []model.ReviewsOp{
			submit("a", 1), submit("b", 2), claim("a", 0, 3), claim("b", 0, 3),
		},
		op: claim("b", 1, 63), answer: "token 2", state: "b/1 queued, claim 2, due 12:02:03.000",
	},

	// Release
	{
		name: "release keeps the slot", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2)},
		op: model.Release(key("a", 1), 1, at(5), at(3)), answer: "done", state: "a/1 queued, claim 1, due 12:00:05.000",
	},
	{
		name: "release with an overtaken token", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2), claim("a", 1, 62)},
		op: model.Release(key("a", 1), 1, at(65), at(63)), answer: "stale",
	},
	{name: "release of what was never claimed", given: []model.ReviewsOp{submit("a", 1)}, op: model.Release(key("a", 1), 0, at(5), at(3)), answer: "stale"},
	{name: "release of an unknown review", op: model.Release(key("a", 1), 1, at(5), at(3)), answer: "stale"},

	// Defer
	{
		name: "defer counts a failed preparation", given: []model.ReviewsOp{submit("a", 1)},
		op: model.Defer(key("a", 1), 0, at(5), at(3)), answer: "done", state: "a/1 pending, deferrals 1, due 12:00:05.000",
	},
	{
		name: "defer of a running review", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2), report("a", 1, engine.Running, 3)},
		op: model.Defer(key("a", 1), 1, at(5), at(4)), answer: "done", state: "a/1 running, claim 1, agent v7, due 12:00:05.000",
	},
	{
		name: "defer of a stopping attempt is no failed preparation of the next", given: []model.ReviewsOp{
			submit("a", 1), claim("a", 0, 2), model.Cancel(key("a", 1), "no", at(3)), model.Retrigger(key("a", 1), at(4)),
		},
		op: model.Defer(key("a", 1), 1, at(9), at(5)), answer: "done",
		state: "a/2 pending, claim 1, stopping 1, due 12:00:09.000; ended [1 cancelled at 12:00:03.000 (no)]",
	},
	{
		name: "defer of what is over", given: []model.ReviewsOp{submit("a", 1), model.Cancel(key("a", 1), "no", at(2))},
		op: model.Defer(key("a", 1), 0, at(5), at(3)), answer: "stale",
	},
	{
		name: "defer with an overtaken token", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2)},
		op: model.Defer(key("a", 1), 0, at(5), at(3)), answer: "stale",
	},

	// Fail
	{
		name: "fail of what was never claimed", given: []model.ReviewsOp{submit("a", 1)},
		op: model.Fail(key("a", 1), 0, "no such repository", at(2)), answer: "done",
		state: "a/1 failed (no such repository), due 12:00:01.000; ended [1 failed at 12:00:02.000 (no such repository)]",
	},
	{
		name: "fail with an overtaken token", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2)},
		op: model.Fail(key("a", 1), 0, "no", at(3)), answer: "stale",
	},
	{
		name: "fail of a running review", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2), report("a", 1, engine.Running, 3)},
		op: model.Fail(key("a", 1), 1, "no", at(4)), answer: "stale",
	},

	// Apply
	{name: "apply to an unknown review", op: report("a", 1, engine.Running, 1), answer: "not found"},
	{name: "apply of a later attempt", given: []model.ReviewsOp{submit("a", 1)}, op: report("a", 2, engine.Running, 2), answer: "stale"},
	{
		name: "apply under an overtaken claim", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2), claim("a", 1, 62)},
		op: withToken(report("a", 1, engine.Running, 63), 1), answer: "stale",
	},
	{
		name: "apply of running to a pending review", given: []model.ReviewsOp{submit("a", 1)}, op: report("a", 1, engine.Running, 2),
		answer: "a/1 pending, due 12:00:01.000",
	},
	{
		name: "apply of running", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2)}, op: withToken(report("a", 1, engine.Running, 3), 1),
		answer: "a/1 running, claim 1, agent v7, due 12:01:43.000", state: "a/1 running, claim 1, agent v7, due 12:01:43.000",
	},
	{
		name: "apply of running again", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2), report("a", 1, engine.Running, 3)},
		op: report("a", 1, engine.Running, 9), answer: "a/1 running, claim 1, agent v7, due 12:01:43.000",
	},
	{
		name: "apply of queued to a running review", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2), report("a", 1, engine.Running, 3)},
		op: report("a", 1, engine.Queued, 9), answer: "a/1 running, claim 1, agent v7, due 12:01:43.000",
	},
	{
		name: "apply of completed", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2)}, op: report("a", 1, engine.Completed, 3),
		answer: "a/1 completed, claim 1, due 12:01:02.000",
		state:  "a/1 completed, claim 1, due 12:01:02.000; ended [1 completed at 12:00:03.000]",
	},
	{
		name: "apply after the end", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2), report("a", 1, engine.Completed, 3)},
		op: broken("a", 1, 4), answer: "a/1 completed, claim 1, due 12:01:02.000",
	},
	{
		name: "apply of a retryable failure", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2)}, op: broken("a", 1, 3),
		answer: "a/2 pending, claim 1, retries 1, due 12:00:08.000",
		state:  "a/2 pending, claim 1, retries 1, due 12:00:08.000; ended [1 failed at 12:00:03.000 (host lost)]",
	},
	{
		name: "apply of a retryable failure without retries left", given: []model.ReviewsOp{
			submit("a", 1), claim("a", 0, 2), broken("a", 1, 3), claimAttempt("a", 2, 1, 8),
		},
		op:     broken("a", 2, 9),
		answer: "a/2 failed (host lost), claim 2, retries 1, due 12:01:08.000",
		state: "a/2 failed (host lost), claim 2, retries 1, due 12:01:08.000; " +
			"ended [1 failed at 12:00:03.000 (host lost), 2 failed at 12:00:09.000 (host lost)]",
	},
	{
		name: "apply of an earlier attempt", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2), broken("a", 1, 3)},
		op: report("a", 1, engine.Completed, 4), answer: "a/2 pending, claim 1, retries 1, due 12:00:08.000",
	},
	{
		name: "apply of the end of a cancelled attempt frees its slot", given: []model.ReviewsOp{
			submit("a", 1), claim("a", 0, 2), model.Cancel(key("a", 1), "no", at(3)),
		},
		op: report("a", 1, engine.Completed, 4), answer: "a/1 cancelled (no), claim 1, due 12:00:03.000",
		state: "a/1 cancelled (no), claim 1, due 12:00:03.000; ended [1 cancelled at 12:00:03.000 (no)]",
	},

	// SetAgentVersion
	{
		name: "set the agent version", given: []model.ReviewsOp{submit("a", 1)}, op: model.SetAgentVersion(key("a", 1), "v8", at(2)),
		answer: "done", state: "a/1 pending, agent v8, due 12:00:01.000",
	},
	{
		name: "set the agent version of another attempt", given: []model.ReviewsOp{submit("a", 1)},
		op: model.SetAgentVersion(key("a", 2), "v8", at(2)), answer: "stale",
	},

	// Cancel
	{
		name: "cancel of a pending review", given: []model.ReviewsOp{submit("a", 1)}, op: model.Cancel(key("a", 1), "no", at(2)),
		answer: "a/1 cancelled (no), due 12:00:01.000",
		state:  "a/1 cancelled (no), due 12:00:01.000; ended [1 cancelled at 12:00:02.000 (no)]",
	},
	{
		name: "cancel of a running review keeps its slot", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2), report("a", 1, engine.Running, 3)},
		op:     model.Cancel(key("a", 1), "no", at(4)),
		answer: "a/1 cancelled (no), claim 1, stopping 1, agent v7, due 12:00:04.000",
		state:  "a/1 cancelled (no), claim 1, stopping 1, agent v7, due 12:00:04.000; ended [1 cancelled at 12:00:04.000 (no)]",
	},
	{
		name: "cancel of what is over", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2), report("a", 1, engine.Completed, 3)},
		op: model.Cancel(key("a", 1), "no", at(4)), answer: "a/1 completed, claim 1, due 12:01:02.000",
	},
	{name: "cancel of another attempt", given: []model.ReviewsOp{submit("a", 1)}, op: model.Cancel(key("a", 2), "no", at(2)), answer: "stale"},
	{name: "cancel of an unknown review", op: model.Cancel(key("a", 1), "no", at(2)), answer: "not found"},

	// Stopped
	{
		name: "stopped frees the slot", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2), model.Cancel(key("a", 1), "no", at(3))},
		op: model.Stopped(key("a", 1), at(4)), answer: "a/1 cancelled (no), claim 1, due 12:00:03.000",
		state: "a/1 cancelled (no), claim 1, due 12:00:03.000; ended [1 cancelled at 12:00:03.000 (no)]",
	},
	{
		name: "stopped of an attempt that is not stopping", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2)},
		op: model.Stopped(key("a", 1), at(4)), answer: "a/1 queued, claim 1, due 12:01:02.000",
	},
	{name: "stopped of an unknown review", op: model.Stopped(key("a", 1), at(4)), answer: "not found"},

	// Retrigger
	{
		name: "retrigger", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2), report("a", 1, engine.Failed, 3)},
		op: model.Retrigger(key("a", 1), at(4)), answer: "a/2 pending, claim 1, due 12:00:04.000",
		state: "a/2 pending, claim 1, due 12:00:04.000; ended [1 failed at 12:00:03.000]",
	},
	{
		name: "retrigger begins retries and deferrals anew", given: []model.ReviewsOp{
			submit("a", 1), claim("a", 0, 2), broken("a", 1, 3), model.Defer(key("a", 2), 1, at(9), at(8)),
			model.Cancel(key("a", 2), "no", at(9)),
		},
		op: model.Retrigger(key("a", 2), at(10)), answer: "a/3 pending, claim 1, due 12:00:10.000",
		state: "a/3 pending, claim 1, due 12:00:10.000; " +
			"ended [1 failed at 12:00:03.000 (host lost), 2 cancelled at 12:00:09.000 (no)]",
	},
	{
		name: "retrigger again", given: []model.ReviewsOp{
			submit("a", 1), model.Cancel(key("a", 1), "no", at(2)), model.Retrigger(key("a", 1), at(3)),
		},
		op: model.Retrigger(key("a", 1), at(4)), answer: "a/2 pending, due 12:00:03.000",
	},
	{name: "retrigger of what goes on", given: []model.ReviewsOp{submit("a", 1)}, op: model.Retrigger(key("a", 1), at(4)), answer: "rejected"},
	{name: "retrigger of a later attempt", given: []model.ReviewsOp{submit("a", 1)}, op: model.Retrigger(key("a", 2), at(4)), answer: "stale"},
	{
		name: "retrigger of a superseded review", given: []model.ReviewsOp{submit("a", 1), model.Submit(head("a2", 2), at(2))},
		op: model.Retrigger(key("a", 1), at(4)), answer: "permanent",
	},
	{name: "retrigger of an unknown review", op: model.Retrigger(key("a", 1), at(4)), answer: "not found"},

	// Sweep
	{name: "sweep of nothing", op: model.Sweep(engine.Search{Now: at(1), Max: 9, Limit: 20}), answer: "done"},
	{
		name: "sweep finds candidates, silence and stops", given: []model.ReviewsOp{
			submit("a", 1), submit("b", 2), claim("a", 0, 3), claim("b", 0, 3), submit("c", 4),
			report("a", 1, engine.Running, 5), model.Cancel(key("b", 1), "no", at(6)),
		},
		op: model.Sweep(engine.Search{Now: at(105), Max: 9, Limit: 20}), answer: "owners [ann]; silent [a/1]; stopping [b/1]",
	},
	{
		name: "sweep begins with the first owner", given: []model.ReviewsOp{
			model.Submit(engine.Submission{Review: "x", Owner: "zoe", PullRequest: 1}, at(1)), submit("a", 2),
		},
		op: model.Sweep(engine.Search{Now: at(3), Max: 1, Limit: 20}), answer: "owners [ann]",
	},
	{
		name: "sweep orders owners by their names", given: []model.ReviewsOp{
			submit("b", 4), submit("a", 1), model.Submit(engine.Submission{Review: "x", Owner: "zoe", PullRequest: 1}, at(2)),
		},
		op: model.Sweep(engine.Search{Now: at(5), Max: 9, Limit: 20}), answer: "owners [ann zoe]",
	},
	{
		name: "sweep takes what has been silent for longest", given: []model.ReviewsOp{
			submit("a", 1), submit("b", 2), claim("a", 0, 3), claim("b", 0, 3),
			report("b", 1, engine.Running, 5), report("a", 1, engine.Running, 6),
		},
		op: model.Sweep(engine.Search{Now: at(200), Max: 1, Limit: 20}), answer: "silent [b/1]",
	},
	{
		name: "sweep finds what a wrong clock put far ahead", given: []model.ReviewsOp{
			submit("a", 1), submit("b", 2), claim("a", 0, 3), report("a", 1, engine.Running, 9000), claim("b", 0, 9000),
		},
		op: model.Sweep(engine.Search{Now: at(4), Max: 9, Limit: 20}), answer: "owners [ann]; silent [a/1]",
	},
	{
		name: "sweep goes on behind an owner", given: []model.ReviewsOp{
			submit("a", 1), model.Submit(engine.Submission{Review: "x", Owner: "zoe", PullRequest: 1}, at(2)),
		},
		op: model.Sweep(engine.Search{Now: at(3), Max: 9, Limit: 1, After: "ann"}), answer: "owners [zoe ann]",
	},
	{
		name: "sweep passes over an owner whose slots are all taken", given: []model.ReviewsOp{
			submit("a", 1), claim("a", 0, 2), submit("b", 3), model.Submit(engine.Submission{Review: "x", Owner: "zoe", PullRequest: 1}, at(4)),
		},
		op: model.Sweep(engine.Search{Now: at(5), Max: 9, Limit: 1}), answer: "owners [zoe]",
	},
	{
		name: "sweep finds a stale claim of an owner whose slots are all taken", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 2)},
		op: model.Sweep(engine.Search{Now: at(62), Max: 9, Limit: 9, OwnerLimits: map[engine.OwnerID]int{"ann": 1}}), answer: "owners [ann]",
	},
	{
		name: "sweep leaves what is not due", given: []model.ReviewsOp{submit("a", 1), claim("a", 0, 3)},
		op: model.Sweep(engine.Search{Now: at(62), Max: 9, Limit: 20}), answer: "done",
	},
}

func TestOperations(t *testing.T) {
	for _, test := range operations {
		t.Run(test.name, func(t *testing.T) {
			store := model.NewReviews()
			run(store, test.given...)
			before := store.Clone()

			next, result := store.Step(&test.op)
			if !store.Equal(before) {
				t.Errorf("Step changed its input to\n%s", store)
			}
			if got := result.String(); got != test.answer {
				t.Errorf("%s\nanswered %s\nwant     %s", &test.op, got, test.answer)
			}
			switch {
			case test.state == "" && !next.Equal(before):
				t.Errorf("%s\nchanged the store to\n%s", &test.op, next)
			case test.state != "" && !strings.Contains("\n"+next.String()+"\n", "\n"+test.state+"\n"):
				t.Errorf("%s\nleft\n%s\nwant the line\n%s", &test.op, next, test.state)
			}

			inPlace := run(store, test.op)
			if !inPlace.Equal(&result) || !store.Equal(next) {
				t.Errorf("Apply answered %s, Step %s", &inPlace, &result)
			}
		})
	}
}

// The port and back again: what an adapter makes of an operation, Execute undoes.
func TestExecuteRoundTrip(t *testing.T) {
	for _, test := range operations {
		t.Run(test.name, func(t *testing.T) {
			store := model.NewReviews()
			run(store, test.given...)
			next, want := store.Step(&test.op)
			got, _ := test.op.Execute(context.Background(), store.Port())
			if !got.Equal(&want) {
				t.Errorf("%s\nanswered %s\nwant     %s", &test.op, &got, &want)
			}
			if !store.Equal(next) {
				t.Errorf("%s\nleft\n%s\nwant\n%s", &test.op, store, next)
			}
		})
	}
}
