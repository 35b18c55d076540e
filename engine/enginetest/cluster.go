package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/live"
)

// ClusterConfig sets what a [Cluster] consists of.
type ClusterConfig struct {
	// Apps and Hosts are how many app replicas and worker hosts there are. Default 2 each.
	Apps, Hosts int
	// App and Worker configure the replicas and the hosts. Their defaults are the engine's.
	App    engine.AppConfig
	Worker engine.WorkerConfig
	// Reviews and Journal are what all replicas and all hosts work on. Required.
	Reviews engine.ReviewStore
	Journal engine.Journal
	// ClockSpeed is how many times as fast as the wall clock the processes' clock runs. Default 1.
	ClockSpeed int
}

// withDefaults fills in what is zero. The error names what is missing or out of range.
func (c ClusterConfig) withDefaults() (ClusterConfig, error) {
	if c.Reviews == nil || c.Journal == nil {
		return c, errors.New("enginetest: ClusterConfig.Reviews or ClusterConfig.Journal is nil; allowed: any store and any journal")
	}
	if c.Apps < 0 || c.Hosts < 0 || c.ClockSpeed < 0 {
		return c, errors.New("enginetest: ClusterConfig.Apps, Hosts or ClockSpeed is negative; allowed: 1 and up, or 0 for the default")
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

// A Cluster is a whole deployment in one process: app replicas and worker hosts on goroutines and the wall clock, which
// call each other directly through the engine's ports, over any review store and journal. Nothing in it is simulated but
// what stands around it: an [Agent] that answers at once, the preparation, and the clients. So what a real database does
// when it dies in the middle of a commit, or stalls, is done by a real database.
//
// A test submits reviews ([Cluster.Submit]), harms the database once a number of them has ended ([Cluster.Wait]), and
// looks for what went wrong ([Cluster.Examine]).
type Cluster struct {
	config      ClusterConfig
	runtime     *live.Runtime
	agent       *Agent
	dispatchers []*engine.Dispatcher
	apps        []*engine.App
	hosts       []*engine.Host
	nextApp     rotation
	nextHost    rotation

	ended counter

	mutex     sync.Mutex
	submitted []engine.Submission
	known     map[engine.ReviewID]bool // reported to have ended
}

// NewCluster returns a cluster that does nothing until Run. The error names what is wrong with the config.
func NewCluster(config ClusterConfig) (*Cluster, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	c := &Cluster{config: config, runtime: live.New(context.Background()), known: make(map[engine.ReviewID]bool)}
	c.agent = NewAgent(c.runtime, workScript)
	c.agent.Before = refuseBadWork
	clock := &fastRuntime{Runtime: c.runtime, start: c.runtime.Now(), speed: config.ClockSpeed}
	for i := range config.Hosts {
		id := engine.HostID(fmt.Sprintf("host-%d", i+1))
		host, err := engine.NewHost(id, clock, config.Worker, config.Journal, c.agent, clusterCallback{c})
		if err != nil {
			return nil, err
		}
		c.hosts = append(c.hosts, host)
	}
	for range config.Apps {
		dispatcher, err := engine.NewDispatcher(clock, config.App, config.Reviews, clusterWorker{c}, clusterPreparer{})
		if err != nil {
			return nil, err
		}
		c.dispatchers = append(c.dispatchers, dispatcher)
		c.apps = append(c.apps, engine.NewApp(dispatcher))
	}
	return c, nil
}

// Run starts all processes and returns.
func (c *Cluster) Run() {
	for _, host := range c.hosts {
		host.Run()
	}
	for _, dispatcher := range c.dispatchers {
		dispatcher.Run()
	}
}

// Agent returns the agent of the cluster.
func (c *Cluster) Agent() *Agent { return c.agent }

// Trigger hints to one of the replicas, in turn, that something of the owner has changed, as a database's notification
// does.
func (c *Cluster) Trigger(owner engine.OwnerID) {
	c.dispatchers[c.nextApp.among(len(c.dispatchers))].Trigger(owner)
}

// pauseBeforeRetry is how long a client waits before it repeats a submission that was not answered.
const pauseBeforeRetry = 20 * time.Millisecond

// Submit submits a review to one of the replicas, in turn, until one answers. The error is a Permanent one, or the
// context's. It may be called from several goroutines.
func (c *Cluster) Submit(ctx context.Context, s engine.Submission) error {
	c.mutex.Lock()
	c.submitted = append(c.submitted, s)
	c.mutex.Unlock()
	for {
		_, err := c.app().Submit(ctx, s)
		if err == nil || engine.IsKind(err, engine.Permanent) {
			return err
		}
		if err := c.runtime.Sleep(ctx, pauseBeforeRetry); err != nil {
			return err
		}
	}
}

// Wait returns when n reviews have ended and the app has answered the callback, or with the context's error.
func (c *Cluster) Wait(ctx context.Context, n int) error { return c.ended.wait(ctx, n) }

// Close shuts all processes down in good order and waits for them, or for the context to end.
func (c *Cluster) Close(ctx context.Context) error {
	var errs []error
	for _, dispatcher := range c.dispatchers {
		errs = append(errs, dispatcher.Close(ctx))
	}
	for _, host := range c.hosts {
		errs = append(errs, host.Close(ctx))
	}
	c.runtime.Stop()
	return errors.Join(append(errs, c.runtime.Wait(ctx))...)
}

func (c *Cluster) app() *engine.App   { return c.apps[c.nextApp.among(len(c.apps))] }
func (c *Cluster) host() *engine.Host { return c.hosts[c.nextHost.among(len(c.hosts))] }

// reported notes a callback that the app has answered.
func (c *Cluster) reported(report engine.WorkerReport) {
	if !report.Status.Terminal() {
		return
	}
	c.mutex.Lock()
	first := !c.known[report.Key.Review]
	c.known[report.Key.Review] = true
	c.mutex.Unlock()
	if first {
		c.ended.add()
	}
}

// work is the payload: what is to be executed; the key of the session does not count.
type work struct {
	Key   engine.AttemptKey `json:"key"`
	Owner engine.OwnerID    `json:"owner"`
}

func workOf(payload []byte) (w work, err error) {
	err = json.Unmarshal(payload, &w)
	return w, err
}
