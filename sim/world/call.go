package world

import (
	"context"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
)

// callBegan is the record of a call that the engine in a process makes to one of its
// ports, about to be observed.
func (n *node) callBegan(ctx context.Context, operation string, key engine.AttemptKey) *checker.Record {
	r := n.world.record(checker.CallBegan, n.name, n.process.Incarnation())
	r.Text, r.Key, r.Clock = operation, key, n.process.Now()
	if deadline, limited := ctx.Deadline(); limited {
		r.Within = max(deadline.Sub(r.Clock), 1) // 0 says that there is none
	}
	return r
}

// callEnded is the record of such a call as the engine learns what came of it.
func (n *node) callEnded(operation string, key engine.AttemptKey, problem string) *checker.Record {
	r := n.world.record(checker.CallEnded, n.name, n.process.Incarnation())
	r.Text, r.Key, r.Clock, r.Error = operation, key, n.process.Now(), problem
	return r
}

// kindOf is the kind of an error of a store in words, "" for none.
func kindOf(failed bool, kind engine.ErrorKind) string {
	if !failed {
		return ""
	}
	return kind.String()
}

// kindText is the kind of an error in words, "" for none.
func kindText(err error) string {
	if err == nil {
		return ""
	}
	return engine.KindOf(err).String()
}
