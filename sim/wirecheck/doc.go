// Package wirecheck cuts every operation of the Postgres stores at every message of the protocol.
//
// A [Case] is one operation of [engine.ReviewStore] or [engine.Journal] in one state: [Cases] has each of them where it
// does its work, and where it is refused or has nothing to do. [Run] carries a case out through a
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
// The [Certificate] counts what was done.
package wirecheck
