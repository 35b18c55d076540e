// Package counter is an example of code that is put under simulation, and not about reviews: a client that adds to a
// counter on a server, over a network that loses messages.
//
// [Client] is the code under simulation, as it would run in production: sequential Go that knows the time only
// through its [Runtime], and the server only through its [Server]. [World] is the simulation: a server, a network and
// a few clients, on [github.com/onceover/onceover/sim/kernel]. The test hands it to sim.Check, and that is all:
//
//	sim.Check(t, sim.Config{NewWorld: func() sim.World { return counter.NewWorld(counter.Counter{}) }})
//
// What the test finds, when the server does not look at idempotency keys, is what everybody knows and builds again: an
// answer is lost, the client tries again, and one is two.
package counter
