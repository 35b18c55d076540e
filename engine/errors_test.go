package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/onceover/onceover/engine"
)

var kinds = []engine.ErrorKind{engine.Ambiguous, engine.Rejected, engine.NotFound, engine.Stale, engine.Permanent}

func TestKindOf(t *testing.T) {
	stale := engine.Errorf(engine.Stale, "store.claim", "token %d", 3)
	for _, test := range []struct {
		name string
		err  error
		want engine.ErrorKind
	}{
		{"of a kind", stale, engine.Stale},
		{"wrapped", fmt.Errorf("dispatch: %w", stale), engine.Stale},
		{"joined behind another", errors.Join(io.EOF, stale), engine.Stale},
		{"the outermost kind counts", &engine.Error{Kind: engine.Rejected, Op: "worker.start", Err: stale}, engine.Rejected},
		{"without a cause", &engine.Error{Kind: engine.NotFound, Op: "store.get"}, engine.NotFound},
		{"not classified", io.ErrUnexpectedEOF, engine.Ambiguous},
		{"deadline", context.DeadlineExceeded, engine.Ambiguous},
		{"cancelled", fmt.Errorf("call: %w", context.Canceled), engine.Ambiguous},
		{"deadline of a kind", &engine.Error{Kind: engine.Rejected, Op: "store.get", Err: context.DeadlineExceeded}, engine.Rejected},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := engine.KindOf(test.err); got != test.want {
				t.Errorf("%v is %s, want %s", test.err, got, test.want)
			}
			for _, kind := range kinds {
				if got := engine.IsKind(test.err, kind); got != (kind == test.want) {
					t.Errorf("IsKind(%v, %s) is %t", test.err, kind, got)
				}
			}
		})
	}
	for _, kind := range kinds {
		if engine.IsKind(nil, kind) {
			t.Errorf("nil is %s", kind)
		}
	}
}

func TestErrorText(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{engine.Errorf(engine.Stale, "store.claim", "token %d", 3), "store.claim: stale: token 3"},
		{&engine.Error{Kind: engine.NotFound, Op: "store.get"}, "store.get: not found"},
		{&engine.Error{Kind: 9, Op: "store.get"}, "store.get: ErrorKind(9)"},
		{engine.Errorf(engine.Ambiguous, "agent.create", "status 502: %w", io.EOF), "agent.create: ambiguous: status 502: EOF"},
		{&engine.Error{Kind: engine.Permanent, Op: "app.submit", Err: io.EOF}, "app.submit: permanent: EOF"},
		{&engine.Error{Op: "x"}, "x: ambiguous"},
		{engine.Errorf(engine.Rejected, "journal.create", "pool exhausted"), "journal.create: rejected: pool exhausted"},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
	if !errors.Is(engine.Errorf(engine.Ambiguous, "x", "call: %w", context.Canceled), context.Canceled) {
		t.Error("the cause is not found behind an error of a kind")
	}
}
