// Package deployment is a whole deployment for real, in one process: the production
// engine on goroutines and the wall clock, over whichever review store and journal
// it is given.
//
// Package [github.com/onceover/onceover/sim/world] simulates everything around the
// engine, and brings every run back. Here nothing is simulated that production has:
// what a real server does when it dies in the middle of a commit, comes back, or
// stops in its tracks is done by a real server. What is left of the simulation is
// what the project does not have: the [Agent], who executes at once and remembers
// what he was asked to execute, the preparation, and the clients.
//
//	d, err := deployment.New(deployment.Config{Reviews: reviews, Journal: journal, …})
//	d.Run()
//	err = d.Submit(ctx, submission) // as often as there are reviews
//	err = d.Wait(ctx, 100)          // while the server is killed, say
//	err = d.Close(ctx)
//	for _, finding := range d.Examine(ctx) { … }
//
// # What is checked
//
// [Deployment.Examine] compares what store and journal have kept with what the agent
// knows: every review has come to its end and was executed once, its events are
// journaled as they were sent, its tokens add up, and no owner ever had more live
// sessions than its limit.
//
// A [Record] between the engine and its stores notes every call and answer, with the
// ambiguous ones left open, and has porcupine decide whether the sequential
// specifications of package [github.com/onceover/onceover/checker/model] explain
// them.
//
// # Time
//
// Nothing waits for a time to pass. Who wants something to happen in the middle of a
// workload waits for progress ([Deployment.Wait]) or for calls to fail
// ([Record.WaitFailed]). [Config.ClockSpeed] has the clock run fast, as any clock
// may: claims then go stale within a second, and the fences hold none the less.
package deployment
