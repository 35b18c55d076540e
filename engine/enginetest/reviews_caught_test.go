package enginetest

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
)

// alter changes a row behind the store's back.
func alter(s *Reviews, id engine.ReviewID, change func(r *reviewRow)) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if r := s.find(id); r != nil {
		change(r)
	}
}

// peek returns a row, or a zero one.
func peek(s *Reviews, id engine.ReviewID) (row reviewRow) {
	alter(s, id, func(r *reviewRow) { row = *r })
	return row
}

// ignoresFence has a method take any token.
func ignoresFence(method string) *brokenReviews {
	return &brokenReviews{fenced: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, token engine.Token, text string, due, now time.Time) error {
		if m == method {
			token = peek(s, key.Review).Claim
		}
		return fencedReviews(s, ctx, m, key, token, text, due, now)
	}}
}

// afterFenced changes the row after a method has succeeded.
func afterFenced(method string, change func(r *reviewRow)) *brokenReviews {
	return &brokenReviews{fenced: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, token engine.Token, text string, due, now time.Time) error {
		err := fencedReviews(s, ctx, m, key, token, text, due, now)
		if m == method && err == nil {
			alter(s, key.Review, change)
		}
		return err
	}}
}

// beforeShown changes the row before a method is called.
func beforeShown(method string, change func(r *reviewRow, key *engine.AttemptKey)) *brokenReviews {
	return &brokenReviews{shown: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
		if m == method {
			alter(s, key.Review, func(r *reviewRow) { change(r, &key) })
		}
		return shownReviews(s, ctx, m, key, text, now)
	}}
}

// beforeApply changes report or row before a report is merged.
func beforeApply(change func(r *reviewRow, report *engine.Report)) *brokenReviews {
	return &brokenReviews{apply: func(s *Reviews, ctx context.Context, report engine.Report) (engine.Review, error) {
		alter(s, report.Key.Review, func(r *reviewRow) { change(r, &report) })
		return s.Apply(ctx, report)
	}}
}

// beforeClaim changes a claim.
func beforeClaim(change func(r reviewRow, c *engine.Claim)) *brokenReviews {
	return &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		change(peek(s, c.Key.Review), &c)
		return s.Claim(ctx, c)
	}}
}

// afterSubmit changes the answer of a submission, and what is stored.
func afterSubmit(change func(s *Reviews, r *engine.Review, superseded []engine.Review) []engine.Review) *brokenReviews {
	return &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		known := peek(s, sub.Review).Attempt != 0
		r, superseded, err := s.Submit(ctx, sub, now)
		if err == nil && !known {
			superseded = change(s, &r, superseded)
		}
		return r, superseded, err
	}}
}

// afterReserve changes the candidates that are listed.
func afterReserve(change func(s *Reviews, found []engine.Review, limit int, now time.Time) []engine.Review) *brokenReviews {
	return &brokenReviews{reserve: func(s *Reviews, ctx context.Context, owner engine.OwnerID, limit int, now time.Time) ([]engine.Review, error) {
		found, err := s.Reserve(ctx, owner, limit, now)
		return change(s, found, limit, now), err
	}}
}

// afterSweep changes the work that is found.
func afterSweep(change func(s *Reviews, w *engine.Work)) *brokenReviews {
	return &brokenReviews{sweep: func(s *Reviews, ctx context.Context, now time.Time, max int) (engine.Work, error) {
		work, err := s.Sweep(ctx, now, max)
		change(s, &work)
		return work, err
	}}
}

