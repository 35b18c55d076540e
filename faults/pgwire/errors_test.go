package pgwire_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/onceover/onceover/faults/pgwire"
)

// eachCut runs an operation with each cut of a list, over a warm and a cold connection, and calls check with the change
// of each of the two amounts.
func eachCut(t *testing.T, o operation, list func([]pgwire.Message) []pgwire.Cut, check func(cut pgwire.Cut, from, to int, err error)) {
	proxy, direct := start(t)
	execute(t, direct, "INSERT INTO accounts VALUES ('from', 0), ('to', 0)")
	for _, cold := range []bool{false, true} {
		recorder := pgwire.NewRecorder(nil)
		if err := attempt(t, proxy, o, cold, recorder); err != nil {
			t.Fatal(err)
		}
		for _, cut := range list(recorder.Messages()) {
			execute(t, direct, "UPDATE accounts SET amount = 0")
			injector := cut.Injector()
			err := attempt(t, proxy, o, cold, injector)
			if !injector.Done() {
				t.Errorf("%s: the message did not come", cut)
			}
			var from, to int
			const query = "SELECT a.amount, b.amount FROM accounts a, accounts b WHERE a.name = 'from' AND b.name = 'to'"
			if err := direct.QueryRow(limited(t), query).Scan(&from, &to); err != nil {
				t.Fatal(err)
			}
			if !cold { // The connection was warmed by doing it once.
				from, to = from-10, to-10
			}
			check(cut, from, to, err)
		}
	}
}

// TestLastWords ends sessions with an error at every message: the client gets the error, and the operation is done
// wholly or not at all.
func TestLastWords(t *testing.T) {
	for _, o := range operations {
		t.Run(o.name, func(t *testing.T) {
			told, done := 0, 0
			list := func(messages []pgwire.Message) []pgwire.Cut { return pgwire.LastWords(messages, "08P01") }
			eachCut(t, o, list, func(cut pgwire.Cut, from, to int, err error) {
				if from != to || from != 0 && from != 10 || err == nil && from == 0 {
					t.Errorf("%s: from changed by %d and to by %d, the caller got %v", cut, from, to, err)
				}
				var refused *pgconn.PgError
				switch {
				case err == nil:
				case errors.As(err, &refused) && refused.Code == "08P01":
					told++
				default:
					t.Errorf("%s: the caller got %v", cut, err)
				}
				if from != 0 {
					done++
				}
			})
			if told == 0 || done == 0 {
				t.Errorf("%d callers got the error, %d operations were done", told, done)
			}
		})
	}
}

// TestErrors lets the server raise an error in place of every message of the client: its transaction has no effect, the client
// gets the error, and the connection goes on.
func TestErrors(t *testing.T) {
	for _, o := range operations {
		t.Run(o.name, func(t *testing.T) {
			raised := 0
			list := func(messages []pgwire.Message) []pgwire.Cut { return pgwire.Errors(messages, "40001") }
			eachCut(t, o, list, func(cut pgwire.Cut, from, to int, err error) {
				raised++
				var refused *pgconn.PgError
				// The explicit transaction is committed before the last Sync.
				committed := o.name == "pipelined-transaction" && cut.Message.Type == "Sync" && from == 10 && to == 10
				if (from != 0 || to != 0) && !committed || !errors.As(err, &refused) || refused.Code != "40001" {
					t.Errorf("%s: from changed by %d and to by %d, the caller got %v", cut, from, to, err)
				}
			})
			if raised == 0 && o.name != "simple-protocol" && o.name != "conversation" {
				t.Error("nothing was raised")
			}
		})
	}
	proxy, _ := start(t)
	connection := connect(t, proxy.URL())
	proxy.Begin(pgwire.At(pgwire.Place{Connection: 1, Index: 3}, pgwire.Decision{Action: pgwire.Raise, Code: "25006"}))
	var refused *pgconn.PgError
	if _, err := connection.Exec(limited(t), "SELECT $1::int", 1); !errors.As(err, &refused) || refused.Code != "25006" {
		t.Errorf("got %v", err)
	}
	for range 3 {
		execute(t, connection, "SELECT $1::int", 1)
	}
}

// TestRefuseWithError refuses connections with an error, as a full server does.
func TestRefuseWithError(t *testing.T) {
	proxy, _ := start(t)
	proxy.Begin(pgwire.Func(func(m pgwire.Message) pgwire.Decision {
		if m.Type == pgwire.Connect {
			return pgwire.Decision{Action: pgwire.CutBefore, Code: "53300"}
		}
		return pgwire.Decision{}
	}))
	_, err := pgx.Connect(limited(t), proxy.URL())
	if refused := (*pgconn.PgError)(nil); !errors.As(err, &refused) || refused.Code != "53300" {
		t.Errorf("got %v", err)
	}
}
