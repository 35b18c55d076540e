// Package certify shows that a real store is the one that is simulated: seeds, races and cuts.
//
// # Seeds
//
// What the simulator finds, it finds on the models of package
// [github.com/onceover/onceover/checker/model]. That says something about production for as long as the stores that
// production uses are those models. Here the same seeds are run on such stores: virtual time, simulated faults, crashes
// and all, but whenever an operation takes effect it is a real store that carries it out, and its answer is the one that
// the engine goes on with.
//
// A [World] runs a seed twice, on the stores and on the models alone, and compares:
//
//   - every answer with the model's, as it is given: the first that differs ends the run;
//   - in the end all that is stored, read back row by row, with what the models hold;
//   - the trace hashes of the two runs, over every step. Should they differ although no answer did, both runs are
//     repeated step by step to find where they part.
//
// A difference is a violation of the property [world.StoreAsModel], so campaigns count it, replay files keep it, and it
// can be made small, as any other. A store that breaks off or is out of reach makes a seed unknown, never violated or
// passed.
//
// [Ports] puts any implementation of the engine's ports behind a world; [OnPostgres] does that with the production stores,
// each time on a database of its own. A [Lender] makes such worlds for a campaign that runs many side by side.
//
// # Races
//
// [Races] lets many connections race over a few reviews on a real store, and asks porcupine whether any
// order of their operations explains what they were answered.
//
// The sequential specification is the one that the simulator runs on (package checker/model), so a store that passes
// here is the one that was simulated, also where transactions really overlap.
//
// A run plays [Scenarios] in rounds. A round begins with an empty database and a short preparation. Then each of a
// few rivals carries out operations of its own, all at once, each over a connection of its own; at the end, what there
// is is read once more. Every call and every answer gets a number from one counter, so an operation that had returned
// before another began stands before it in every order.
//
// Two statements that take a tenth of a millisecond rarely meet. So two of three rounds close a [Gate]: either the rows
// in question are locked, or each rival is held before the message that commits what it did (the connections pass
// through a proxy of package faults/pgwire). When the server says that whoever is not held waits for a lock, the gate
// opens. A claim that counts the slots of its owner without being serialised is caught that way at once, not once in a
// thousand runs. Nothing waits for a clock.
//
// While a gate is closed, some rivals give up: their contexts end, their connections are closed, and the server goes
// on with what it was sent. Such operations are ambiguous. They stay open in the history: they may have taken effect at
// any later time, or never.
//
// A history that no order explains is a [*RaceViolation], which tells it operation by operation; one that porcupine gave up
// is an error as well, never a pass. The counts of a [RacesReport] say how much was really concurrent.
//
// # Cuts
//
// [Cuts] cuts every operation of the Postgres stores at every message of the protocol.
//
// A [Case] is one operation of [engine.ReviewStore] or [engine.Journal] in one state: [Cases] has each of them where it
// does its work, and where it is refused or has nothing to do. It carries a case out through a
// [github.com/onceover/onceover/faults/pgwire] proxy, over a connection that has done it before (warm) and one that is
// only made for it (cold), notes the messages, and then does it anew for every one of them: cut before it, in its
// middle and after it. Each time it demands, with the model of [github.com/onceover/onceover/checker/model] as the
// judge:
//
//   - The database holds the state before the operation or the state after it, and nothing between or beside them:
//     all rows of all tables are compared.
//   - What the caller was told is true. A success is the model's answer and has had its effect. A refusal that states
//     a fact is the model's. "Rejected" means that nothing has happened. Only "ambiguous" leaves it open.
//   - Doing it again ends well, in the way of the engine: the same call is made once more, or for a claim its candidate
//     is reserved when the claim has gone stale, and claimed again. Answers and the state in the end are the model's.
//
// The [CutsReport] counts what was done.
package certify
