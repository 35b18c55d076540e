// Package certify shows that a real store does what the simulated store does.
//
// The simulator runs on the models of package [github.com/onceover/onceover/checker/model]: step functions in memory.
// What it finds holds for production only if the stores of production behave as the models do. [Certify] compares the
// two on a real Postgres and returns a [Certificate]. It does so in three parts, because each finds what the others
// can't:
//
//   - [Seeds] runs whole simulations on the store. It compares long, realistic histories, one operation at a time.
//   - [Races] lets connections race. It judges what transactions do to each other when they overlap.
//   - [Cuts] cuts connections. It judges what a caller learns, and what is stored, when an answer is lost.
//
// Each part can also be used alone. Parts get a function that creates databases (see [Create]), so this package finds
// no server and starts none: package faults/pgserver does that for tests and commands.
//
// # Seeds
//
// A simulation of package [github.com/onceover/onceover/sim/world] decides everything by its seed: virtual time, faults,
// crashes. Here it runs with one difference. When an operation takes effect, a real store carries it out, and the engine
// goes on with the answer of that store. The run is compared with the run of the same seed on the models:
//
//   - each answer, when it is given; the first that differs ends the run
//   - all that is stored at the end, read back row by row, and the number of rows of each kind
//   - the trace hash, which covers every step; if only that differs, both runs are repeated step by step to find the
//     first step that does
//
// A difference is a violation of the property [world.StoreAsModel]. So campaigns count it, replay files keep it, and the
// minimiser makes it small, as with any violation. If a store is out of reach, the seed is unknown, neither passed nor
// violated.
//
// [Ports] makes stores for a world of any implementation of the engine's ports. [OnPostgres] opens the production stores,
// each time on a new database, and a [Pool] makes the worlds of a campaign that runs many of them side by side.
//
// # Races
//
// The races are a table of scenarios: claims under one limit, a takeover against a host that goes on writing, and so on.
// A round of a scenario begins with empty tables and a short preparation. Then up to six rivals carry out operations of
// their own, all at once, each over its own connection. At the end the state is read. Every call and every answer gets a
// number from one counter, so the history is precise: an operation that returned before another was called comes before
// it in every order. Porcupine decides whether the model explains the answers in some order. A history without such an
// order is a violation, and a search that porcupine gives up is unknown: see [RaceFailure].
//
// Two statements of a tenth of a millisecond rarely meet. So in two of three rounds the rivals wait at a gate: either a
// transaction holds the rows that they need, or each is held before the message that commits its work, in a proxy of
// package [github.com/onceover/onceover/faults/pgwire]. The gate opens when the server reports that all other rivals wait
// for locks. A claim that counts the slots of its owner without a lock is caught at once that way, instead of once in a
// thousand rounds.
//
// Some rivals give up while the gate is closed: their connections are closed, and the server finishes what it has
// received. Such operations are ambiguous. They may have taken effect at any later time, or never, and stay open in the
// history.
//
// # Cuts
//
// A case is one method of [engine.ReviewStore] or [engine.Journal] in one state. Each method has cases in which it does
// its work, and cases in which it is refused or has nothing to do. A case is carried out through the proxy, which records
// the messages of the protocol: once over a connection that is in use (warm), and once over a new one (cold). Then it is
// carried out again for every message and cut there: before the message, in its middle, and after it. The server says
// something, too: it raises an error in place of each message of the client (40001, 25006, 57014), it ends the session at
// each message (57P01), a pooler ends it in the place of a server that it has lost (08P01), a connection is refused
// (53300). Each time, with the model as the judge:
//
//   - All rows of all tables are those before the operation, or those after it.
//   - The caller has learned the truth. A success means that the operation took effect, with the answer of the model. An
//     error that states a fact, such as a stale token, is the answer of the model. [engine.Rejected] means that nothing
//     happened. Only [engine.Ambiguous] leaves it open.
//   - A retry succeeds. The engine calls the same method again; a claim it leaves alone until it is stale, and then
//     claims what it can reserve. Answers and rows are those of the model.
package certify
