package world

import (
	"maps"
	"time"

	"github.com/onceover/onceover/engine"
)

// The configuration of a deployment is drawn, too: most seeds have the defaults, and the others have limits, tries and
// times that an operator may choose. A process that restarts may have another one than before, see
// [faults.ProcessOldConfig].

var (
	opSettings = workloadOp(1520, "plan.settings")
	opSetting  = workloadOp(1530, "plan.setting")
)

// shareOfSettings is the share of the seeds without the defaults.
const shareOfSettings = 0.15

// The values that settings have: the default first.
var (
	createTriesOf = [...]int{6, 1, 2, 12}
	decodeTriesOf = [...]int{3, 1, 2, 8}
	streamLimitOf = [...]time.Duration{20 * time.Minute, time.Minute, 5 * time.Minute, 40 * time.Minute}
	keepForOf     = [...]time.Duration{7 * 24 * time.Hour, time.Minute, 3 * time.Minute, 30 * time.Minute}
	flushAfterOf  = [...]time.Duration{5 * time.Second, 10 * time.Millisecond, time.Second, 30 * time.Second}
	staleAfterOf  = [...]time.Duration{5 * time.Minute, 30 * time.Second, 2 * time.Minute, engine.MaxPause}
	silentAfterOf = [...]time.Duration{10 * time.Minute, time.Minute, 3 * time.Minute, engine.MaxPause}
	stopEveryOf   = [...]time.Duration{30 * time.Second, 5 * time.Second, time.Minute, 3 * time.Minute}
	// An agent shows a session after 20 s at the latest, and sends a sign of life every 15 s.
	unknownForOf    = [...]time.Duration{time.Minute, 30 * time.Second, 2 * time.Minute, 5 * time.Minute}
	streamSilenceOf = [...]time.Duration{time.Minute, 30 * time.Second, 3 * time.Minute, 40 * time.Second}
	eventSilenceOf  = [...]time.Duration{5 * time.Minute, time.Minute, 2 * time.Minute, 20 * time.Minute}
	throttleLimitOf = [...]time.Duration{24 * time.Hour, time.Minute, 10 * time.Minute, time.Hour}
	retryAfterMaxOf = [...]time.Duration{15 * time.Minute, time.Second, 30 * time.Second, 2 * time.Minute}
	maxTakeoversOf  = [...]int{50, 1, 2, 5}
)

// decideSettings draws the configuration of a share of the seeds.
func (w *Deployment) decideSettings() {
	k, a, c := w.kernel, &w.appConfig, &w.workerConfig
	if !k.Chance(w.actor, opSettings, shareOfSettings) {
		return
	}
	c.CreateTries = createTriesOf[k.Pick(w.actor, opSetting, len(createTriesOf))]
	c.DecodeTries = decodeTriesOf[k.Pick(w.actor, opSetting, len(decodeTriesOf))]
	c.StreamLimit = streamLimitOf[k.Pick(w.actor, opSetting, len(streamLimitOf))]
	c.UnknownFor = unknownForOf[k.Pick(w.actor, opSetting, len(unknownForOf))]
	c.StreamSilence = streamSilenceOf[k.Pick(w.actor, opSetting, len(streamSilenceOf))]
	c.EventSilence = eventSilenceOf[k.Pick(w.actor, opSetting, len(eventSilenceOf))]
	c.ThrottleLimit = throttleLimitOf[k.Pick(w.actor, opSetting, len(throttleLimitOf))]
	c.RetryAfterMax = retryAfterMaxOf[k.Pick(w.actor, opSetting, len(retryAfterMaxOf))]
	c.MaxTakeovers = maxTakeoversOf[k.Pick(w.actor, opSetting, len(maxTakeoversOf))]
	a.RetryAfterMax = min(retryAfterMaxOf[k.Pick(w.actor, opSetting, len(retryAfterMaxOf))], 5*time.Minute)
	c.KeepFor = keepForOf[k.Pick(w.actor, opSetting, len(keepForOf))]
	c.FlushAfter = flushAfterOf[k.Pick(w.actor, opSetting, len(flushAfterOf))]
	a.StaleAfter = staleAfterOf[k.Pick(w.actor, opSetting, len(staleAfterOf))]
	a.SilentAfter = silentAfterOf[k.Pick(w.actor, opSetting, len(silentAfterOf))]
	a.StopEvery = stopEveryOf[k.Pick(w.actor, opSetting, len(stopEveryOf))]
}

