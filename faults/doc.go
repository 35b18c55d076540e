// Package faults says what may go wrong in a simulated deployment, and how often.
//
// It holds no injection: the simulator has the requests, processes and clocks in hand, and asks this package
// whether misfortune strikes. The package is a pipeline of four stages, each a plain value:
//
//	catalogue  →  profile  →  mix  →  counts
//	what may      which kinds  what one  what did
//	happen        a campaign   seed's    happen
//	              is about     run has
//
// # Catalogue
//
// A [Kind] is one misfortune, named "category.name": process.crash, network.answer-lost,
// database.lost-after-commit. [Catalogue] and [Lookup] give its [Entry], which is a contract between three
// parties. For the simulator, Sentence says what to do and Point where it is decided. For the engine, Effect says
// what the caller is told and May what it has to live with. For whoever reads a failure, MayNot says what the
// fault never does: the permitted misfortunes are stated, so that whatever goes wrong beyond them is a bug of the
// engine and not of its environment.
//
// One rule holds for all entries: a fault may hide the truth but may not forge it. An environment may reject,
// stay silent or leave its caller in doubt; "not found" and "stale token" are statements of fact, and only the
// part that knows the fact makes them. Nor does any fault undo or alter what has been committed.
//
// And one holds for all runs: once a run heals, no fault begins any more, and pauses, slowness, partitions and
// failovers end. Processes that are down come up again; in a share of the runs only a random core of them is left,
// which has to do all that remains. What is under way by then stays: a delayed request still arrives, a session that
// hangs still waits for its interrupt, a clock that is off stays off.
//
// # Profile
//
// A [Profile] gives each kind an [Intensity]: the probability that a seed enables it, and the range of its rate.
// [Profiles] lists them and [Named] finds one. Profiles are swarms: a seed does not get a little of everything, it
// gets a random subset of the kinds, since one kind often keeps another from showing its effect (a process that
// crashes all the time never lives to see a stale token). Random subsets find more than any fixed mixture: Groce,
// Zhang, Eide, Chen, Regehr, "Swarm Testing", ISSTA 2012.
//
// # Mix
//
// [Profile.Draw] turns a seed into a [Mix], the enabled kinds with their rates. All randomness comes from the
// caller: Draw asks it for 64 bits per named decision, and [Mix.Fires] takes 64 bits per fault point. In both,
// high draws are misfortune and the draw 0 is calm. So overriding a decision with 0 switches off one fault, or a
// whole kind, and nothing else, which is what a minimiser needs. Results are equal on every machine: only
// arithmetic that IEEE 754 rounds exactly is used (products, quotients and square roots).
//
// # Counts
//
// [Counts] tallies what was injected, kind by kind, over a run or a campaign. Kinds that never struck are shown
// with their zero: a fault that never happened has tested nothing.
package faults
