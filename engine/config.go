package engine

import (
	"fmt"
	"slices"
	"time"
)

// A ConfigError names a field whose value is outside its range.
type ConfigError struct {
	Field   string
	Value   string
	Allowed string
}

// Error says which field has which value and what it may have.
func (e *ConfigError) Error() string {
	return fmt.Sprintf("config: %s is %s; allowed: %s", e.Field, e.Value, e.Allowed)
}

// AppConfig holds the constants of an app replica. The zero value of a field
// stands for its default.
type AppConfig struct {
	// Limit is how many reviews of one owner hold a slot at once, 1 to 10,000.
	// Default 20. OwnerLimits overrides it for single owners. All replicas must
	// agree on both.
	Limit       int
	OwnerLimits map[OwnerID]int
	// StaleAfter is the age at which a claim is stale, 10 s to 1 h and longer than
	// DispatchTimeout. Default 5 min.
	StaleAfter time.Duration
	// DispatchTimeout bounds a call to the worker, 100 ms to 10 min. Default 10 s.
	DispatchTimeout time.Duration
	// PrepareTimeout bounds a preparation, 100 ms to 1 h. Default 1 min.
	PrepareTimeout time.Duration
	// StoreTimeout bounds a store operation, 10 ms to 10 min. Default 10 s.
	StoreTimeout time.Duration
	// SweepEvery is the pause between sweeps, 100 ms to 1 h. Default 1 min.
	SweepEvery time.Duration
	// SweepBatch is how many rows of each kind a sweep takes up, 1 to 10,000.
	// Default 100.
	SweepBatch int
	// SilentAfter is how long a running review may stay unheard of before the
	// worker is asked, 10 s to 1 h. Default 10 min.
	SilentAfter time.Duration
	// StopEvery is the pause before the worker is asked again whether a cancelled
	// attempt is over, 100 ms to 1 h. Default 30 s.
	StopEvery time.Duration
	// MaxRetries is how many attempts follow by themselves when the infrastructure
	// fails, 1 to 100, or -1 for none. Default 2.
	MaxRetries int
	// MaxDeferrals is how many failed preparations an attempt survives, 1 to 1,000.
	// Default 8.
	MaxDeferrals int
	// BackoffMin and BackoffMax bound the pauses before something is tried again,
	// 10 ms to 1 h, doubling in between. Defaults 5 s and 5 min.
	BackoffMin time.Duration
	BackoffMax time.Duration
}

// WithDefaults returns the config with every zero field set to its default.
func (c AppConfig) WithDefaults() AppConfig {
	orDefault(&c.Limit, 20)
	orDefault(&c.StaleAfter, 5*time.Minute)
	orDefault(&c.DispatchTimeout, 10*time.Second)
	orDefault(&c.PrepareTimeout, time.Minute)
	orDefault(&c.StoreTimeout, 10*time.Second)
	orDefault(&c.SweepEvery, time.Minute)
	orDefault(&c.SweepBatch, 100)
	orDefault(&c.SilentAfter, 10*time.Minute)
	orDefault(&c.StopEvery, 30*time.Second)
	orDefault(&c.MaxRetries, 2)
	orDefault(&c.MaxDeferrals, 8)
	orDefault(&c.BackoffMin, 5*time.Second)
	orDefault(&c.BackoffMax, 5*time.Minute)
	return c
}

