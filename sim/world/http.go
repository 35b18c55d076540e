package world

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine/httpapi"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// In a share of the seeds, and in all of profile http, all remote calls go over HTTP: from the production clients to the production handlers, as
// method, path, header and body. The network and the decisions on its faults are the same as for direct calls. What
// differs is what travels, and what a fault looks like to the caller: a status, a dial error, a broken connection, a
// stream with garbage in it.
//
// Most seeds call directly, because encoding and decoding take most of the time and test nothing of the protocol.

// shareOverHTTP is the share of seeds with calls over HTTP, and shareWithFaultsOfHTTP that of seeds with a kind of fault that
// shows over HTTP only. Such a run takes two to three times as long. Together they are a run in 13.
const (
	shareOverHTTP         = 1.0 / 64
	shareWithFaultsOfHTTP = 1.0 / 8
)

var (
	opOverHTTP = workloadOp(220, "plan.http")
	noteHTTP   = kernel.NewPoint("http.answer")
)

// Addresses and bearer tokens of the three services. Workers report to the app with a token of their own. A caller that
// a fault makes unauthorized sends the wrong token.
const (
	appURL, workerURL, agentURL = "http://app.example", "http://worker.example/", "https://agent.example"

	appToken, callbackToken, workerToken, agentToken = "token of users", "token of workers", "token of the app", "token of hosts"

	wrongToken = "token of yesterday"
)

// chooseTransport decides how remote calls are carried in this run.
func (w *Deployment) chooseTransport() {
	share := shareOverHTTP
	switch {
	case w.profile.OverHTTP:
		share = 1
	case w.mix.Rate(faults.NetworkGateway) != 0, w.mix.Rate(faults.ProcessNewerVersion) != 0:
		share = shareWithFaultsOfHTTP
	}
	w.overHTTP = w.kernel.Chance(w.actor, opOverHTTP, share)
	if !w.overHTTP {
		return
	}
	w.monitor.Goals().Add(checker.OverHTTP)
	w.agent.process = w.kernel.NewProcess("agent")
}

// An exchange is the HTTP side of one remote call: what travels instead of values.
type exchange struct {
	method, target, host string
	header               http.Header
	body                 []byte

	status       int // 0 until answered
	answerHeader http.Header
	answer       []byte
	pipe         *pipe // carries the answer of a streaming call
}

// newExchange reads a client's request, as writing it to a connection does.
func newExchange(request *http.Request) (*exchange, error) {
	x := &exchange{
		method: request.Method, target: request.URL.RequestURI(), host: request.URL.Host, header: request.Header,
	}
	if request.Body == nil {
		return x, nil
	}
	x.body = make([]byte, request.ContentLength) // the clients always know it
	_, err := io.ReadFull(request.Body, x.body)
	return x, err
}

// again returns the same request, to be delivered a second time. Nobody reads what it streams.
func (x *exchange) again() *exchange {
	copied := &exchange{method: x.method, target: x.target, host: x.host, header: x.header, body: x.body}
	if x.pipe != nil {
		copied.pipe = &pipe{world: x.pipe.world, actor: x.pipe.actor, closed: true}
	}
	return copied
}

// unauthorize replaces the token of the request by an outdated one.
func (x *exchange) unauthorize() {
	x.header = x.header.Clone() // a second delivery keeps the valid one
	x.header.Set("Authorization", "Bearer "+wrongToken)
}

// request returns what the server makes of it. The context is that of the serving task.
func (x *exchange) request(ctx context.Context) *http.Request {
	target, err := url.ParseRequestURI(x.target)
	if err != nil {
		panic(fmt.Sprintf("sim: the client wrote a request target that no server reads: %v", err))
	}
	body := io.ReadCloser(http.NoBody)
	if len(x.body) > 0 {
		body = io.NopCloser(bytes.NewReader(x.body))
	}
	request := &http.Request{
		Method: x.method, URL: target, RequestURI: x.target, Host: x.host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: x.header, Body: body, ContentLength: int64(len(x.body)),
	}
	return request.WithContext(ctx)
}

