// Package faults defines what may go wrong in a simulated deployment, and how often.
//
// It injects nothing. The simulator holds the requests, processes and clocks, and asks this package whether a fault
// happens. The package is a pipeline of four stages, each a plain value:
//
//	catalogue  →  profile  →  mix  →  counts
//	what may      which kinds  what one  what did
//	happen        a campaign   seed's    happen
//	              is about     run has
//
// # Catalogue
//
// A [Kind] is one kind of fault, named "category.name": process.crash, network.answer-lost, database.lost-after-commit.
// [Catalogue] and [Lookup] return its [Entry], which is a contract between three parties. For the simulator, Sentence
// is what to do and Point where it is decided. For the engine, Effect is the error that a caller gets, and May what the
// engine must survive. For the reader of a failure, MayNot is what the fault never does. Since the permitted faults are
// stated, anything that goes wrong beyond them is a bug of the engine and not of its environment.
//
// One rule holds for all entries: a fault may hide the truth but may not forge it. An environment may reject a call,
// stay silent or leave its caller in doubt. "Not found" and "stale token" are statements of fact, and only the
// component that knows the fact makes them. No fault undoes or alters what has been committed.
//
// Another rule holds for all runs: once a run heals, no fault begins any more, and pauses, slowness, partitions and
// failovers end. Processes that are down restart; in a share of the runs only a random core of them does, and must do
// all the remaining work. What is in flight by then stays: a delayed request still arrives, a session that hangs still
// waits for its interrupt, a clock that is off stays off.
//
// # Profile
//
// A [Profile] gives each kind an [Intensity]: the probability that a seed enables it, and the range of its rate.
// [Profiles] lists them and [Named] finds one. Profiles are swarms: a seed does not get a little of everything, it gets
// a random subset of the kinds, because one kind often hides the effect of another (a process that crashes all the time
// never sees a stale token). Random subsets find more than any fixed mixture: Groce, Zhang, Eide, Chen, Regehr, "Swarm
// Testing", ISSTA 2012.
//
// # Mix
//
// [Profile.Draw] turns a seed into a [Mix], the enabled kinds with their rates. All randomness comes from the caller:
// Draw asks for 64 bits per named decision, and [Mix.Fires] takes 64 bits per fault point. In both, high draws inject
// the fault and the draw 0 does not. So overriding one decision with 0 switches off one fault, or a whole kind, and
// nothing else, as a minimiser needs it. Results are equal on every machine, because Draw uses only arithmetic that
// IEEE 754 rounds exactly (products, quotients and square roots).
//
// # Counts
//
// [Counts] counts the injected faults of a run by kind. A kind that never happened counts 0, and has tested nothing.
package faults
