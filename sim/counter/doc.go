// Package counter is an example of a system under simulation that has nothing to do with reviews. A client adds to a
// counter on a server, over a network that loses messages.
//
// [Client] is the code under simulation, as it would run in production: sequential Go code that uses time only through
// its [Runtime], and the server only through its [Server]. [World] simulates a server, a network and some clients, on
// package [github.com/onceover/onceover/sim/kernel]. A test passes the world to sim.Check:
//
//	sim.Check(t, sim.Config{NewWorld: func() sim.World { return counter.NewWorld(&counter.Counter{}) }})
//
// When the server ignores idempotency keys, the test finds a well-known bug: an answer is lost, the client retries, and
// the server adds twice.
package counter