// olderAppConfig returns a configuration that was in force before: valid, but with other intervals, and perhaps another
// limit of one owner.
func olderAppConfig(config engine.AppConfig, owners []ownerPlan, draw uint64) engine.AppConfig {
	config.StaleAfter = [...]time.Duration{time.Minute, 2 * time.Minute, 10 * time.Minute}[draw%3]
	config.SweepEvery = [...]time.Duration{20 * time.Second, oldestSweep}[draw/3%2]
	config.SilentAfter = [...]time.Duration{2 * time.Minute, oldestSilence}[draw/6%2]
	if change := draw / 12 % 4; change < 2 {
		owner := &owners[draw/48%uint64(len(owners))]
		limit := owner.limit + 1
		if change == 1 || limit > limitMax {
			limit = max(owner.limit-1, 1)
		}
		config.OwnerLimits = maps.Clone(config.OwnerLimits)
		config.OwnerLimits[owner.id] = limit
	}
	return config
}

func olderWorkerConfig(config engine.WorkerConfig, draw uint64) engine.WorkerConfig {
	config.Batch = [...]int{1, 3, 50}[draw%3]
	config.LeaseFor = [...]time.Duration{20 * time.Second, 3 * time.Minute}[draw/3%2]
	config.RenewEvery = config.LeaseFor / 3
	config.FlushAfter = [...]time.Duration{time.Second, 20 * time.Second}[draw/6%2]
	config.CreateTries = createTriesOf[draw/12%4]
	config.DecodeTries = decodeTriesOf[draw/48%4]
	config.StreamLimit = streamLimitOf[draw/192%4]
	config.KeepFor = keepForOf[draw/768%4]
	return config
}

// A lifeConfig is the configuration of one life of a process that has an older one.
type lifeConfig struct {
	life   int
	app    engine.AppConfig
	worker engine.WorkerConfig
}

// longestStream returns how long any host may follow a session that hangs.
func (w *Deployment) longestStream() time.Duration {
	longest := w.workerConfig.StreamLimit
	for _, n := range w.hosts {
		for i := range n.older {
			longest = max(longest, n.older[i].worker.StreamLimit)
		}
	}
	return longest
}

// workerConfigOf returns the configuration of one life of a worker host.
func (w *Deployment) workerConfigOf(name string, life int) *engine.WorkerConfig {
	for _, n := range w.hosts {
		if n.name != name {
			continue
		}
		for i := range n.older {
			if n.older[i].life == life {
				return &n.older[i].worker
			}
		}
	}
	return &w.workerConfig
}

// limitUnder returns the number of slots that an owner has according to one life of a replica of the app.
func (w *Deployment) limitUnder(name string, life int, owner engine.OwnerID) int {
	for _, n := range w.apps {
		if n.name != name {
			continue
		}
		for i := range n.older {
			if n.older[i].life == life {
				return n.older[i].app.LimitOf(owner)
			}
		}
	}
	return w.plan.limits(owner).limit
}

// noteLimits takes the limits of an older configuration into account: as long as any process has had it, an owner may
// have had as many slots as that, or as few.
func (p *plan) noteLimits(config *engine.AppConfig) {
	for i := range p.owners {
		o := &p.owners[i]
		limit := config.LimitOf(o.id)
		o.most, o.least = max(o.most, limit), min(o.least, limit)
	}
}
