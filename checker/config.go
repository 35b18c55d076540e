package checker

import (
	"time"

	"github.com/onceover/onceover/engine"
)

// A Config is what the properties need to know of the deployment that they watch.
// The zero value of a field stands for its default.
type Config struct {
	// Limit returns how many slots an owner has. Nil: 20 for everybody, the default
	// of [engine.AppConfig].
	Limit func(engine.OwnerID) int
	// MaxRetries is how many attempts may follow by themselves, as in
	// [engine.AppConfig]: 0 stands for 2, -1 for none.
	MaxRetries int
	// Start is what a clock that is right shows when the virtual time is zero: it
	// relates the due times in rows to the times of records. Zero: the zero time.
	Start time.Time
	// StarvedAfter is how long a due pending review may wait in the quiet phase
	// while younger ones of its owner are claimed. Default 5 min.
	StarvedAfter time.Duration
	// Only names the properties to watch, by identifier; an unknown one matches
	// nothing. Empty: all. With a single one a layer can be watched by itself.
	Only []string
}

const (
	defaultLimit        = 20
	defaultMaxRetries   = 2
	defaultStarvedAfter = 5 * time.Minute
)

func (c *Config) limit(owner engine.OwnerID) int {
	if c.Limit == nil {
		return defaultLimit
	}
	return c.Limit(owner)
}

func (c Config) withDefaults() Config {
	switch c.MaxRetries {
	case 0:
		c.MaxRetries = defaultMaxRetries
	case -1:
		c.MaxRetries = 0
	}
	if c.StarvedAfter == 0 {
		c.StarvedAfter = defaultStarvedAfter
	}
	return c
}
