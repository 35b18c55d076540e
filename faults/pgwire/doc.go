// Package pgwire breaks connections to Postgres at chosen protocol messages.
//
// A [Proxy] stands between a client and a server, on a port of the loopback interface. It splits both streams into the
// messages of the Postgres protocol (decoded with pgproto3 of pgx) and asks an [Injector] about each: forward it, wait
// first, cut the connection before it, in its middle or after it, or go silent. It forwards exactly the bytes that it
// received.
//
// # Every message in turn
//
// A [Recorder] lists the messages of one operation, and [Cuts] every way to cut them: one [Cut] per message and kind of
// cut, in either direction. Each is then one run with [Cut.Injector]. [Once.Done] reports whether that message came at
// all, so that no cut is skipped silently:
//
//	proxy.Begin(recorder)    // messages are counted from here
//	operation()
//	proxy.Begin(nil)         // what follows does not belong to the operation
//	for _, cut := range pgwire.Cuts(recorder.Messages()) {
//		injector := cut.Injector()
//		proxy.Begin(injector)
//		operation()
//		proxy.CutAll(ctx)    // now the server has ended every session
//		...
//	}
//
// A message is identified by its [Place]: connection, direction, and the number of messages before it. Places do not
// depend on which direction is faster.
//
// # What a server says
//
// A connection need not end without a word. With [LastWords] the client receives an error as the last message, such as
// 57P01 or 08P01, before or after each message; with [Errors] the server itself raises an error, such as 40001, in the
// middle of a transaction.
//
// # Faults by chance
//
// [NewRandom] draws faults from a [Decider], so that a sequence of decisions can control the proxy. [Seeded] is a
// Decider that follows from a seed. The draw 0 never injects a fault, as everywhere in
// [github.com/onceover/onceover/faults].
//
// # Broken SQL
//
// A [Rewrite] changes statements on their way, so that a test can show that it notices a missing lock or predicate. A
// rewrite that never matched is an error of [Proxy.Close], because then nothing was broken and nothing was shown.
package pgwire
