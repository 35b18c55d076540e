package world

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
)

// A gatewayAnswer is what a proxy on the way answers for the service, in its own words. It is the cause of an error of
// unknown effect.
type gatewayAnswer struct {
	status  int
	content string // type of the body
	body    string
	half    bool // the body is the first half of the service's own answer
}

const (
	htmlType = "text/html; charset=utf-8"
	jsonType = "application/json"
)

// gatewayAnswers are what load balancers, ingresses, firewalls, login pages and maintenance pages answer.
var gatewayAnswers = [...]gatewayAnswer{
	{status: http.StatusBadGateway, content: htmlType, body: "<html><head><title>502 Bad Gateway</title></head><body></body></html>\r\n"},
	{status: http.StatusServiceUnavailable, content: htmlType, body: "<html><body><h1>503 Service Unavailable</h1>\nNo server is available.\n</body></html>\n"},
	{status: http.StatusGatewayTimeout, content: "text/plain", body: "upstream request timeout"},
	{status: http.StatusRequestTimeout, content: htmlType, body: "<html><body><h1>408 Request Time-out</h1></body></html>\n"},
	{status: http.StatusRequestEntityTooLarge, content: htmlType, body: "<html><head><title>413 Request Entity Too Large</title></head></html>\r\n"},
	{status: http.StatusRequestEntityTooLarge, content: "text/plain", body: "Payload Too Large"},
	{status: http.StatusUnauthorized, content: jsonType, body: `{"message":"Unauthorized"}`},
	{status: http.StatusForbidden, content: htmlType, body: "<html><body>Request blocked.</body></html>"},
	{status: http.StatusNotFound, content: "text/plain", body: "default backend - 404"},
	{status: http.StatusNotFound, content: "text/plain; charset=utf-8", body: "404 page not found\n"},
	{status: http.StatusNotFound, content: htmlType, body: "<html><head><title>404 Not Found</title></head><body></body></html>\r\n"},
	{status: http.StatusConflict, content: jsonType, body: `{"error":"conflict"}`},
	{status: http.StatusUnprocessableEntity, content: jsonType, body: `{"error":{"kind":"validation"}}`},
	{status: http.StatusMovedPermanently, content: htmlType, body: "<html><head><title>301 Moved Permanently</title></head></html>"},
	{status: http.StatusTemporaryRedirect, content: htmlType, body: ""},
	{status: http.StatusOK, content: htmlType, body: "<!DOCTYPE html><html><body>We'll be back soon.</body></html>"},
	{status: http.StatusOK, content: jsonType, body: `{"status":"ok"}`},
	{status: http.StatusOK, content: jsonType, half: true},
}

var (
	opGatewayAnswer = timingOp(1410, "gateway.answer")
	opGatewayEffect = timingOp(1411, "gateway.effect")
)

// Error implements error.
func (g *gatewayAnswer) Error() string {
	return fmt.Sprintf("a proxy answered %d %s", g.status, http.StatusText(g.status))
}

// answeredByGateway decides whether a proxy answers a call for its service, before the service has carried it out or
// after that.
func (w *Deployment) answeredByGateway(c *call, f *callFaults) {
	n := c.from
	if !w.inject(n, &c.method.faults, faults.NetworkGateway) {
		return
	}
	g := &gatewayAnswers[w.kernel.Pick(n.process.Actor(), opGatewayAnswer, len(gatewayAnswers))]
	f.fail(engine.Ambiguous, g)
	f.byHandler = false
	f.withoutEffect = !g.half && (f.withoutEffect || w.kernel.Chance(n.process.Actor(), opGatewayEffect, 0.5))
}

// answerAs makes the answer of an exchange that of a proxy.
func (g *gatewayAnswer) answerAs(x *exchange) {
	body := []byte(g.body)
	if g.half {
		body = x.answer[:len(x.answer)/2]
	}
	x.status, x.answer, x.answerHeader = g.status, body, make(http.Header, 2)
	if g.content != "" {
		x.answerHeader.Set("Content-Type", g.content)
	}
	if g.status/100 == 3 {
		x.answerHeader.Set("Location", strings.ToLower("https://"+x.host+x.target))
	}
	if x.pipe != nil {
		x.pipe.closeWriting(body)
	}
}
