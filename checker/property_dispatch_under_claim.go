package checker

// That the claim is still the latest in the database when the dispatch is sent
// can't be demanded: the process may have been paused after the claim was granted,
// for longer than it takes to go stale, and nothing that it could look at first
// would be newer than the pause. What can be demanded is that the token was
// granted to this very life of this process for this attempt, that no other
// dispatch was sent under it, and that its holder had not given it up. A worker that
// refuses a dispatch for good is told under the same claim that the attempt is
// abandoned.
var dispatchUnderClaim = Property{
	ID:       "dispatch-under-claim",
	Class:    Protocol,
	Sentence: "Each dispatch carries a claim that its sender was granted for it, used once and not given up.",
	Source:   "seed.txt (dispatch before claim); design.md 7",
	watches:  []watching{on(checkDispatchUnderClaim, DispatchSent)},
}

func checkDispatchUnderClaim(l *ledger, r *Record) *Violation {
	c := l.review.claim(r.Token)
	switch {
	case c == nil:
		return violated(r, "dispatched without a claim", "%s dispatched review %s, attempt %d under token %d, which was never granted",
			r.Actor, r.Key.Review, r.Key.Attempt, r.Token)
	case c.actor != r.Actor || c.life != r.Life || c.attempt != r.Key.Attempt:
		return violated(r, "dispatched under a foreign claim", "%s (life %d) dispatched review %s, attempt %d under token %d, granted to %s (life %d) for attempt %d",
			r.Actor, r.Life, r.Key.Review, r.Key.Attempt, r.Token, c.actor, c.life, c.attempt)
	case c.used && !(c.unstartable && !c.abandoned && r.Text != ""):
		return violated(r, "dispatched twice under one claim", "%s dispatched review %s, attempt %d again under token %d",
			r.Actor, r.Key.Review, r.Key.Attempt, r.Token)
	case c.givenUp:
		return violated(r, "dispatched under a claim given up", "%s dispatched review %s, attempt %d under token %d, which it had given up",
			r.Actor, r.Key.Review, r.Key.Attempt, r.Token)
	}
	return nil
}