// brokenReviewStores are each wrong in one thing.
var brokenReviewStores = []struct {
	name     string
	store    *brokenReviews
	caughtBy string
}{
	{"refuses a submission that arrives twice", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		if peek(s, sub.Review).Attempt != 0 {
			return engine.Review{}, nil, engine.Errorf(engine.Permanent, "store.submit", "review %s exists", sub.Review)
		}
		return s.Submit(ctx, sub, now)
	}}, "Submit: repeated, it answers with the review as it is by now"},
	{"takes a known identifier for the same submission", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		if r := peek(s, sub.Review); r.Attempt != 0 {
			return r.Review, nil, nil
		}
		return s.Submit(ctx, sub, now)
	}}, "Submit: an identifier that stands for another submission is refused for good"},
	{"reviews a head twice", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		r, superseded, err := s.Submit(ctx, sub, now)
		if engine.IsKind(err, engine.Permanent) && peek(s, sub.Review).Attempt == 0 {
			sub.HeadSHA, sub.HeadOrder = sub.HeadSHA+"'", sub.HeadOrder+100
			return s.Submit(ctx, sub, now)
		}
		return r, superseded, err
	}}, "Submit: a head sha, or a place in the order, that another review of the pull request has is refused for good"},
	{"compares heads of all owners", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		for _, r := range s.rows {
			if r.Repository == sub.Repository && r.PullRequest == sub.PullRequest && r.HeadSHA == sub.HeadSHA && r.Owner != sub.Owner {
				return engine.Review{}, nil, engine.Errorf(engine.Permanent, "store.submit", "head %s is known", sub.HeadSHA)
			}
		}
		return s.Submit(ctx, sub, now)
	}}, "Submit: pull requests of another owner, platform, repository or number are others"},
	{"leaves a superseded review pending", afterSubmit(func(s *Reviews, r *engine.Review, superseded []engine.Review) []engine.Review {
		for _, row := range s.rows {
			if row.SupersededBy == r.ID() && row.Claim == 0 {
				row.Status, row.Reason, row.ended = engine.Pending, "", nil
			}
		}
		return superseded
	}), "Submit: a newer head supersedes a pending review, which has no session"},
	{"does not list sessions that have to be stopped", afterSubmit(func(*Reviews, *engine.Review, []engine.Review) []engine.Review {
		return nil
	}), "Submit: a newer head supersedes a running review, whose session has to be stopped"},
	{"frees the slot of a superseded review at once", afterSubmit(func(s *Reviews, r *engine.Review, superseded []engine.Review) []engine.Review {
		for _, old := range superseded {
			alter(s, old.ID(), func(row *reviewRow) { row.Stopping = 0 })
		}
		return superseded
	}), "Submit: a newer head supersedes a claimed review, whose session has to be stopped"},
	{"lists every superseded review", afterSubmit(func(s *Reviews, r *engine.Review, _ []engine.Review) []engine.Review {
		var all []engine.Review
		for _, row := range s.rows {
			if row.SupersededBy == r.ID() && row.Claim != 0 {
				all = append(all, row.Review)
			}
		}
		return all
	}), "Submit: a session that is being stopped already is not listed again"},
	{"lists only sessions whose own attempt was superseded", afterSubmit(func(_ *Reviews, _ *engine.Review, superseded []engine.Review) []engine.Review {
		return slices.DeleteFunc(superseded, func(r engine.Review) bool { return r.Stopping != r.Attempt })
	}), "Submit: a superseded attempt that waits for the session before leaves that session to be stopped"},
	{"cancels what has ended", afterSubmit(func(s *Reviews, r *engine.Review, superseded []engine.Review) []engine.Review {
		for _, row := range s.rows {
			if row.SupersededBy == r.ID() {
				row.Status = engine.Cancelled
			}
		}
		return superseded
	}), "Submit: a newer head does not change how an older one has ended"},
	{"remembers who superseded a review first", afterSubmit(func(s *Reviews, r *engine.Review, superseded []engine.Review) []engine.Review {
		for _, row := range s.rows {
			if row.SupersededBy == r.ID() && row.HeadOrder == 1 && r.HeadOrder == 3 {
				row.SupersededBy = "b"
			}
		}
		return superseded
	}), "Submit: the newest head supersedes all others, whatever superseded them before"},
	{"dispatches heads that come too late", afterSubmit(func(s *Reviews, r *engine.Review, superseded []engine.Review) []engine.Review {
		alter(s, r.ID(), func(row *reviewRow) {
			row.Status, row.Reason, row.ended, row.SupersededBy = engine.Pending, "", nil, ""
			*r = row.Review
		})
		return superseded
	}), "Submit: a head that is older than another one is born cancelled"},
	{"orders heads by their arrival", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		order := sub.HeadOrder
		sub.HeadOrder = now.UnixNano()
		r, superseded, err := s.Submit(ctx, sub, now)
		if err == nil {
			alter(s, sub.Review, func(row *reviewRow) { row.HeadOrder, r.HeadOrder = order, order })
		}
		return r, superseded, err
	}}, "Submit: a head between two others changes neither"},
	{"keeps the order of heads in 32 bits", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		sub.HeadOrder = min(max(sub.HeadOrder, math.MinInt32), math.MaxInt32)
		return s.Submit(ctx, sub, now)
	}}, "Submit: the order of heads is a number of any size and sign"},
	{"keeps times to the millisecond", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		return s.Submit(ctx, sub, now.Truncate(time.Millisecond))
	}}, "Submit: a new review is pending, due at once, and unclaimed"},
	{"reads a clock of its own", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, _ time.Time) (engine.Review, []engine.Review, error) {
		return s.Submit(ctx, sub, time.Now())
	}}, "Submit: a new review is pending, due at once, and unclaimed"},
	{"ignores the case of names", &brokenReviews{get: func(s *Reviews, ctx context.Context, id engine.ReviewID) (engine.Review, error) {
		r, err := s.Get(ctx, id)
		if lower := engine.ReviewID(strings.ToLower(string(id))); err != nil && lower != id {
			return s.Get(ctx, lower)
		}
		return r, err
	}}, "Get, Attempts: of an unknown review there is nothing"},
	{"trims names", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		sub.Owner = engine.OwnerID(strings.TrimSpace(string(sub.Owner)))
		return s.Submit(ctx, sub, now)
	}}, "Submit: names that differ in anything are different names"},
	{"refuses odd names without saying that it is for good", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		if strings.Contains(string(sub.Review), "\x00") {
			return engine.Review{}, nil, engine.Errorf(engine.Ambiguous, "store.submit", "invalid byte sequence")
		}
		return s.Submit(ctx, sub, now)
	}}, "Submit: a name that can't be stored is refused for good, and one that can is kept"},
	{"lists the latest attempts first", &brokenReviews{ended: func(s *Reviews, ctx context.Context, id engine.ReviewID) ([]engine.Attempt, error) {
		list, err := s.Attempts(ctx, id)
		slices.Reverse(list)
		return list, err
	}}, "Attempts: the ended ones are listed, oldest first, and the list is the caller's"},
	{"hands out its own list of attempts", &brokenReviews{ended: func(s *Reviews, ctx context.Context, id engine.ReviewID) ([]engine.Attempt, error) {
		_, err := s.Attempts(ctx, id)
		return peek(s, id).ended, err
	}}, "Attempts: the ended ones are listed, oldest first, and the list is the caller's"},

	{"reserves beyond the owner's limit", &brokenReviews{reserve: func(s *Reviews, ctx context.Context, owner engine.OwnerID, _ int, now time.Time) ([]engine.Review, error) {
		return s.Reserve(ctx, owner, math.MaxInt32, now)
	}}, "Reserve: a slot is taken by what is claimed, runs, or is being stopped"},
	{"reserves for everybody", &brokenReviews{reserve: func(s *Reviews, ctx context.Context, _ engine.OwnerID, limit int, now time.Time) ([]engine.Review, error) {
		return s.Reserve(ctx, "ann", limit, now)
	}}, "Reserve: an owner without reviews has no candidates"},
	{"reserves in the order of names", afterReserve(func(_ *Reviews, found []engine.Review, _ int, _ time.Time) []engine.Review {
		slices.SortFunc(found, func(a, b engine.Review) int { return strings.Compare(string(a.ID()), string(b.ID())) })
		return found
	}), "Reserve: the oldest come first, and only the owner's"},
	{"leaves ties to the order of arrival", afterReserve(func(_ *Reviews, found []engine.Review, _ int, _ time.Time) []engine.Review {
		slices.Reverse(found)
		slices.SortStableFunc(found, func(a, b engine.Review) int { return a.EnqueuedAt.Compare(b.EnqueuedAt) })
		return found
	}), "Reserve: of equally old reviews the lower name in bytes comes first"},
	{"has stale claims hold their slots for good", afterReserve(func(_ *Reviews, found []engine.Review, _ int, _ time.Time) []engine.Review {
		return slices.DeleteFunc(found, func(r engine.Review) bool { return r.Status == engine.Queued })
	}), "Reserve: every stale claim is a candidate for the slot that it holds, whatever the limit"},
	{"counts stale claims twice", afterReserve(func(_ *Reviews, found []engine.Review, limit int, _ time.Time) []engine.Review {
		return atMost(limit, found)
	}), "Reserve: every stale claim is a candidate for the slot that it holds, whatever the limit"},
	{"puts stale claims last", afterReserve(func(_ *Reviews, found []engine.Review, _ int, _ time.Time) []engine.Review {
		slices.SortStableFunc(found, func(a, b engine.Review) int { return int(a.Status) - int(b.Status) })
		return found
	}), "Reserve: stale claims come before older pending reviews"},
	{"reserves what is not due", &brokenReviews{reserve: func(s *Reviews, ctx context.Context, owner engine.OwnerID, limit int, now time.Time) ([]engine.Review, error) {
		return s.Reserve(ctx, owner, limit, now.Add(time.Minute))
	}}, "Reserve: what is not due is no candidate, and takes nobody's place"},
	{"reserves claims that are not stale", &brokenReviews{reserve: func(s *Reviews, ctx context.Context, owner engine.OwnerID, limit int, now time.Time) ([]engine.Review, error) {
		return s.Reserve(ctx, owner, limit, now.Add(staleAfter))
	}}, "Reserve: a claim that is not stale is no candidate, and a released one is as soon as it is due"},
	{"believes any clock", afterReserve(func(s *Reviews, found []engine.Review, _ int, now time.Time) []engine.Review {
		return slices.DeleteFunc(found, func(r engine.Review) bool { return r.DueAt.After(now) })
	}), "Reserve: due is what a wrong clock has put too far ahead"},
	{"reserves attempts whose session before is not over", afterReserve(func(s *Reviews, found []engine.Review, _ int, _ time.Time) []engine.Review {
		for _, r := range s.rows {
			if r.Status == engine.Pending && r.Stopping != 0 {
				found = append(found, r.Review)
			}
		}
		return found
	}), "Reserve: an attempt waits for the session of the one before"},
	{"claims what it reserves", afterReserve(func(s *Reviews, found []engine.Review, _ int, now time.Time) []engine.Review {
		for _, r := range found {
			alter(s, r.ID(), func(row *reviewRow) { row.DueAt = now.Add(time.Minute) })
		}
		return found
	}), "Reserve: it writes nothing, so asking twice gives the same"},
	{"counts what has ended against the limit", afterReserve(func(s *Reviews, found []engine.Review, limit int, _ time.Time) []engine.Review {
		for _, r := range s.rows {
			if r.Status.Terminal() {
				limit--
			}
		}
		return atMost(limit, found)
	}), "Reserve: what has ended takes no slot"},
	{"keeps a retriggered review's place in the queue", &brokenReviews{shown: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
		enqueued := peek(s, key.Review).EnqueuedAt
		r, err := shownReviews(s, ctx, m, key, text, now)
		alter(s, key.Review, func(row *reviewRow) { row.EnqueuedAt, r.EnqueuedAt = enqueued, enqueued })
		return r, err
	}}, "Reserve: the next attempt of a review is younger than reviews that wait"},

	{"claims beyond the owner's limit", beforeClaim(func(_ reviewRow, c *engine.Claim) { c.Limit = math.MaxInt32 }), "Claim: a pending review needs a slot besides what is claimed, runs, or is being stopped"},
	{"takes a limit of zero for none", beforeClaim(func(_ reviewRow, c *engine.Claim) {
		if c.Limit <= 0 {
			c.Limit = math.MaxInt32
		}
	}), "Claim: without slots nothing pending can be claimed"},
	{"claims whatever was claimed since", beforeClaim(func(r reviewRow, c *engine.Claim) { c.Seen = r.Claim }), "Claim: what was claimed since it was reserved is stale"},
	{"claims what another one has just claimed", beforeClaim(func(r reviewRow, c *engine.Claim) {
		if r.Claim == c.Seen+1 && r.Status == engine.Queued {
			c.Seen, c.Now = r.Claim, r.DueAt
		}
	}), "Claim: of two who have reserved a review one gets it"},
	{"claims any attempt", beforeClaim(func(r reviewRow, c *engine.Claim) { c.Key.Attempt = r.Attempt }), "Claim: another attempt than the current one is stale"},
	{"claims for any owner", beforeClaim(func(r reviewRow, c *engine.Claim) { c.Owner = r.Owner }), "Claim: an unknown review, and one of another owner, is not found"},
	{"claims claims that are not stale", beforeClaim(func(r reviewRow, c *engine.Claim) {
		if r.Status == engine.Queued {
			c.Now = r.DueAt
		}
	}), "Claim: a claim that is not stale can't be claimed"},
	{"claims before a claim is due again", beforeClaim(func(r reviewRow, c *engine.Claim) {
		if r.Status == engine.Queued && r.DueAt.Sub(r.UpdatedAt) == time.Minute {
			c.Now = r.DueAt
		}
	}), "Claim: a released claim is claimed again when it is due"},
	{"claims what is not due", beforeClaim(func(r reviewRow, c *engine.Claim) {
		if r.Status == engine.Pending {
			c.Now = r.DueAt
		}
	}), "Claim: what is not due can't be claimed"},
	{"claims what a believable clock has put ahead", beforeClaim(func(r reviewRow, c *engine.Claim) {
		if r.DueAt.Sub(c.Now) == engine.MaxAhead {
			c.Now = r.DueAt
		}
	}), "Claim: what a wrong clock has put too far ahead is due"},
	{"claims what runs or has ended", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		if r := peek(s, c.Key.Review); r.Status >= engine.Running && r.Stopping == 0 {
			return r.Claim + 1, nil
		}
		return s.Claim(ctx, c)
	}}, "Claim: what runs or has ended can't be claimed"},
	{"claims an attempt whose session before is not over", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		alter(s, c.Key.Review, func(r *reviewRow) {
			if r.Status == engine.Pending {
				r.Stopping = 0
			}
		})
		return s.Claim(ctx, c)
	}}, "Claim: an attempt waits for the session of the one before"},
	{"gives out the same token again", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		token, err := s.Claim(ctx, c)
		if err == nil && token > 1 {
			token--
			alter(s, c.Key.Review, func(r *reviewRow) { r.Claim = token })
		}
		return token, err
	}}, "Claim: a stale claim is claimed again, under a higher token"},
	{"counts tokens anew in every attempt", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		if r := peek(s, c.Key.Review); r.Attempt > 1 && r.Status == engine.Pending && c.Seen == 0 {
			c.Seen = r.Claim
		}
		return s.Claim(ctx, c)
	}}, "Claim: tokens go on over attempts"},
	{"counts the slots of all owners", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		for _, r := range s.rows {
			if r.Owner != c.Owner && r.HoldsSlot() && peek(s, c.Key.Review).Status == engine.Pending {
				c.Limit--
			}
		}
		return s.Claim(ctx, c)
	}}, "Claim: slots of other owners do not count"},
	{"has reviews of other owners come first", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		this := peek(s, c.Key.Review)
		for _, r := range s.rows {
			if r.Owner != c.Owner && r.Status == engine.Pending && r.Older(&this.Review) {
				c.Limit--
			}
		}
		return s.Claim(ctx, c)
	}}, "Claim: older reviews of other owners are overtaken"},
	{"lets younger reviews overtake", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		held := 0
		for _, r := range s.rows {
			if r.Owner == c.Owner && r.HoldsSlot() {
				held++
			}
		}
		if held < c.Limit {
			c.Limit = math.MaxInt32
		}
		return s.Claim(ctx, c)
	}}, "Claim: older reviews that wait come first"},
	{"lets equally old reviews overtake", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		this := peek(s, c.Key.Review)
		for _, r := range s.rows {
			if r.EnqueuedAt.Equal(this.EnqueuedAt) && r.Older(&this.Review) && r.Status == engine.Pending {
				c.Limit++
			}
		}
		return s.Claim(ctx, c)
	}}, "Claim: of equally old reviews the lower name in bytes comes first"},
	{"waits for older reviews that are not due", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		this := peek(s, c.Key.Review)
		for _, r := range s.rows {
			if r.Owner == c.Owner && r.Status == engine.Pending && !engine.Due(r.DueAt, c.Now) && r.Older(&this.Review) {
				c.Limit--
			}
		}
		return s.Claim(ctx, c)
	}}, "Claim: older reviews that are not due are overtaken"},
	{"needs another slot for a stale claim", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		if found, err := s.Reserve(ctx, c.Owner, c.Limit, c.Now); err == nil && len(found) > c.Limit {
			return 0, engine.Errorf(engine.Rejected, "store.claim", "no slot")
		}
		return s.Claim(ctx, c)
	}}, "Claim: a stale claim needs no other slot than its own"},
	{"dates a claim by the latest time that it has seen", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		updated := peek(s, c.Key.Review).UpdatedAt
		token, err := s.Claim(ctx, c)
		if err == nil && c.Now.Sub(updated) >= staleAfter {
			alter(s, c.Key.Review, func(r *reviewRow) { r.UpdatedAt = updated })
		}
		return token, err
	}}, "Claim: it depends on nothing but the claim's own time"},
}

func TestBrokenReviewStoresAreCaught(t *testing.T) {
	var table []broken
	for i, b := range slices.Concat(brokenReviewRaces, brokenReviewStores, brokenReviewProgress) {
		run := reviewSteps()
		if i < len(brokenReviewRaces) {
			run = reviewRaces
		}
		failures := make(map[string]string)
		for _, c := range run {
			store := *b.store
			store.Reviews = NewReviews()
			if message := outcomeOf(func(t testing.TB) { c.run(t, &store) }); message != "" {
				failures[c.name] = message
			}
		}
		table = append(table, broken{b.name, b.caughtBy, failures})
	}
	var cases []string
	for _, c := range reviewCases() {
		cases = append(cases, c.name)
	}
	checkCaught(t, cases, table)
}
