package engine

import (
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// A ConfigError describes a field of a config that is out of range.
type ConfigError struct {
	Field   string // such as AppConfig.Limit
	Value   string // as given
	Allowed string // such as 1 to 10000
}

// Error names the field, its value and the allowed values on one line.
func (e *ConfigError) Error() string {
	return fmt.Sprintf("config: %s is %s; allowed: %s", e.Field, e.Value, e.Allowed)
}

// AppConfig configures a replica of the app. A field that is zero stands for its default.
type AppConfig struct {
	// Limit is the number of slots of an owner: how many of its reviews may be in flight at the same time, 1 to 10,000.
	// Default 20. OwnerLimits overrides it for single owners. All replicas must agree on both.
	Limit       int
	OwnerLimits map[OwnerID]int
	// StaleAfter is the age at which a claim becomes stale and the review may be dispatched again, 10 s to 30 min and
	// longer than DispatchTimeout. Default 5 min.
	StaleAfter time.Duration
	// DispatchTimeout bounds one call to the worker, 100 ms to 10 min. Default 10 s.
	DispatchTimeout time.Duration
	// PrepareTimeout bounds one preparation of a review, 100 ms to 1 h. Default 1 min.
	PrepareTimeout time.Duration
	// StoreTimeout bounds one operation of the store, 10 ms to 10 min. Default 10 s.
	StoreTimeout time.Duration
	// SweepEvery is the pause between two sweeps, 100 ms to 1 h. Default 1 min.
	SweepEvery time.Duration
	// SweepBatch is the number of rows of each kind that one sweep handles at most, 1 to 10,000. Default 100. Whatever a
	// sweep can do something about waits for at most as many sweeps of a replica as there is of its kind (owners with
	// a stale claim, or with a due review and a free slot; silent reviews; attempts to be stopped), divided by SweepBatch.
	SweepBatch int
	// SilentAfter is how long a running review may go without a report before the worker is asked about it, 10 s to
	// 30 min. Default 10 min.
	SilentAfter time.Duration
	// StopEvery is the pause before the worker is asked again whether a cancelled attempt has ended, 100 ms to 30 min.
	// Default 30 s.
	StopEvery time.Duration
	// MaxRetries is the number of attempts that follow automatically when the infrastructure fails, 1 to 100, or -1 for
	// none. Default 2.
	MaxRetries int
	// MaxDeferrals is the number of failed preparations after which an attempt fails, 1 to 1,000. Default 8.
	MaxDeferrals int
	// BackoffMin and BackoffMax bound the pause before a retry, 10 ms to 30 min. The pause doubles with every try.
	// Defaults 5 s and 5 min.
	BackoffMin time.Duration
	BackoffMax time.Duration
	// Log receives the panics of store, worker and preparer, each with its stack, and what has waited for long for one of
	// them. Nil stands for [slog.Default].
	Log *slog.Logger
	// RetryAfterMax bounds a pause that a worker asks for because it throttles its callers, 1 s to 30 min. Default 5 min.
	RetryAfterMax time.Duration
}

// WithDefaults returns a copy of the config with every zero field set to its default.
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
	orDefault(&c.RetryAfterMax, 5*time.Minute)
	return c
}

