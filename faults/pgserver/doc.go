// Package pgserver finds a real Postgres for tests and commands, and steers it while they run.
//
// There are three sources, tried in this order:
//
//	URL     ONCEOVER_DATABASE_URL names a server where databases may be created
//	Docker  a container of the official image (ONCEOVER_POSTGRES_IMAGE names another)
//	Local   a server of its own from the installed binaries (initdb, postgres)
//
// A URL that is set is meant: if it doesn't work, that is the error, and nothing else is tried. Docker that is
// installed but not running, or an image that can't be had, is a reason to go on with the local binaries. If nothing
// works, [ErrNone] tells in one line what was tried and what to install or set.
//
// # Tests and commands
//
// A test calls [ForTest] and gets the one server of its test binary, or is skipped with the reason. With CI=true it
// fails instead: what was meant to be tested on a real server has to be. [ForTestAlone] gives a server of the test's
// own, which it may kill. A command calls [Find] and, in the end, [Server.Stop]. Either way [Server.Database] and
// [Server.CreateDatabase] give fresh, empty databases, so that nobody sees what another has left.
//
// # Steering
//
// [Server.Kill], [Server.Restart], [Server.Pause] and [Server.Resume] do to a server what a bad day does. Its address
// stays the same. A server by URL belongs to somebody else and refuses ([UnsupportedError]).
//
// # Nothing is left over
//
// A server that was started here ends with the process that started it, however that ends: a small child process
// waits for the end of its parent's pipe, which the operating system closes even after a SIGKILL, then stops the
// server and removes its files. Containers are removed by the reaper of testcontainers, or where that is disabled
// by the same child.
package pgserver
