// Package pgserver finds a real Postgres for tests and commands, and controls it while they run.
//
// There are three sources, tried in this order:
//
//	URL     ONCEOVER_DATABASE_URL names a server where databases may be created
//	Docker  a container of the official image (ONCEOVER_POSTGRES_IMAGE names another)
//	Local   a server of its own from the installed binaries (initdb, postgres)
//
// If a URL is set but does not work, that is an error, and no other source is tried. If Docker is not running, or the
// image cannot be pulled, the local binaries are tried next. If nothing works, [ErrNone] lists in one line what was
// tried and what to install or set.
//
// # Tests and commands
//
// A test calls [ForTest], which returns the one server of its test binary, or skips the test with the reason. With
// CI=true the test fails instead. [ForTestAlone] returns a server for one test alone, which may kill it. A command
// calls [Find] and, in the end, [Server.Stop]. In both cases [Server.Database] and [Server.CreateDatabase] create empty
// databases, so that tests do not see each other's data.
//
// # Control
//
// [Server.Kill], [Server.Restart], [Server.Pause] and [Server.Resume] do to a server what failures in production do.
// Its address stays the same. For a server by URL, which belongs to somebody else, they return an [UnsupportedError].
//
// # Poolers
//
// [StartPooler] starts a PgBouncer in front of a server, in transaction mode, where the package pgbouncer is
// installed. A test calls [PoolerForTest].
//
// # Cleanup
//
// A server that this package starts ends with the process that started it, even if that is killed: a small child
// process, the reaper, waits for the end of its parent's pipe, which the operating system closes in any case. Then it
// stops the server and removes its files. Containers are removed by the reaper of testcontainers, or by ours if that
// one is disabled.
package pgserver
