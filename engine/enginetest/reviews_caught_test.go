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
	}}, "Submit answers a repeated submission with the review as it is now"},
	{"takes a known identifier for the same head", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		if r := peek(s, sub.Review); r.Attempt != 0 && !r.SameHead(&sub) {
			return r.Review, nil, nil
		}
		return s.Submit(ctx, sub, now)
	}}, "Submit is Permanent for an identifier that stands for another head"},
	{"refuses a commit that another review has", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		for _, r := range s.rows {
			if r.Review.Review != sub.Review && r.SamePullRequest(&sub) && r.HeadSHA == sub.HeadSHA {
				return engine.Review{}, nil, engine.Errorf(engine.Permanent, "store.submit", "head %s is known", sub.HeadSHA)
			}
		}
		return s.Submit(ctx, sub, now)
	}}, "Submit records a commit that another review has, and supersedes that"},
	{"takes the head that came last for the newer of two with one order", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		order := sub.HeadOrder
		for _, r := range s.rows {
			if r.Review.Review != sub.Review && r.SamePullRequest(&sub) && r.HeadOrder == order {
				sub.HeadOrder++
			}
		}
		r, superseded, err := s.Submit(ctx, sub, now)
		if err == nil {
			alter(s, sub.Review, func(row *reviewRow) { row.HeadOrder, r.HeadOrder = order, order })
		}
		return r, superseded, err
	}}, "Submit puts the higher identifier behind the lower one if two heads have one order"},
	{"takes a head that has come back for a repetition", onComeBack(func(s *Reviews, ctx context.Context, known reviewRow, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		return known.Review, nil, nil
	}), "Submit begins the next attempt of a cancelled review that has come back"},
	{"refuses a head that has come back", onComeBack(func(s *Reviews, ctx context.Context, known reviewRow, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		return engine.Review{}, nil, engine.Errorf(engine.Permanent, "store.submit", "review %s has another order", sub.Review)
	}), "Submit moves the newest head up and changes nothing else"},
	{"does not list the session that a head which has come back supersedes", onComeBack(func(s *Reviews, ctx context.Context, _ reviewRow, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		r, _, err := s.Submit(ctx, sub, now)
		return r, nil, err
	}), "Submit lists the session of the head that one which has come back supersedes"},
	{"frees the slot of a review that has come back", afterComeBack(func(_ reviewRow, r *reviewRow) { r.Stopping = 0 }),
		"Submit lets a review that has come back wait for the session of its attempt before"},
	{"leaves what a user has cancelled so, although its head has come back", onComeBack(func(s *Reviews, ctx context.Context, known reviewRow, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		if known.Status == engine.Cancelled && known.SupersededBy == "" {
			alter(s, sub.Review, func(r *reviewRow) { r.HeadOrder, r.UpdatedAt = sub.HeadOrder, now; known = *r })
			return known.Review, nil, nil
		}
		return s.Submit(ctx, sub, now)
	}), "Submit begins the next attempt of a review that its user has cancelled, if its head comes back"},
	{"counts retries across the times that a head comes back", afterComeBack(func(known reviewRow, r *reviewRow) { r.Retries = known.Retries }),
		"Submit begins the retries and deferrals of a review that has come back anew"},
	{"reviews again what was completed", afterComeBack(func(known reviewRow, r *reviewRow) {
		if known.Status == engine.Completed {
			r.next(r.UpdatedAt, r.UpdatedAt)
		}
	}), "Submit leaves a review that has come back as completed or failed as it is"},
	{"begins an attempt when an older head moves up", afterComeBack(func(known reviewRow, r *reviewRow) {
		if r.SupersededBy != "" {
			r.SupersededBy = ""
			r.next(r.UpdatedAt, r.UpdatedAt)
		}
	}), "Submit moves an older head up and leaves it superseded"},
	{"keeps the order of the latest delivery", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		r, superseded, err := s.Submit(ctx, sub, now)
		if err == nil && sub.HeadOrder < r.HeadOrder {
			alter(s, sub.Review, func(row *reviewRow) { row.HeadOrder = sub.HeadOrder; r = row.Review })
		}
		return r, superseded, err
	}}, "Submit comes to the same newest head in every order of arrival"},
	{"compares heads of all owners", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		for _, r := range s.rows {
			if r.Repository == sub.Repository && r.PullRequest == sub.PullRequest && r.HeadSHA == sub.HeadSHA && r.Owner != sub.Owner {
				return engine.Review{}, nil, engine.Errorf(engine.Permanent, "store.submit", "head %s is known", sub.HeadSHA)
			}
		}
		return s.Submit(ctx, sub, now)
	}}, "Submit distinguishes pull requests by owner, platform, repository and number"},
	{"leaves a superseded review pending", afterSubmit(func(s *Reviews, r *engine.Review, superseded []engine.Review) []engine.Review {
		for _, row := range s.rows {
			if row.SupersededBy == r.ID() && row.Claim == 0 {
				row.Status, row.Reason, row.ended = engine.Pending, "", nil
			}
		}
		return superseded
	}), "Submit cancels a pending review of an older head, which has no session"},
	{"does not list sessions that have to be stopped", afterSubmit(func(*Reviews, *engine.Review, []engine.Review) []engine.Review {
		return nil
	}), "Submit cancels a running review of an older head, and lists its session to be stopped"},
	{"frees the slot of a superseded review at once", afterSubmit(func(s *Reviews, r *engine.Review, superseded []engine.Review) []engine.Review {
		for _, old := range superseded {
			alter(s, old.ID(), func(row *reviewRow) { row.Stopping = 0 })
		}
		return superseded
	}), "Submit cancels a claimed review of an older head, and lists its session to be stopped"},
	{"lists every superseded review", afterSubmit(func(s *Reviews, r *engine.Review, _ []engine.Review) []engine.Review {
		var all []engine.Review
		for _, row := range s.rows {
			if row.SupersededBy == r.ID() && row.Claim != 0 {
				all = append(all, row.Review)
			}
		}
		return all
	}), "Submit does not list a session that was being stopped before"},
	{"lists only sessions whose own attempt was superseded", afterSubmit(func(_ *Reviews, _ *engine.Review, superseded []engine.Review) []engine.Review {
		return slices.DeleteFunc(superseded, func(r engine.Review) bool { return r.Stopping != r.Attempt })
	}), "Submit lists the session that a superseded attempt was waiting for"},
	{"cancels what has ended", afterSubmit(func(s *Reviews, r *engine.Review, superseded []engine.Review) []engine.Review {
		for _, row := range s.rows {
			if row.SupersededBy == r.ID() {
				row.Status = engine.Cancelled
			}
		}
		return superseded
	}), "Submit does not change how a review of an older head has ended"},
	{"remembers who superseded a review first", afterSubmit(func(s *Reviews, r *engine.Review, superseded []engine.Review) []engine.Review {
		for _, row := range s.rows {
			if row.SupersededBy == r.ID() && row.HeadOrder == 1 && r.HeadOrder == 3 {
				row.SupersededBy = "b"
			}
		}
		return superseded
	}), "Submit makes the newest head the successor of all older ones"},
	{"dispatches heads that come too late", afterSubmit(func(s *Reviews, r *engine.Review, superseded []engine.Review) []engine.Review {
		alter(s, r.ID(), func(row *reviewRow) {
			row.Status, row.Reason, row.ended, row.SupersededBy = engine.Pending, "", nil, ""
			*r = row.Review
		})
		return superseded
	}), "Submit records a head that comes too late as cancelled"},
	{"orders heads by their arrival", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		order := sub.HeadOrder
		sub.HeadOrder = now.UnixNano()
		r, superseded, err := s.Submit(ctx, sub, now)
		if err == nil {
			alter(s, sub.Review, func(row *reviewRow) { row.HeadOrder, r.HeadOrder = order, order })
		}
		return r, superseded, err
	}}, "Submit changes no other review when a head comes too late"},
	{"keeps the order of heads in 32 bits", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		sub.HeadOrder = min(max(sub.HeadOrder, math.MinInt32), math.MaxInt32)
		return s.Submit(ctx, sub, now)
	}}, "Submit orders heads by numbers of any size and sign"},
	{"keeps times to the millisecond", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		return s.Submit(ctx, sub, now.Truncate(time.Millisecond))
	}}, "Submit records a pending review that is due at once and unclaimed"},
	{"reads a clock of its own", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, _ time.Time) (engine.Review, []engine.Review, error) {
		return s.Submit(ctx, sub, time.Now())
	}}, "Submit records a pending review that is due at once and unclaimed"},
	{"ignores the case of names", &brokenReviews{get: func(s *Reviews, ctx context.Context, id engine.ReviewID) (engine.Review, error) {
		r, err := s.Get(ctx, id)
		if lower := engine.ReviewID(strings.ToLower(string(id))); err != nil && lower != id {
			return s.Get(ctx, lower)
		}
		return r, err
	}}, "Get and Attempts are NotFound for an unknown review"},
	{"trims names", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		sub.Owner = engine.OwnerID(strings.TrimSpace(string(sub.Owner)))
		return s.Submit(ctx, sub, now)
	}}, "Submit distinguishes names that differ in a single byte"},
	{"refuses odd names without saying that it is for good", &brokenReviews{submit: func(s *Reviews, ctx context.Context, sub engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
		if strings.Contains(string(sub.Review), "\x00") {
			return engine.Review{}, nil, engine.Errorf(engine.Ambiguous, "store.submit", "invalid byte sequence")
		}
		return s.Submit(ctx, sub, now)
	}}, "Submit is Permanent for a name that can't be stored"},
	{"lists the latest attempts first", &brokenReviews{ended: func(s *Reviews, ctx context.Context, id engine.ReviewID) ([]engine.Attempt, error) {
		list, err := s.Attempts(ctx, id)
		slices.Reverse(list)
		return list, err
	}}, "Attempts lists the ended attempts, oldest first, and leaves the list to the caller"},
	{"hands out its own list of attempts", &brokenReviews{ended: func(s *Reviews, ctx context.Context, id engine.ReviewID) ([]engine.Attempt, error) {
		_, err := s.Attempts(ctx, id)
		return peek(s, id).ended, err
	}}, "Attempts lists the ended attempts, oldest first, and leaves the list to the caller"},

	{"reserves beyond the owner's limit", &brokenReviews{reserve: func(s *Reviews, ctx context.Context, owner engine.OwnerID, _ int, now time.Time) ([]engine.Review, error) {
		return s.Reserve(ctx, owner, math.MaxInt32, now)
	}}, "Reserve counts a slot for each review that is claimed, running or being stopped"},
	{"reserves for everybody", &brokenReviews{reserve: func(s *Reviews, ctx context.Context, _ engine.OwnerID, limit int, now time.Time) ([]engine.Review, error) {
		return s.Reserve(ctx, "ann", limit, now)
	}}, "Reserve finds nothing for an owner without reviews"},
	{"reserves in the order of names", afterReserve(func(_ *Reviews, found []engine.Review, _ int, _ time.Time) []engine.Review {
		slices.SortFunc(found, func(a, b engine.Review) int { return strings.Compare(string(a.ID()), string(b.ID())) })
		return found
	}), "Reserve lists the owner's reviews, oldest first"},
	{"leaves ties to the order of arrival", afterReserve(func(_ *Reviews, found []engine.Review, _ int, _ time.Time) []engine.Review {
		slices.Reverse(found)
		slices.SortStableFunc(found, func(a, b engine.Review) int { return a.EnqueuedAt.Compare(b.EnqueuedAt) })
		return found
	}), "Reserve puts the lower name first when two reviews are equally old"},
	{"has stale claims hold their slots for good", afterReserve(func(_ *Reviews, found []engine.Review, _ int, _ time.Time) []engine.Review {
		return slices.DeleteFunc(found, func(r engine.Review) bool { return r.Status == engine.Queued })
	}), "Reserve offers every stale claim the slot that it holds, even beyond the limit"},
	{"counts stale claims twice", afterReserve(func(_ *Reviews, found []engine.Review, limit int, _ time.Time) []engine.Review {
		return atMost(limit, found)
	}), "Reserve offers every stale claim the slot that it holds, even beyond the limit"},
	{"puts stale claims last", afterReserve(func(_ *Reviews, found []engine.Review, _ int, _ time.Time) []engine.Review {
		slices.SortStableFunc(found, func(a, b engine.Review) int { return int(a.Status) - int(b.Status) })
		return found
	}), "Reserve lists stale claims before older pending reviews"},
	{"reserves what is not due", &brokenReviews{reserve: func(s *Reviews, ctx context.Context, owner engine.OwnerID, limit int, now time.Time) ([]engine.Review, error) {
		return s.Reserve(ctx, owner, limit, now.Add(time.Minute))
	}}, "Reserve skips a review that is not due, and gives its place to a younger one"},
	{"reserves claims that are not stale", &brokenReviews{reserve: func(s *Reviews, ctx context.Context, owner engine.OwnerID, limit int, now time.Time) ([]engine.Review, error) {
		return s.Reserve(ctx, owner, limit, now.Add(staleAfter))
	}}, "Reserve skips a live claim, and offers a released one as soon as it is due"},
	{"believes any clock", afterReserve(func(s *Reviews, found []engine.Review, _ int, now time.Time) []engine.Review {
		return slices.DeleteFunc(found, func(r engine.Review) bool { return r.DueAt.After(now) })
	}), "Reserve counts a review as due when its due time lies too far ahead"},
	{"reserves attempts whose session before is not over", afterReserve(func(s *Reviews, found []engine.Review, _ int, _ time.Time) []engine.Review {
		for _, r := range s.rows {
			if r.Status == engine.Pending && r.Stopping != 0 {
				found = append(found, r.Review)
			}
		}
		return found
	}), "Reserve skips an attempt until the session of the one before is over"},
	{"claims what it reserves", afterReserve(func(s *Reviews, found []engine.Review, _ int, now time.Time) []engine.Review {
		for _, r := range found {
			alter(s, r.ID(), func(row *reviewRow) { row.DueAt = now.Add(time.Minute) })
		}
		return found
	}), "Reserve writes nothing"},
	{"counts what has ended against the limit", afterReserve(func(s *Reviews, found []engine.Review, limit int, _ time.Time) []engine.Review {
		for _, r := range s.rows {
			if r.Status.Terminal() {
				limit--
			}
		}
		return atMost(limit, found)
	}), "Reserve counts no slot for a review that has ended"},
	{"keeps a retriggered review's place in the queue", &brokenReviews{shown: func(s *Reviews, ctx context.Context, m string, key engine.AttemptKey, text string, now time.Time) (engine.Review, error) {
		enqueued := peek(s, key.Review).EnqueuedAt
		r, err := shownReviews(s, ctx, m, key, text, now)
		alter(s, key.Review, func(row *reviewRow) { row.EnqueuedAt, r.EnqueuedAt = enqueued, enqueued })
		return r, err
	}}, "Reserve lists the next attempt of a review behind reviews that wait already"},

	{"claims beyond the owner's limit", beforeClaim(func(_ reviewRow, c *engine.Claim) { c.Limit = math.MaxInt32 }), "Claim is Rejected when all slots are taken by reviews that are claimed, running or being stopped"},
	{"takes a limit of zero for none", beforeClaim(func(_ reviewRow, c *engine.Claim) {
		if c.Limit <= 0 {
			c.Limit = math.MaxInt32
		}
	}), "Claim is Rejected for a pending review when the owner has no slots"},
	{"claims a review that was claimed since", beforeClaim(func(r reviewRow, c *engine.Claim) { c.Seen = r.Claim }), "Claim is Stale when the review was claimed since it was reserved"},
	{"claims what another one has just claimed", beforeClaim(func(r reviewRow, c *engine.Claim) {
		if r.Claim == c.Seen+1 && r.Status == engine.Queued {
			c.Seen, c.Now = r.Claim, r.DueAt
		}
	}), "Claim grants a review to one of two dispatchers that have reserved it"},
	{"claims any attempt", beforeClaim(func(r reviewRow, c *engine.Claim) { c.Key.Attempt = r.Attempt }), "Claim is Stale for any attempt but the current one"},
	{"claims for any owner", beforeClaim(func(r reviewRow, c *engine.Claim) { c.Owner = r.Owner }), "Claim is NotFound for an unknown review, and for one of another owner"},
	{"claims claims that are not stale", beforeClaim(func(r reviewRow, c *engine.Claim) {
		if r.Status == engine.Queued {
			c.Now = r.DueAt
		}
	}), "Claim is Stale while another claim is live"},
	{"claims before a claim is due again", beforeClaim(func(r reviewRow, c *engine.Claim) {
		if r.Status == engine.Queued && r.DueAt.Sub(r.UpdatedAt) == time.Minute {
			c.Now = r.DueAt
		}
	}), "Claim renews a released claim when it is due"},
	{"claims what is not due", beforeClaim(func(r reviewRow, c *engine.Claim) {
		if r.Status == engine.Pending {
			c.Now = r.DueAt
		}
	}), "Claim is Stale for a review that is not due"},
	{"claims what a believable clock has put ahead", beforeClaim(func(r reviewRow, c *engine.Claim) {
		if r.DueAt.Sub(c.Now) == engine.MaxAhead {
			c.Now = r.DueAt
		}
	}), "Claim counts a review as due when its due time lies too far ahead"},
	{"claims what runs or has ended", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		if r := peek(s, c.Key.Review); r.Status >= engine.Running && r.Stopping == 0 {
			return r.Claim + 1, nil
		}
		return s.Claim(ctx, c)
	}}, "Claim is Stale for a review that runs or has ended"},
	{"claims an attempt whose session before is not over", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		alter(s, c.Key.Review, func(r *reviewRow) {
			if r.Status == engine.Pending {
				r.Stopping = 0
			}
		})
		return s.Claim(ctx, c)
	}}, "Claim is Stale until the session of the attempt before is over"},
	{"gives out the same token again", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		token, err := s.Claim(ctx, c)
		if err == nil && token > 1 {
			token--
			alter(s, c.Key.Review, func(r *reviewRow) { r.Claim = token })
		}
		return token, err
	}}, "Claim renews a stale claim under a higher token"},
	{"counts tokens anew in every attempt", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		if r := peek(s, c.Key.Review); r.Attempt > 1 && r.Status == engine.Pending && c.Seen == 0 {
			c.Seen = r.Claim
		}
		return s.Claim(ctx, c)
	}}, "Claim counts tokens on over the attempts of a review"},
	{"counts the slots of all owners", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		for _, r := range s.rows {
			if r.Owner != c.Owner && r.HoldsSlot() && peek(s, c.Key.Review).Status == engine.Pending {
				c.Limit--
			}
		}
		return s.Claim(ctx, c)
	}}, "Claim does not count the slots of other owners"},
	{"has reviews of other owners come first", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		this := peek(s, c.Key.Review)
		for _, r := range s.rows {
			if r.Owner != c.Owner && r.Status == engine.Pending && r.Older(&this.Review) {
				c.Limit--
			}
		}
		return s.Claim(ctx, c)
	}}, "Claim overtakes older reviews of other owners"},
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
	}}, "Claim is Rejected when older reviews wait for the slots that are left"},
	{"lets equally old reviews overtake", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		this := peek(s, c.Key.Review)
		for _, r := range s.rows {
			if r.EnqueuedAt.Equal(this.EnqueuedAt) && r.Older(&this.Review) && r.Status == engine.Pending {
				c.Limit++
			}
		}
		return s.Claim(ctx, c)
	}}, "Claim takes the lower name for older when two reviews are equally old"},
	{"waits for older reviews that are not due", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		this := peek(s, c.Key.Review)
		for _, r := range s.rows {
			if r.Owner == c.Owner && r.Status == engine.Pending && !engine.Due(r.DueAt, c.Now) && r.Older(&this.Review) {
				c.Limit--
			}
		}
		return s.Claim(ctx, c)
	}}, "Claim overtakes older reviews that are not due"},
	{"needs another slot for a stale claim", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		if found, err := s.Reserve(ctx, c.Owner, c.Limit, c.Now); err == nil && len(found) > c.Limit {
			return 0, engine.Errorf(engine.Rejected, "store.claim", "no slot")
		}
		return s.Claim(ctx, c)
	}}, "Claim renews a stale claim in the slot that it holds, even beyond the limit"},
	{"dates a claim by the latest time that it has seen", &brokenReviews{claim: func(s *Reviews, ctx context.Context, c engine.Claim) (engine.Token, error) {
		updated := peek(s, c.Key.Review).UpdatedAt
		token, err := s.Claim(ctx, c)
		if err == nil && c.Now.Sub(updated) >= staleAfter {
			alter(s, c.Key.Review, func(r *reviewRow) { r.UpdatedAt = updated })
		}
		return token, err
	}}, "Claim uses the time that it is given"},
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
