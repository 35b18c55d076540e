package deployment

import (
	"errors"

	"github.com/onceover/onceover/engine"
)

// Config says what is deployed.
type Config struct {
	// Apps and Hosts are how many app replicas and worker hosts there are. Default 2
	// each.
	Apps, Hosts int
	// App and Worker are the constants of the replicas and of the hosts. Their
	// defaults are the engine's.
	App    engine.AppConfig
	Worker engine.WorkerConfig
	// Reviews and Journal are what all replicas and all hosts work on. Required.
	Reviews engine.ReviewStore
	Journal engine.Journal
	// ClockSpeed is how many times as fast as the wall clock the processes' clock
	// runs. Default 1.
	ClockSpeed int
}

// withDefaults fills in what is zero, or says what is missing.
func (c Config) withDefaults() (Config, error) {
	if c.Reviews == nil || c.Journal == nil {
		return c, errors.New("deployment: Config.Reviews or Config.Journal is nil; allowed: any store and any journal")
	}
	if c.Apps < 0 || c.Hosts < 0 || c.ClockSpeed < 0 {
		return c, errors.New("deployment: Config.Apps, Hosts or ClockSpeed is negative; allowed: 1 and up, or 0 for the default")
	}
	if c.Apps == 0 {
		c.Apps = 2
	}
	if c.Hosts == 0 {
		c.Hosts = 2
	}
	if c.ClockSpeed == 0 {
		c.ClockSpeed = 1
	}
	c.App = c.App.WithDefaults()
	return c, nil
}
