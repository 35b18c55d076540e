// Package pgwire breaks connections to Postgres at chosen protocol messages.
//
// A [Proxy] stands between a client and a server, on a port of the loopback interface. It takes both streams apart
// into the messages of the Postgres protocol (decoded with pgproto3 of pgx) and asks an [Injector] before it forwards
// each: forward it, wait first, cut the connection before it, in its middle or after it, or fall silent. What it
// forwards are the bytes that it got.
//
// # Every message in turn
//
// A [Recorder] lists the messages of one operation, and [Cuts] every way to cut them: one [Cut] per message, of
// either direction, and kind of cut. Each is then one run with [Cut.Injector], and [Once.Done] tells whether that
// message came at all, so that none is skipped in silence:
//
//	proxy.Begin(recorder)    // messages are counted from here
//	operation()
//	proxy.Begin(nil)         // what follows is not the operation's
//	for _, cut := range pgwire.Cuts(recorder.Messages()) {
//		injector := cut.Injector()
//		proxy.Begin(injector)
//		operation()
//		proxy.CutAll(ctx)    // the server has ended every session: what it did, it has done
//		...
//	}
//
// A message is known by its [Place]: connection, direction, and how many there were before it. Places don't depend on
// which direction is faster.
//
// # Faults by chance
//
// [NewRandom] draws faults from a [Decider], which is how a decision tape steers the proxy; [Seeded] is a Decider of
// its own. Draws of 0 are calm, as everywhere in [github.com/onceover/onceover/faults].
//
// # Broken SQL
//
// A [Rewrite] changes statements on their way, so that a test can show that it notices a missing lock or predicate.
// One that has never matched is an error of [Proxy.Close]: it has broken nothing, so nothing was shown.
package pgwire
