package world

import (
	"bytes"
	"net/http"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/faults"
)

// A process of the next version sends what this one does, and fields that this one does not know. It is made on the wire:
// its code is today's.

// newFields stand first in every object that a process of the next version sends. They have names and values that a
// reader could mistake for others.
var newFields = []byte(`{"next":{"key":{"review":"R0","attempt":9},"status":"paused"},"priority":[1,{"owner":"nobody"}],"note":null,`)

// chooseVersion decides whether the process speaks the next version in this life.
func (n *node) chooseVersion() {
	n.newer = n.world.overHTTP && n.world.inject(n, &processPoint, faults.ProcessNewerVersion)
	if n.newer {
		n.world.traceActor(n.name, "speaks the next version in this life")
	}
}

// ofNextVersion returns a body as the next version sends it.
func ofNextVersion(body []byte) []byte {
	if len(body) < 3 || body[0] != '{' {
		return body // no object, or one without fields
	}
	return append(bytes.Clone(newFields), body[1:]...)
}

// upgradeRequest makes the request of an exchange one of the next version, if its caller speaks that.
func (x *exchange) upgradeRequest(from *node) {
	if from.newer {
		x.body = ofNextVersion(x.body)
	}
}

// upgradeAnswer does so with the answer of a process.
func (x *exchange) upgradeAnswer(by *node) {
	if by.newer && x.status == http.StatusOK {
		x.answer = ofNextVersion(x.answer)
		by.world.monitor.Goals().Add(checker.VersionsMixed)
	}
}
