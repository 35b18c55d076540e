// Package realstore runs whole seeds on a real review store and a real journal.
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
package realstore