// Validate returns a [*ConfigError] for the first field that is out of range. It expects a config from WithDefaults.
func (c *AppConfig) Validate() error {
	for _, check := range []error{
		upTo("AppConfig.Limit", c.Limit, 10_000),
		between("AppConfig.StaleAfter", c.StaleAfter, 10*time.Second, MaxPause),
		between("AppConfig.DispatchTimeout", c.DispatchTimeout, 100*time.Millisecond, 10*time.Minute),
		between("AppConfig.PrepareTimeout", c.PrepareTimeout, 100*time.Millisecond, time.Hour),
		between("AppConfig.StoreTimeout", c.StoreTimeout, 10*time.Millisecond, 10*time.Minute),
		between("AppConfig.SweepEvery", c.SweepEvery, 100*time.Millisecond, time.Hour),
		upTo("AppConfig.SweepBatch", c.SweepBatch, 10_000),
		between("AppConfig.SilentAfter", c.SilentAfter, 10*time.Second, MaxPause),
		between("AppConfig.StopEvery", c.StopEvery, 100*time.Millisecond, MaxPause),
		upTo("AppConfig.MaxDeferrals", c.MaxDeferrals, 1_000),
		between("AppConfig.BackoffMin", c.BackoffMin, 10*time.Millisecond, MaxPause),
		between("AppConfig.BackoffMax", c.BackoffMax, c.BackoffMin, MaxPause),
		between("AppConfig.RetryAfterMax", c.RetryAfterMax, time.Second, 30*time.Minute),
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

// validateOwnerLimits returns an error for the first limit that is out of range, in the order of the owners' names.
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

// LimitOf returns the number of slots of an owner.
func (c *AppConfig) LimitOf(owner OwnerID) int {
	if limit, ok := c.OwnerLimits[owner]; ok {
		return limit
	}
	return c.Limit
}

// WorkerConfig configures a worker host. A field that is zero stands for its default.
type WorkerConfig struct {
	// AgentVersion is the version of the agent that this host calls. The host reports it to the app. It is informative
	// and may be empty.
	AgentVersion string
	// LeaseFor is how long a lease lasts without a renewal, 1 s to 1 h, on the clock of the host that waits for it to
	// expire. Default 1 min.
	LeaseFor time.Duration
	// RenewEvery is the pause between two renewals of the lease, 100 ms to half of LeaseFor. A renewal also takes over
	// orchestrations from expired leases. Default 20 s.
	RenewEvery time.Duration
	// TakeoverBatch is the number of orchestrations that one renewal takes over at most, 1 to 10,000. Default 100.
	TakeoverBatch int
	// Batch is the number of events that one write journals at most, 1 to 10,000. Default 10.
	Batch int
	// FlushAfter is the age at which buffered events are journaled although the batch is not full, 10 ms to 10 min.
	// Default 5 s.
	FlushAfter time.Duration
	// StreamLimit is how long hosts follow one session, over all takeovers, 1 s to 24 h. Default 20 min. It counts
	// neither the time between two holders nor the time for which the agent throttles. A host that is lost takes at
	// most one minute of the time that it has counted with it.
	StreamLimit time.Duration
	// StreamSilence is how long a stream may bring nothing at all, not even a sign of life, before another one is
	// opened, 1 s to 1 h. Default 1 min. It has to be longer than the agent's pause between two signs of life.
	StreamSilence time.Duration
	// EventSilence is how long a stream may bring no event, only signs of life, before another one is opened, 1 min to
	// 24 h. Default 5 min. It is measured in steps of a minute.
	EventSilence time.Duration
	// UnknownFor is how long an agent may answer that it does not know a session before the session counts as lost,
	// 1 ms to 1 h. Default 1 min. An agent that is eventually consistent knows a new session only after a while.
	UnknownFor time.Duration
	// GoneAfter is how long a host goes on interrupting a session that the agent does not know, if the request to
	// create it may still be on its way, 1 ms to 1 h. Default 6 min. It has to be longer than a request can be on its
	// way.
	GoneAfter time.Duration
	// ThrottleLimit is how long an attempt waits in all for an agent that throttles its callers before it fails, 1 min
	// to 30 days. Default 24 h. RetryAfterMax bounds one pause that the agent or the app asks for, 1 s to 24 h. Default
	// 15 min.
	ThrottleLimit time.Duration
	RetryAfterMax time.Duration
	// MaxTakeovers is how often an attempt may get a new holder before it fails, 1 to 10,000. Default 50. It ends
	// reviews that kill the hosts that run them.
	MaxTakeovers int
	// CreateTries is the number of tries to create a session before the attempt fails, 1 to 1,000. Default 6. Tries
	// that the agent throttles do not count.
	CreateTries int
	// DecodeTries is how often the event at one position may be undecodable before the attempt fails, 1 to 1,000.
	// Default 3.
	DecodeTries int
	// AgentTimeout, CallbackTimeout and JournalTimeout bound one call each, 10 ms to 10 min. Defaults 15 s, 10 s and
	// 10 s.
	AgentTimeout    time.Duration
	CallbackTimeout time.Duration
	JournalTimeout  time.Duration
	// BackoffMin and BackoffMax bound the pause before a retry, 10 ms to 24 h. The pause doubles with every try.
	// Defaults 1 s and 1 min.
	BackoffMin time.Duration
	BackoffMax time.Duration
	// KeepFor is how long the events of a finished attempt are kept, 1 min to 10 years. Default 7 days. A host with a
	// clock that is ahead purges them earlier, but never those of an attempt that is running or that still has its
	// callback in the outbox. PurgeEvery is the pause between two purges, 1 s to 24 h, default 1 h; PurgeBatch is the
	// number of attempts that one purge handles at most, 1 to 10,000, default 1,000.
	KeepFor    time.Duration
	PurgeEvery time.Duration
	PurgeBatch int
	// Log receives the panics of journal, agent and callback, each with its stack, and what has waited for long for one
	// of them. Nil stands for [slog.Default].
	Log *slog.Logger
}

// WithDefaults returns a copy of the config with every zero field set to its default.
func (c WorkerConfig) WithDefaults() WorkerConfig {
	orDefault(&c.LeaseFor, time.Minute)
	orDefault(&c.RenewEvery, 20*time.Second)
	orDefault(&c.TakeoverBatch, 100)
	orDefault(&c.Batch, 10)
	orDefault(&c.FlushAfter, 5*time.Second)
	orDefault(&c.StreamLimit, 20*time.Minute)
	orDefault(&c.StreamSilence, time.Minute)
	orDefault(&c.EventSilence, 5*time.Minute)
	orDefault(&c.UnknownFor, time.Minute)
	orDefault(&c.GoneAfter, 6*time.Minute)
	orDefault(&c.ThrottleLimit, 24*time.Hour)
	orDefault(&c.RetryAfterMax, 15*time.Minute)
	orDefault(&c.MaxTakeovers, 50)
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

// Validate returns a [*ConfigError] for the first field that is out of range. It expects a config from WithDefaults.
func (c *WorkerConfig) Validate() error {
	for _, check := range []error{
		between("WorkerConfig.LeaseFor", c.LeaseFor, time.Second, time.Hour),
		between("WorkerConfig.RenewEvery", c.RenewEvery, 100*time.Millisecond, c.LeaseFor/2),
		upTo("WorkerConfig.TakeoverBatch", c.TakeoverBatch, 10_000),
		upTo("WorkerConfig.Batch", c.Batch, 10_000),
		between("WorkerConfig.FlushAfter", c.FlushAfter, 10*time.Millisecond, 10*time.Minute),
		between("WorkerConfig.StreamLimit", c.StreamLimit, time.Second, 24*time.Hour),
		between("WorkerConfig.StreamSilence", c.StreamSilence, time.Second, time.Hour),
		between("WorkerConfig.EventSilence", c.EventSilence, time.Minute, 24*time.Hour),
		between("WorkerConfig.UnknownFor", c.UnknownFor, time.Millisecond, time.Hour),
		between("WorkerConfig.GoneAfter", c.GoneAfter, time.Millisecond, time.Hour),
		between("WorkerConfig.ThrottleLimit", c.ThrottleLimit, time.Minute, 30*24*time.Hour),
		between("WorkerConfig.RetryAfterMax", c.RetryAfterMax, time.Second, 24*time.Hour),
		upTo("WorkerConfig.MaxTakeovers", c.MaxTakeovers, 10_000),
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

// orDefault sets a field that is zero to its default.
func orDefault[T int | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

// upTo returns a ConfigError unless value is in 1 to high.
func upTo(field string, value, high int) error {
	if value < 1 || value > high {
		return &ConfigError{field, fmt.Sprint(value), fmt.Sprintf("1 to %d", high)}
	}
	return nil
}

// between returns a ConfigError unless value is in low to high.
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