// response returns what the client makes of the answer.
func (x *exchange) response(request *http.Request) *http.Response {
	response := &http.Response{
		Status: http.StatusText(x.status), StatusCode: x.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: x.answerHeader, ContentLength: int64(len(x.answer)), Request: request,
	}
	if x.pipe != nil {
		response.Body = x.pipe
	} else {
		response.Body = io.NopCloser(bytes.NewReader(x.answer))
	}
	return response
}

// fail answers as an error of the network looks over HTTP. Errors of connections are returned. A server's own error is
// an answer without the error body of a handler, because a proxy or a panic produces it.
func (x *exchange) fail(cause error) error {
	switch {
	case errors.Is(cause, errConnectionRefused):
		return &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case errors.Is(cause, errConnectionReset):
		return &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	case errors.Is(cause, errHungUp):
		return io.ErrUnexpectedEOF
	}
	if g := new(gatewayAnswer); errors.As(cause, &g) {
		g.answerAs(x)
		return nil
	}
	x.status = http.StatusInternalServerError
	x.answerHeader = http.Header{"Content-Type": {"text/plain; charset=utf-8"}}
	x.answer = []byte("Internal Server Error\n")
	if x.pipe != nil {
		x.pipe.closeWriting(x.answer)
	}
	return nil
}

// hangUp closes a stream that nobody waits for any more.
func (x *exchange) hangUp() {
	if x != nil && x.pipe != nil {
		_ = x.pipe.Close() // it never fails
	}
}

// breakOff replaces the stream of an answer that fails by one without a writer.
func (x *exchange) breakOff() {
	if x.pipe != nil {
		x.hangUp()
		x.pipe = &pipe{world: x.pipe.world, actor: x.pipe.actor}
	}
}

// Header, WriteHeader and Write make the exchange the [http.ResponseWriter] of its answer.
func (x *exchange) Header() http.Header {
	if x.answerHeader == nil {
		x.answerHeader = make(http.Header, 2)
	}
	return x.answerHeader
}

// WriteHeader sets the status, once.
func (x *exchange) WriteHeader(status int) {
	if x.status == 0 {
		x.status = status
	}
}

// Write adds to the answer's body.
func (x *exchange) Write(p []byte) (int, error) {
	x.WriteHeader(http.StatusOK)
	x.answer = append(x.answer, p...)
	return len(p), nil
}

// A callDoer carries the one HTTP request of a call. It is the simulated counterpart of engine/live's HTTP client.
type callDoer struct{ call *call }

var _ httpapi.StreamDoer = callDoer{}

// Do implements [httpapi.Doer].
func (d callDoer) Do(request *http.Request) (*http.Response, error) { return d.carry(request, nil) }

// DoStream implements [httpapi.StreamDoer].
func (d callDoer) DoStream(request *http.Request) (*http.Response, error) {
	return d.carry(request, &pipe{world: d.call.world, actor: d.call.from.process.Actor()})
}

func (d callDoer) carry(request *http.Request, body *pipe) (*http.Response, error) {
	c := d.call
	x, err := newExchange(request)
	if err != nil {
		return nil, err
	}
	x.upgradeRequest(c.from)
	x.pipe = body
	c.exchange = x
	err = c.roundTrip(request.Context())
	c.world.traceAnswer(c.from.name, x, err)
	if err != nil {
		x.hangUp()
		return nil, err
	}
	return x.response(request), nil
}

// note folds the exchange into the trace hash: what was asked for and how it ended. What the answer says follows from
// facts that are folded where they come about, and partly is prose.
func (x *exchange) note(w *Deployment) {
	w.kernel.Note(noteHTTP, uint64(x.status), shortHash(x.method)^shortHash(x.target)<<1)
}

// traceAnswer adds the answer that a caller got to the readable trace.
func (w *Deployment) traceAnswer(caller string, x *exchange, err error) {
	switch {
	case w.spec.Trace == nil: // avoids boxing the arguments
	case err != nil:
		w.traceActor(caller, "%s %s -> %v", x.method, x.target, err)
	default:
		w.traceActor(caller, "%s %s -> %d", x.method, x.target, x.status)
	}
}
