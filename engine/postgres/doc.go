// Package postgres is the production database: [Reviews] is the engine's review store
// in the schema app, [Journal] the worker's journal in the schema worker, and [Listen]
// the wake-up between processes. checker/model is their specification, ties included;
// tests hold both in lockstep.
//
//	pool, err := postgres.Connect(ctx, url)   // settings of the sessions
//	from, to, err := postgres.Migrate(ctx, pool)
//	err = postgres.CheckSchema(ctx, pool)     // at the start of every process
//	store, journal := postgres.NewReviews(pool), postgres.NewJournal(pool)
//
// # Statements
//
// Every operation is one file below sql. It holds one statement, or several that end
// with a semicolon each: those go to the server as one pipelined batch, in one round
// trip, which is one transaction. The last one answers; the ones before it take locks.
// They have to be statements of their own: under read committed each statement sees
// what was committed before it began, so what must be seen under a lock has to be read
// by a later one. now is an argument everywhere, and no statement asks the server for
// the time. A line that reads "The fence:" or "The owner's limit." explains the
// predicate below it; deleting that line breaks what the comment says.
//
// The locks: everything that takes a slot or orders the heads of a pull request
// (Submit, Claim) holds the lock of its owner. All other writes of a review concern its
// row alone, and take the row's own lock. Renewals of leases (RenewLease), and purges, come
// one after the other; whatever else writes to the journal is fenced by the epoch in
// the predicate of its update. A claim writes the row that it has judged or none: one
// that was changed meanwhile is judged again.
//
// # Errors
//
// What never reached the server, or was rolled back for sure, is Rejected; a connection
// that was lost, or a context that ended, while a write was under way is Ambiguous; data
// that no row can hold is Permanent. Reads have no effect that could be unknown, so they
// are never Ambiguous. What had no effect and may go better at once (a deadlock, a lost
// connection on which nothing was sent, a full server) is tried up to four times with
// pauses of up to 10, 20 and 40 ms.
//
// # Texts
//
// Names (of reviews, owners, repositories, hosts) are text, which in Postgres is UTF-8
// without NUL. Others are refused for good where they would be created, and are not
// found anywhere else. Everything that names nothing, an event's text above all, is
// stored as bytes: an event that could never be journaled would leave its review stuck.
//
// # Migrations
//
// The schema is brought up to date by pressly/goose, from files embedded below
// migrations, forward only. jackc/tern is nearer to pgx, but brings a template engine
// with a dozen modules, cryptography among them, into every program; goose brings three
// small ones. v3.26 is the newest that does not raise versions of unrelated modules.
package postgres
