package checker

import (
	"math"
	"time"

	"github.com/onceover/onceover/engine"
)

// A Config describes the deployment that the properties watch. The zero value of a field stands for its default.
type Config struct {
	// Limit returns how many slots an owner has. Nil stands for 20 for every owner, the default of [engine.AppConfig].
	// [math.MaxInt] stands for an owner of another deployment: this one counts no slots for it.
	Limit func(engine.OwnerID) int
	// LeastLimit returns the least limit of an owner that any replica has had, where they differ. Nil stands for Limit,
	// which is the greatest then.
	LeastLimit func(engine.OwnerID) int
	// LimitUnder returns how many slots an owner has according to the configuration of one life of a process. Nil stands
	// for Limit.
	LimitUnder func(process string, life int, owner engine.OwnerID) int
	// WorkerOf returns the configuration of one life of a worker host. Nil stands for Worker.
	WorkerOf func(process string, life int) *engine.WorkerConfig
	// MaxRetries is how many retries an attempt gets, as in [engine.AppConfig]: 0 stands for 2, -1 for none.
	MaxRetries int
	// MaxDeferrals is how many failed preparations an attempt survives, as in [engine.AppConfig]. Default 8.
	MaxDeferrals int
	// Start is the time on a correct clock at virtual time zero: it relates the due times in rows to the times of
	// records. The default is the zero time.
	Start time.Time
	// StarvedAfter is how long a due pending review may wait in the quiet phase while younger ones of its owner are
	// claimed. Default 5 min.
	StarvedAfter time.Duration
	// App and Worker are the configurations in force, for the limits of calls and the pauses between them; MaxRetries
	// and Limit stand above. A process that restarted with an older configuration (fault process.old-config) is excused
	// where that may make a difference.
	App    engine.AppConfig
	Worker engine.WorkerConfig
	// CancelWithin is how long a host may take, in the quiet phase, to interrupt an attempt after its renewal has shown
	// the cancel. It has to cover a journal write under way and the one that follows. Default 30 s.
	CancelWithin time.Duration
	// Only names the properties to watch, by identifier; unknown ones are ignored. Empty stands for all. With a single
	// one a layer can be watched by itself.
	Only []string
}

const (
	defaultLimit        = 20
	defaultMaxRetries   = 2
	defaultMaxDeferrals = 8
	defaultStarvedAfter = 5 * time.Minute
	defaultCancelWithin = 30 * time.Second
)

func (c *Config) limit(owner engine.OwnerID) int {
	if c.Limit == nil {
		return defaultLimit
	}
	return c.Limit(owner)
}

// leastLimit returns how many slots an owner has according to all replicas.
func (c *Config) leastLimit(owner engine.OwnerID) int {
	if c.LeastLimit == nil {
		return c.limit(owner)
	}
	return c.LeastLimit(owner)
}

// limitUnder returns how many slots an owner has according to the sender of a record.
func (c *Config) limitUnder(r *Record, owner engine.OwnerID) int {
	if c.LimitUnder == nil {
		return c.limit(owner)
	}
	return c.LimitUnder(r.Actor, r.Life, owner)
}

// workerOf returns the configuration of the sender of a record.
func (c *Config) workerOf(r *Record) *engine.WorkerConfig {
	if c.WorkerOf == nil {
		return &c.Worker
	}
	return c.WorkerOf(r.Actor, r.Life)
}

// retryAfterMax returns for how long a caller of a partner obeys at most what the partner asks for.
func (c *Config) retryAfterMax(call Call) time.Duration {
	if call.Port() == PortWorker {
		return c.App.RetryAfterMax
	}
	return c.Worker.RetryAfterMax
}

// foreign reports whether an owner belongs to another deployment.
func (c *Config) foreign(owner engine.OwnerID) bool { return c.limit(owner) == math.MaxInt }

func (c Config) withDefaults() Config {
	switch c.MaxRetries {
	case 0:
		c.MaxRetries = defaultMaxRetries
	case -1:
		c.MaxRetries = 0
	}
	if c.MaxDeferrals == 0 {
		c.MaxDeferrals = defaultMaxDeferrals
	}
	if c.StarvedAfter == 0 {
		c.StarvedAfter = defaultStarvedAfter
	}
	c.App, c.Worker = c.App.WithDefaults(), c.Worker.WithDefaults()
	if c.CancelWithin == 0 {
		c.CancelWithin = defaultCancelWithin
	}
	return c
}
