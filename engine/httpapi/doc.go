// Package httpapi carries the engine's ports over HTTP: for each service one handler that serves a port, and one client
// that is that port.
//
// Bodies are JSON, whatever their content type says. A request body is read to its end before anything happens, is limited
// in size, and holds one object without a field twice. Review identifiers are any UTF-8 text, escaped as one path segment; only the empty one and a lone slash can't be
// sent.
//
// # Worker API
//
// [NewWorkerHandler] serves an [engine.Worker], [WorkerClient] is one.
//
//	PUT    /v1/attempts/{review}/{attempt}          start: StartRequest → WorkerReport
//	DELETE /v1/attempts/{review}/{attempt}          cancel → WorkerReport
//	GET    /v1/attempts/{review}/{attempt}          status → WorkerReport
//	GET    /v1/attempts/{review}/{attempt}/events   ?after=0&max=100 → {"events": […]}
//	GET    /v1/attempts/{review}/{attempt}/inspection → Inspection
//	POST   /v1/attempts/{review}/{attempt}/abandon  {"reason": ""} → WorkerReport
//
// # App API
//
// [NewAppHandler] serves an [App], [AppClient] is one. [CallbackClient] is the [engine.Callback] of workers.
//
//	PUT  /v1/reviews/{review}                              submit: Submission → Review
//	GET  /v1/reviews/{review}                              → Review
//	GET  /v1/reviews/{review}/attempts                     → {"attempts": […]}
//	POST /v1/reviews/{review}/attempts/{attempt}/cancel    {"reason": ""} → Review
//	POST /v1/reviews/{review}/attempts/{attempt}/retrigger → Review
//	GET  /v1/reviews/{review}/attempts/{attempt}/events    ?after=0&max=100 → {"events": […]}
//	GET  /v1/reviews/{review}/attempts/{attempt}/inspection → Inspection
//	POST /v1/reviews/{review}/attempts/{attempt}/abandon   {"reason": ""} → Review
//	POST /v1/callbacks/{review}/{attempt}                  status callback: WorkerReport → 204
//
// The routes inspection and abandon are for operators. An [engine.Inspection] shows what an attempt waits for, and
// abandoning ends an attempt that waits for somebody who never comes; see [engine.App].Abandon.
//
// # Agent API
//
// [NewAgentHandler] serves an [engine.Agent], [AgentClient] is one.
//
//	PUT    /v1/sessions/{review}/{attempt}          create: {"payload": base64} → {"session": "…"}
//	GET    /v1/sessions/{review}/{attempt}/events   Server-Sent Events after Last-Event-ID
//	DELETE /v1/sessions/{review}/{attempt}          interrupt → {"over": bool}
//
// An event has its sequence number as id, its kind as event and an [engine.Event] as data. A stream that ends with an
// error names it in an event called error, whose data is an error body. A client skips other events and comments.
//
// # Errors
//
// An error's body is {"error": "…", "kind": "…"}, kind being the text of an [engine.ErrorKind]. The table holds in both
// directions:
//
//	Rejected    429; with the header Onceover-Effect: none 401 and 403 (bad token), 501 (not yet) and
//	            503 (shutting down); 404 and 405 (no such route)
//	NotFound    404
//	Stale       409
//	Permanent   422, 400 (bad request), 413 (body too large)
//	Ambiguous   500, and at the client anything that is not in this table
//
// NotFound, Stale and Permanent make a caller give up, so a client believes them only with an error body that says so.
// Proxies on the way answer for the service, too, before it or after it has done what it was asked for: a 404, 413, 401 or
// redirect without such a body or header is Ambiguous, and so is a success that has not the form of the service's own.
// Requests that could
// not be sent (no address, connection refused) are Rejected; timeouts, broken connections and answers that can't be
// read are Ambiguous.
//
// # Versions
//
// Services are upgraded one after the other, in any order, so each understands the version before and the one after:
//
//   - Fields are only ever added. Who does not know a field ignores it, in requests and in answers. Who misses one takes it
//     for its zero value, and that means what it meant before there was the field. No field changes its meaning.
//   - A status, kind of event or kind of error that a reader does not know is no mistake: what it stands in is not understood
//     yet. A handler answers with 501 and the header Onceover-Effect: none, which is Rejected, so the caller tries again,
//     elsewhere or later; a worker keeps the report of an outcome until then. A client takes an answer that it does not
//     understand for Ambiguous. A numbered event of an unknown kind is Rejected: its reader comes back to it until the
//     session's time is up. So a value is first made known everywhere and then used.
//   - A new kind of event that does not end a session, and that a reader may treat as progress, is progress with new fields.
//   - A request that must not be carried out by who does not understand it says so in the header Onceover-Requires. Who
//     does not know what stands there answers with 501, too.
//
// # Where it runs
//
// The package starts no goroutine and reads no clock: what a client waits for is its [Doer]'s business, and a deadline
// that of the context. Production hands it an engine/live.HTTPClient, the simulator a transport in virtual time.
package httpapi
