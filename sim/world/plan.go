package world

import (
	"fmt"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// worldActor is the actor that decides about the deployment as a whole.
const worldActor = "world"

// A plan is the deployment and the workload of a seed.
type plan struct {
	apps, hosts int
	owners      []ownerPlan
	reviews     []reviewPlan
	deliveries  []delivery
	longQueue   bool // of an owner with one slot
}

type ownerPlan struct {
	id    engine.OwnerID
	limit int
	// most and least are the limits in force, those of older configurations included.
	most, least int
}

type reviewPlan struct {
	submission engine.Submission
	at         time.Duration // when it is submitted
	actor      *kernel.Actor
	second     *kernel.Actor // another user of the review; nil: there is none
}

var (
	opApps        = workloadOp(80, "plan.apps")
	opHosts       = workloadOp(70, "plan.hosts")
	opOwners      = workloadOp(50, "plan.owners")
	opLimit       = workloadOp(230, "plan.limit")
	opReviews     = workloadOp(30, "plan.reviews")
	opStorm       = workloadOp(240, "plan.storm")
	opOwner       = workloadOp(60, "plan.owner")
	opNewerHead   = workloadOp(40, "plan.newer-head")
	opSubmitAt    = timingOp(40, "plan.submit-at")
	opDeploy      = faultOp(10, "plan.deploy")
	opDeployAt    = timingOp(100, "plan.deploy-at")
	opDeployBusy  = timingOp(110, "plan.deploy-busy")
	opDeployStart = timingOp(120, "plan.deploy-start")
	opBurst       = workloadOp(210, "plan.burst")
	opLateHead    = workloadOp(120, "plan.late-head")
	opLookalike   = workloadOp(130, "plan.lookalike")
	opRetries     = workloadOp(140, "plan.retries")
	opDeferrals   = workloadOp(150, "plan.deferrals")
	opBatches     = workloadOp(160, "plan.batches")
	labelDeploy   = kernel.NewPoint("deploy")
	ownerIDs      = [...]engine.OwnerID{"acme", "blue", "coop", "dune", "echo", "fern"}
	reviewIDs     = [...]engine.ReviewID{"R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "R10"}
	headSHAs      = [...]string{"a1", "b2", "c3", "d4", "e5", "f6", "a7", "b8", "c9", "d0"}
	repositories  = [...]string{"acme/shop", "blue/api", "coop/site", "dune/maps", "echo/chat", "fern/docs"}
)

// decide draws the deployment. It is small enough to be fast, and crowded enough for real contention.
func (w *Deployment) decide() {
	k := w.kernel
	p := &w.plan
	w.decideNames()
	p.apps = nodesMin + k.Pick(w.actor, opApps, nodesMax-nodesMin+1)
	p.hosts = nodesMin + k.Pick(w.actor, opHosts, nodesMax-nodesMin+1)
	p.owners = p.owners[:0]
	limits := make(map[engine.OwnerID]int, len(ownerIDs))
	for i := range ownersOf[k.Pick(w.actor, opOwners, len(ownersOf))] {
		owner := ownerPlan{id: w.naming.owner(ownerIDs[i]), limit: 1 + k.Pick(w.actor, opLimit, limitMax)}
		owner.most, owner.least = owner.limit, owner.limit
		p.owners = append(p.owners, owner)
		limits[owner.id] = owner.limit
	}
	w.appConfig = engine.AppConfig{
		OwnerLimits:  limits,
		MaxRetries:   retriesOf[k.Pick(w.actor, opRetries, len(retriesOf))],
		MaxDeferrals: deferralsOf[k.Pick(w.actor, opDeferrals, len(deferralsOf))],
	}.WithDefaults()
	w.workerConfig = engine.WorkerConfig{AgentVersion: "agent-7", PurgeEvery: purgeEvery}.WithDefaults()
	if k.Chance(w.actor, opBatches, 0.35) {
		w.decideBatches()
	}
	w.decideSettings()
	w.decideQueue()
	w.decideStorms()
	w.decideRanges()
	w.stormEnd = k.Between(w.actor, opStorm, stormMin, stormMax)
	w.decideReviews()
}

// The bounds on retries and deferrals: the default first, then others that runs reach.
var (
	retriesOf   = [...]int{2, 2, 1, -1}
	deferralsOf = [...]int{8, 8, 1, 2}
)

// decideBatches makes batches so small that a run has more than one holds.
func (w *Deployment) decideBatches() {
	k := w.kernel
	w.appConfig.SweepBatch = 1 + k.Pick(w.actor, opBatches, 3)
	w.workerConfig.TakeoverBatch = 1 + k.Pick(w.actor, opBatches, 2)
	w.workerConfig.PurgeBatch = 1 + k.Pick(w.actor, opBatches, 2)
	w.workerConfig.Batch = [...]int{10, 1, 2}[k.Pick(w.actor, opBatches, 3)]
}

// decideReviews draws who submits which reviews when: in a burst, or spread over the first part of the storm. Some are
// other heads of an earlier pull request, newer ones or older ones that come late. Others are of another pull request
// that differs in nothing but its owner, its platform or its repository.
func (w *Deployment) decideReviews() {
	k := w.kernel
	p := &w.plan
	p.reviews = p.reviews[:0]
	spread := 2 * time.Minute
	if k.Chance(w.actor, opBurst, 0.3) {
		spread = 2 * time.Second
	}
	n := reviewsMin + k.Pick(w.actor, opReviews, len(reviewIDs)-reviewsMin+1)
	if p.longQueue || w.storms.left > 0 {
		n = len(reviewIDs)
	}
	for i := range n {
		owner := k.Pick(w.actor, opOwner, len(p.owners))
		r := reviewPlan{
			submission: engine.Submission{
				Review: w.naming.review(reviewIDs[i]), Owner: p.owners[owner].id, Platform: "github",
				Repository:  w.naming.repository(repositories[owner]),
				PullRequest: i + 1, HeadSHA: headSHAs[i], HeadOrder: headOrder,
			},
			at: k.Between(w.actor, opSubmitAt, 0, spread) + w.stormOf(),
		}
		if i > 0 && k.Chance(w.actor, opNewerHead, 0.2) {
			older := &p.reviews[k.Pick(w.actor, opNewerHead, i)]
			r.submission.Owner, r.submission.Repository = older.submission.Owner, older.submission.Repository
			r.submission.PullRequest = older.submission.PullRequest
			r.submission.Platform = older.submission.Platform
			r.submission.HeadOrder = headOrder + int64(i)
			if k.Chance(w.actor, opLateHead, 0.4) {
				r.submission.HeadOrder = headOrder - int64(i)
			}
			w.decideHead(&r.submission, &older.submission)
			r.at += older.at
		} else if i > 0 && k.Chance(w.actor, opLookalike, 0.25) {
			w.resemble(&r.submission, &p.reviews[k.Pick(w.actor, opLookalike, i)].submission)
		}
		r.actor = k.Actor(clientNames[i])
		if k.Chance(w.actor, opSecondUser, 0.12) {
			r.second = k.Actor(secondNames[i])
		}
		p.reviews = append(p.reviews, r)
	}
	w.decideDeliveries(spread)
}

// headOrder is the order of the first head of each pull request.
const headOrder = 100

// resemble turns a submission into one of another pull request that has the same number as a given one, and differs in
// one more thing.
func (w *Deployment) resemble(s, other *engine.Submission) {
	s.PullRequest = other.PullRequest
	s.Repository, s.Platform = other.Repository, other.Platform
	switch k := w.kernel.Pick(w.actor, opLookalike, 3); {
	case k == 0 && s.Owner != other.Owner: // that is the difference
	case k == 1:
		s.Owner, s.Repository = other.Owner, other.Repository+"-next"
		if w.kernel.Chance(w.actor, opFork, 0.5) {
			s.HeadSHA = other.HeadSHA
		}
	default:
		s.Owner, s.Platform = other.Owner, "gitlab"
		if other.Platform == "gitlab" {
			s.Platform = "github"
		}
	}
}

// scheduleDeployments restarts processes gracefully, in a share of the seeds: at some time, in the middle of one of
// their next calls, or just after a start has arrived.
func (w *Deployment) scheduleDeployments() {
	for _, nodes := range [...][]*node{w.apps, w.hosts} {
		for _, n := range nodes {
			if w.kernel.Chance(n.process.Actor(), opDeploy, 0.12) {
				shutDown := n.shutDown
				if calls := w.kernel.Pick(n.process.Actor(), opDeployBusy, busiest); calls > 0 {
					shutDown = func() { n.closePassages = calls }
				}
				if n.role == roleWorker && w.kernel.Chance(n.process.Actor(), opDeployStart, 0.3) {
					shutDown = func() { n.closeAtStart = true }
				}
				w.kernel.After(w.kernel.Between(n.process.Actor(), opDeployAt, 5*time.Second, w.stormEnd), labelDeploy, shutDown)
			}
		}
	}
}

// busiest bounds how many points of calls a process passes before it shuts down in the middle of a call.
const busiest = 12

// limits returns what was decided for an owner; the engine's own view of its configuration does not count. An owner of
// another deployment has no limit, and one that nobody knows has no slot.
func (p *plan) limits(owner engine.OwnerID) ownerPlan {
	for i := range p.owners {
		if p.owners[i].id == owner {
			return p.owners[i]
		}
	}
	if owner == strayOwner {
		return ownerPlan{limit: unlimited, most: unlimited, least: unlimited}
	}
	return ownerPlan{}
}

// checkerConfig returns what the properties need to know of the deployment.
func (w *Deployment) checkerConfig() checker.Config {
	return checker.Config{
		Limit:      func(owner engine.OwnerID) int { return w.plan.limits(owner).most },
		LeastLimit: func(owner engine.OwnerID) int { return w.plan.limits(owner).least },
		LimitUnder: w.limitUnder, WorkerOf: w.workerConfigOf,
		MaxRetries: w.appConfig.MaxRetries, MaxDeferrals: w.appConfig.MaxDeferrals, Start: kernel.StartTime,
		App: w.appConfig, Worker: w.workerConfig,

		StarvedAfter: w.starvedAfter(),
		Only:         w.spec.Properties,
	}
}

// quietBound returns how long the quiet phase may last before something unfinished counts as stuck. It follows from the
// timeouts: the stream limit ends a session that hangs, an abandoned claim is found when it is stale, and the reviews
// of an owner with a limit of one run one after the other, each with all its retries.
func (w *Deployment) quietBound() time.Duration {
	a, c := &w.appConfig, &w.workerConfig
	takeover := 3*time.Minute + c.RenewEvery              // the longest lease of any configuration
	find := max(10*time.Minute, a.StaleAfter) + w.turns() // the longest staleness
	dispatch := a.PrepareTimeout + a.DispatchTimeout + a.StoreTimeout
	agent := w.longestStream() + c.UnknownFor + c.GoneAfter + 2*c.RetryAfterMax + a.RetryAfterMax
	attempt := find + dispatch + takeover + agent + c.BackoffMax + a.BackoffMax + max(oldestSilence, a.SilentAfter) + w.wrongClocks()
	switch {
	case w.poison.review == "":
	case w.poison.event == poisonStart: // the operator looks on, claim after claim
		attempt += (inVainMost + 1) * (find + dispatch + restartMost + 2*inVainWait)
	default:
		attempt += time.Duration(c.MaxTakeovers+2) * (takeover + restartMost)
	}
	attempts := (len(w.plan.reviews) + len(w.plan.deliveries)) * (1 + max(a.MaxRetries, 0))
	return time.Duration(attempts)*attempt + w.slowSweep() + w.rollingTakes()
}

// starvedAfter returns how long a due review may wait in the quiet phase while younger ones are claimed: until a
// replica that sees that it is due has swept.
func (w *Deployment) starvedAfter() time.Duration {
	return 4*time.Minute + w.turns() + w.wrongClocks() + w.slowSweep()
}

// turns returns how long the sweeps of one replica take until each owner, and each review, has had its turn.
func (w *Deployment) turns() time.Duration {
	most := max(len(w.plan.owners), len(w.plan.reviews))
	batch := w.appConfig.SweepBatch
	return time.Duration((most+batch-1)/batch) * w.appConfig.SweepEvery
}

// wrongClocks returns for how long a due time may look like the future to a process with a slow clock. Beyond MaxAhead
// it counts as due again.
func (w *Deployment) wrongClocks() time.Duration {
	if w.mix.Rate(faults.ClockSkew) == 0 && w.mix.Rate(faults.ClockJump) == 0 {
		return 0
	}
	return engine.MaxAhead
}

// slowSweep returns how long a pause between two sweeps may still last that began while the process was slow.
func (w *Deployment) slowSweep() time.Duration {
	if w.mix.Rate(faults.ProcessSlow) == 0 {
		return 0
	}
	return slowestFactor * oldestSweep
}

// purgeEvery is shorter than the default, so that runs of minutes see clean-ups.
const purgeEvery = 5 * time.Minute

const (
	slowestFactor = 20
	oldestSweep   = 2 * time.Minute
	oldestSilence = 15 * time.Minute
)

// horizon is beyond the end of every run.
func (w *Deployment) horizon() time.Duration { return 60 * 24 * time.Hour }

// describeLimits lists the slots of the owners.
func (p *plan) describeLimits(limits map[engine.OwnerID]int) string {
	text := ""
	for i := range p.owners {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s %d", p.owners[i].id, limits[p.owners[i].id])
	}
	return text
}

func (p *reviewPlan) String() string {
	return fmt.Sprintf("%s of %s, pull request %d, head %d", p.submission.Review, p.submission.Owner,
		p.submission.PullRequest, p.submission.HeadOrder)
}