// Validate returns a [*ConfigError] for the first field that is out of range. It
// expects the defaults to be filled in.
func (c *AppConfig) Validate() error {
	for _, check := range []error{
		upTo("AppConfig.Limit", c.Limit, 10_000),
		between("AppConfig.StaleAfter", c.StaleAfter, 10*time.Second, MaxAhead),
		between("AppConfig.DispatchTimeout", c.DispatchTimeout, 100*time.Millisecond, 10*time.Minute),
		between("AppConfig.PrepareTimeout", c.PrepareTimeout, 100*time.Millisecond, time.Hour),
		between("AppConfig.StoreTimeout", c.StoreTimeout, 10*time.Millisecond, 10*time.Minute),
		between("AppConfig.SweepEvery", c.SweepEvery, 100*time.Millisecond, time.Hour),
		upTo("AppConfig.SweepBatch", c.SweepBatch, 10_000),
		between("AppConfig.SilentAfter", c.SilentAfter, 10*time.Second, MaxAhead),
		between("AppConfig.StopEvery", c.StopEvery, 100*time.Millisecond, MaxAhead),
		upTo("AppConfig.MaxDeferrals", c.MaxDeferrals, 1_000),
		between("AppConfig.BackoffMin", c.BackoffMin, 10*time.Millisecond, MaxAhead),
		between("AppConfig.BackoffMax", c.BackoffMax, c.BackoffMin, MaxAhead),
	} {
		if check != nil {
			return check
		}
	}
	if c.MaxRetries < -1 || c.MaxRetries > 100 {
		return &ConfigError{"AppConfig.MaxRetries", fmt.Sprint(c.MaxRetries), "1 to 100, or -1 for none"}
	}
	if c.StaleAfter <= c.DispatchTimeout {
		return &ConfigError{"AppConfig.StaleAfter", c.StaleAfter.String(),
			"more than AppConfig.DispatchTimeout, " + c.DispatchTimeout.String()}
	}
	return validateOwnerLimits(c.OwnerLimits)
}

// validateOwnerLimits reports the first bad limit in the order of the owners.
func validateOwnerLimits(limits map[OwnerID]int) error {
	var bad OwnerID
	found := false
	for _, owner := range sortedOwners(limits) {
		if limits[owner] < 1 || limits[owner] > 10_000 {
			bad, found = owner, true
			break
		}
	}
	if !found {
		return nil
	}
	return upTo(fmt.Sprintf("AppConfig.OwnerLimits[%q]", bad), limits[bad], 10_000)
}

// LimitOf returns how many slots an owner has.
func (c *AppConfig) LimitOf(owner OwnerID) int {
	if limit, ok := c.OwnerLimits[owner]; ok {
		return limit
	}
	return c.Limit
}

// WorkerConfig holds the constants of a worker host. The zero value of a field
// stands for its default.
type WorkerConfig struct {
	// AgentVersion is the version of the agent that this host calls, as reported to
	// the app. Informative; may be empty.
	AgentVersion string
	// LeaseFor is how long a lease holds unless renewed, 1 s to 1 h, on the clock of
	// the host that waits for it to run out. Default 1 min.
	LeaseFor time.Duration
	// RenewEvery is the pause between renewals, which also look for orchestrations
	// to take over, 100 ms up to half of LeaseFor. Default 20 s.
	RenewEvery time.Duration
	// TakeoverBatch is how many orchestrations one look takes over, 1 to 10,000.
	// Default 100.
	TakeoverBatch int
	// Batch is how many events are journaled at once, 1 to 10,000. Default 10.
	Batch int
	// FlushAfter is the age at which buffered events are journaled though the
	// batch is not full, 10 ms to 10 min. Default 5 s.
	FlushAfter time.Duration
	// StreamLimit bounds the time for which a host follows a session, 1 s to 24 h.
	// Default 20 min. A host that takes a session over starts counting anew: it has
	// no clock to compare with that of the host before.
	StreamLimit time.Duration
	// CreateTries is how often the agent is asked for a session before the attempt
	// fails, 1 to 1,000. Default 6.
	CreateTries int
	// DecodeTries is how often the event at one position may be undecodable before
	// the attempt fails, 1 to 1,000. Default 3.
	DecodeTries int
	// AgentTimeout, CallbackTimeout and JournalTimeout bound single calls, 10 ms to
	// 10 min. Defaults 15 s, 10 s and 10 s.
	AgentTimeout    time.Duration
	CallbackTimeout time.Duration
	JournalTimeout  time.Duration
	// BackoffMin and BackoffMax bound the pauses before something is tried again,
	// 10 ms to 24 h, doubling in between. Defaults 1 s and 1 min.
	BackoffMin time.Duration
	BackoffMax time.Duration
	// KeepFor is how long a finished attempt's events are kept, 1 min to 10 years.
	// Default 7 days. A host whose clock is ahead forgets them earlier, but never
	// those of an attempt that is not over or whose outcome the app has not been
	// told. PurgeEvery is the pause between clean-ups, 1 s to 24 h,
	// default 1 h; PurgeBatch how many attempts one forgets, 1 to 10,000, default
	// 1,000.
	KeepFor    time.Duration
	PurgeEvery time.Duration
	PurgeBatch int
}

