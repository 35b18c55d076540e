package deployment

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/live"
)

// A Deployment is app replicas and worker hosts that talk to each other directly,
// through the engine's ports. Make one with [New].
type Deployment struct {
	config      Config
	runtime     *live.Runtime
	agent       *Agent
	dispatchers []*engine.Dispatcher
	apps        []*engine.App
	hosts       []*engine.Host
	nextApp     rotation
	nextHost    rotation

	ended progress

	mutex     sync.Mutex
	submitted []engine.Submission
	known     map[engine.ReviewID]bool // reported to have ended
}

// New returns a deployment that does nothing until Run. The error names what is
// wrong with the config.
func New(config Config) (*Deployment, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	d := &Deployment{
		config: config, runtime: live.New(context.Background()), agent: NewAgent(),
		known: make(map[engine.ReviewID]bool),
	}
	clock := &fastRuntime{Runtime: d.runtime, start: d.runtime.Now(), speed: config.ClockSpeed}
	for i := range config.Hosts {
		host, err := engine.NewHost(engine.HostID(fmt.Sprintf("host-%d", i+1)), clock, config.Worker, config.Journal, d.agent, callback{d})
		if err != nil {
			return nil, err
		}
		d.hosts = append(d.hosts, host)
	}
	for range config.Apps {
		dispatcher, err := engine.NewDispatcher(clock, config.App, config.Reviews, worker{d}, preparer{})
		if err != nil {
			return nil, err
		}
		d.dispatchers = append(d.dispatchers, dispatcher)
		d.apps = append(d.apps, engine.NewApp(dispatcher))
	}
	return d, nil
}

// Run starts all processes and returns.
func (d *Deployment) Run() {
	for _, host := range d.hosts {
		host.Run()
	}
	for _, dispatcher := range d.dispatchers {
		dispatcher.Run()
	}
}

// Agent returns the agent of the deployment.
func (d *Deployment) Agent() *Agent { return d.agent }

// Trigger hands a hint to one of the replicas, in turn: something of the owner has
// changed. Such as a database's notification.
func (d *Deployment) Trigger(owner engine.OwnerID) {
	d.dispatchers[d.nextApp.among(len(d.dispatchers))].Trigger(owner)
}

// pauseBeforeRetry is how long a client waits before it submits again what it had no
// answer to.
const pauseBeforeRetry = 20 * time.Millisecond

// Submit submits a review to one of the replicas, in turn, until one answers. The
// error is one that trying again would not change, or the context's. It may be called
// from several goroutines.
func (d *Deployment) Submit(ctx context.Context, s engine.Submission) error {
	d.mutex.Lock()
	d.submitted = append(d.submitted, s)
	d.mutex.Unlock()
	for {
		_, err := d.app().Submit(ctx, s)
		if err == nil || engine.IsKind(err, engine.Permanent) {
			return err
		}
		if err := d.runtime.Sleep(ctx, pauseBeforeRetry); err != nil {
			return err
		}
	}
}

// Wait returns when n reviews have ended and the app has been told so, or with the
// context's error.
func (d *Deployment) Wait(ctx context.Context, n int) error { return d.ended.wait(ctx, n) }

// Close shuts everything down in good order and waits for it, or for the context to
// end.
func (d *Deployment) Close(ctx context.Context) error {
	var errs []error
	for _, dispatcher := range d.dispatchers {
		errs = append(errs, dispatcher.Close(ctx))
	}
	for _, host := range d.hosts {
		errs = append(errs, host.Close(ctx))
	}
	d.runtime.Stop()
	return errors.Join(append(errs, d.runtime.Wait(ctx))...)
}

func (d *Deployment) app() *engine.App   { return d.apps[d.nextApp.among(len(d.apps))] }
func (d *Deployment) host() *engine.Host { return d.hosts[d.nextHost.among(len(d.hosts))] }

// reported notes what the app has been told, and knows.
func (d *Deployment) reported(report engine.WorkerReport) {
	if !report.Status.Terminal() {
		return
	}
	d.mutex.Lock()
	first := !d.known[report.Key.Review]
	d.known[report.Key.Review] = true
	d.mutex.Unlock()
	if first {
		d.ended.add()
	}
}
