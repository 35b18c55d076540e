// Package world runs the production engine in a simulated world, one seed at a time.
//
// A [Deployment] has two or three app replicas and as many worker hosts, each a process of
// [github.com/onceover/onceover/sim/kernel] with the engine's real code in it ([engine.Dispatcher], [engine.App],
// [engine.Host]), around services that are simulated: the app database and the worker's journal (the models of
// [github.com/onceover/onceover/checker/model] behind latency and faults), the network, the agent, preparation, and
// clients that submit, cancel, retrigger, read and push newer heads. In a share of the seeds the calls between them go
// through the production HTTP clients and handlers.
//
// # A run
//
// A [run.Spec] decides a run completely, and [Deployment.Run] makes a [run.Result] of it. The seed draws the deployment, the
// workload and a mix of faults; every later decision is a function of seed, actor, operation and occurrence, so an
// override changes that decision alone. A run has three phases. In the storm faults happen. Then the world heals: no
// fault begins any more, and what was down comes up. In the quiet phase every review has to come to its end within a
// bound that follows from the timeouts. A run is over when nothing is left to happen, when a property is violated, or
// at that bound.
//
// # Calls
//
// Everything that one party asks of another is a call, and one machine makes them all: call.go injects the faults,
// sends the request, has it carried out and sends the answer. The table in method.go has a row for each remote method
// and each operation of a store. To add a method is to add a row, the function that carries it out, and the client's
// method that makes it.
//
// # What is watched
//
// Every part of the world records what it sees for the checker. The agent's sessions are the ground truth of what was
// executed; the payload, and not the idempotency key, identifies what a session is about. The history of operations is
// recorded where a caller sees it, outside of network and replica.
//
// # Around it
//
// [github.com/onceover/onceover/sim/campaign] runs many seeds on all cores. A [run.Replay] is a run in a file.
// `onceover run` and `onceover replay` are these two on the command line.
package world