// WithDefaults returns the config with every zero field set to its default.
func (c WorkerConfig) WithDefaults() WorkerConfig {
	orDefault(&c.LeaseFor, time.Minute)
	orDefault(&c.RenewEvery, 20*time.Second)
	orDefault(&c.TakeoverBatch, 100)
	orDefault(&c.Batch, 10)
	orDefault(&c.FlushAfter, 5*time.Second)
	orDefault(&c.StreamLimit, 20*time.Minute)
	orDefault(&c.CreateTries, 6)
	orDefault(&c.DecodeTries, 3)
	orDefault(&c.AgentTimeout, 15*time.Second)
	orDefault(&c.CallbackTimeout, 10*time.Second)
	orDefault(&c.JournalTimeout, 10*time.Second)
	orDefault(&c.BackoffMin, time.Second)
	orDefault(&c.BackoffMax, time.Minute)
	orDefault(&c.KeepFor, 7*24*time.Hour)
	orDefault(&c.PurgeEvery, time.Hour)
	orDefault(&c.PurgeBatch, 1_000)
	return c
}

// Validate returns a [*ConfigError] for the first field that is out of range. It
// expects the defaults to be filled in.
func (c *WorkerConfig) Validate() error {
	for _, check := range []error{
		between("WorkerConfig.LeaseFor", c.LeaseFor, time.Second, time.Hour),
		between("WorkerConfig.RenewEvery", c.RenewEvery, 100*time.Millisecond, c.LeaseFor/2),
		upTo("WorkerConfig.TakeoverBatch", c.TakeoverBatch, 10_000),
		upTo("WorkerConfig.Batch", c.Batch, 10_000),
		between("WorkerConfig.FlushAfter", c.FlushAfter, 10*time.Millisecond, 10*time.Minute),
		between("WorkerConfig.StreamLimit", c.StreamLimit, time.Second, 24*time.Hour),
		upTo("WorkerConfig.CreateTries", c.CreateTries, 1_000),
		upTo("WorkerConfig.DecodeTries", c.DecodeTries, 1_000),
		between("WorkerConfig.AgentTimeout", c.AgentTimeout, 10*time.Millisecond, 10*time.Minute),
		between("WorkerConfig.CallbackTimeout", c.CallbackTimeout, 10*time.Millisecond, 10*time.Minute),
		between("WorkerConfig.JournalTimeout", c.JournalTimeout, 10*time.Millisecond, 10*time.Minute),
		between("WorkerConfig.BackoffMin", c.BackoffMin, 10*time.Millisecond, 24*time.Hour),
		between("WorkerConfig.BackoffMax", c.BackoffMax, c.BackoffMin, 24*time.Hour),
		between("WorkerConfig.KeepFor", c.KeepFor, time.Minute, 10*365*24*time.Hour),
		between("WorkerConfig.PurgeEvery", c.PurgeEvery, time.Second, 24*time.Hour),
		upTo("WorkerConfig.PurgeBatch", c.PurgeBatch, 10_000),
	} {
		if check != nil {
			return check
		}
	}
	return nil
}

func orDefault[T int | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

func upTo(field string, value, high int) error {
	if value < 1 || value > high {
		return &ConfigError{field, fmt.Sprint(value), fmt.Sprintf("1 to %d", high)}
	}
	return nil
}

func between(field string, value, low, high time.Duration) error {
	if value < low || value > high {
		return &ConfigError{field, value.String(), fmt.Sprintf("%s to %s", low, high)}
	}
	return nil
}

// sortedOwners returns the owners of a table of limits in a fixed order.
func sortedOwners(limits map[OwnerID]int) []OwnerID {
	owners := make([]OwnerID, 0, len(limits))
	for owner := range limits {
		owners = append(owners, owner)
	}
	slices.Sort(owners)
	return owners
}
