// Package postgres is the engine's storage on Postgres: the app's review store, in the schema app, and the workers'
// journal, in the schema worker. The two schemas are independent and may be in different databases. Package
// checker/model specifies both, down to the order of ties, and tests hold both to it in lockstep.
//
//	pool, err := postgres.Connect(ctx, url)   // with the settings that the statements need
//	from, to, err := postgres.Migrate(ctx, pool)
//	err = postgres.CheckSchema(ctx, pool)     // at the start of every process
//	store, journal := postgres.NewReviews(pool), postgres.NewJournal(pool)
//
// # Set up
//
// [Connect] opens a pool; a [Setting] such as [WithMaxConns] changes its configuration. [Migrate] brings the schema up to
// date, and [CheckSchema] checks that it is. All three return a [*SetupError] if the server, the database or the URL is
// not as it should be: it names the problem and the remedy.
//
// # Stores
//
// [NewReviews] returns [Reviews], which implements [engine.ReviewStore]. [NewJournal] returns a [Journal], which
// implements [engine.Journal]. [Listen] passes the wake-ups of other processes on. An [Option] such as [WithSleep]
// configures all three.
//
// # Poolers
//
// The stores work behind PgBouncer and others like it, also in transaction mode, where each transaction may run in
// another session of the server. [Connect] finds that out: the pooler refuses the settings in the startup message, or
// they do not hold afterwards, or the number of the session is not the server's. Then each operation is one transaction
// that makes its own settings, READ COMMITTED first, in the same round trip, and statements are described instead of
// prepared. A pool that was not opened by Connect does the same. What differs:
//
//   - [Listen] gets no notifications, so it returns a [*SetupError]. Give it a pool with the URL of the server, or leave
//     the wake-ups of other processes to the sweep.
//   - [Migrate] needs two connections to the server at a time. It takes no statement_timeout away that the role has.
//   - A write is Ambiguous if the pooler loses the server while the write is under way.
//   - A pooler that keeps track of prepared statements (max_prepared_statements of PgBouncer 1.21) saves the server some
//     parsing: add default_query_exec_mode=cache_statement to the URL.
//   - The settings of each transaction make a call about a fifth longer: 20 % and 23 % in two runs (geometric mean; a read
//     17 to 36 %, a write 6 to 30 %) on two busy cores, with 20 connections and no pooler in between.
//
// The last figure is measured by
//
//	go test -run '^$' -bench '^BenchmarkSettings$' -count 10 ./engine/postgres/bench | benchstat -col /settings -
//
// # Failover
//
// Every connection is to a server that accepts writes when the connection is opened (target_session_attrs=read-write,
// unless the URL has that parameter). A URL may name several hosts: postgres://user:password@host-1,host-2/database. If
// a server ends its sessions or answers that it is read-only (25006), the connection is closed together with the idle
// ones, and the call is tried again on a new one. While no server accepts writes, every call is Rejected.
//
// # Statements
//
// Every operation is one file below sql. A file holds one statement, or several that end with a semicolon each. Several
// go to the server as one pipelined batch, in one round trip, and the batch is one transaction. The last statement
// returns the answer; those before it take locks. Locks need statements of their own: under read committed, a statement
// sees what was committed before it began, so what must be seen under a lock has to be read by a later statement. The
// time is an argument: no statement reads the server's clock. A comment that begins with "The fence:" or "The owner's
// limit:" explains the predicate below it. Without that predicate the store is wrong in the way that the comment names.
//
// Submit and Claim take slots and order the heads of a pull request, so they hold a lock of their owner. Every other
// write of a review concerns its row alone and takes the lock of the row. Renewals of leases run one after the other, and
// so do purges; every other write of the journal is fenced by the epoch in the predicate of its update. A claim writes
// only the version of the row that it has checked: if another transaction has changed the row, the claim checks again.
//
// A write that gives an owner work or a free slot returns the owner, and a second transaction on the same connection
// notifies the other processes. It comes after the commit: a server whose queue of notifications is full refuses the
// transaction of a notification, and a hint never fails a write. The caller waits at most a second for it. A hint that is
// lost is logged, see [WithLog], and delays the work until the next sweep.
//
// # Errors
//
// A call that never reached the server, or was certainly rolled back, is Rejected. A write under way when its connection
// was lost, its session ended around the commit, or its context ended is Ambiguous. Data that no row can hold is
// Permanent. A read has no effect, so it is never Ambiguous. A call without an effect that may succeed at once (after a
// deadlock, a connection that was lost before anything was sent, on a full server, or on another server) is tried up to
// four times, with pauses of up to 10, 20 and 40 ms.
//
// # Texts
//
// Names (of reviews, owners, repositories, hosts) are of type text, which is UTF-8 without NUL. A name that is not is
// Permanent where it would be created, and unknown everywhere else. A text that names nothing is stored as bytes, above
// all the text of an event: an event that could never be journaled would leave its review stuck.
//
// # Migrations
//
// pressly/goose applies the migrations, which are embedded from the folder migrations and only go forward. jackc/tern is
// nearer to pgx, but adds a template engine with a dozen modules, some of cryptography, to every program; goose adds
// three small ones. Its version 3.26 is the newest that does not raise the versions of unrelated modules.
package postgres
