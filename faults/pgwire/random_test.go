package pgwire_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/onceover/onceover/faults/pgwire"
)

// fixed is a Decider that always draws the same bits.
type fixed uint64

func (f fixed) Decide(string, int) uint64 { return uint64(f) }

func TestRandom(t *testing.T) {
	delay := func(context.Context) error { return errors.New("delayed") }
	rates := pgwire.Rates{Hang: 0.1, CutAfter: 0.1, CutMiddle: 0.1, CutBefore: 0.1, Delay: 0.1, Refuse: 0.5}
	message, connect := pgwire.Message{Type: "Bind"}, pgwire.Message{Type: pgwire.Connect}
	// At a fraction from the highest draw.
	at := func(fraction float64) fixed { return fixed(math.MaxUint64 - uint64(fraction*math.MaxUint64)) }
	for _, test := range []struct {
		name    string
		draw    fixed
		message pgwire.Message
		want    pgwire.Action
		delayed bool
	}{
		{"the highest draw is the worst", math.MaxUint64, message, pgwire.Hang, false},
		{"then", at(0.15), message, pgwire.CutAfter, false},
		{"then", at(0.25), message, pgwire.CutMiddle, false},
		{"then", at(0.35), message, pgwire.CutBefore, false},
		{"then", at(0.45), message, pgwire.Forward, true},
		{"then calm", at(0.55), message, pgwire.Forward, false},
		{"0 is calm", 0, message, pgwire.Forward, false},
		{"refused", at(0.45), connect, pgwire.CutBefore, false},
		{"not refused", at(0.55), connect, pgwire.Forward, false},
		{"0 is calm", 0, connect, pgwire.Forward, false},
	} {
		injector, err := pgwire.NewRandom(test.draw, rates, delay)
		if err != nil {
			t.Fatal(err)
		}
		got := injector.Decide(test.message)
		if got.Action != test.want || (got.Delay != nil) != test.delayed {
			t.Errorf("%s: %s of %s, delayed %v; want %s, %v", test.name, got.Action, test.message.Type, got.Delay != nil, test.want, test.delayed)
		}
	}
	for _, bad := range []pgwire.Rates{{Hang: -0.1}, {CutBefore: 0.6, CutAfter: 0.6}, {Refuse: 1.1}, {CutMiddle: math.NaN()}, {Refuse: math.NaN()}} {
		if _, err := pgwire.NewRandom(fixed(0), bad, delay); err == nil {
			t.Errorf("rates %+v were accepted", bad)
		}
	}
	if _, err := pgwire.NewRandom(fixed(0), pgwire.Rates{Delay: 0.1}, nil); err == nil {
		t.Error("delays without a function were taken")
	}
}

// TestSeeded counts how often faults happen at a rate, and checks that the seed decides all of it.
func TestSeeded(t *testing.T) {
	const messages = 100_000
	cuts := func(seed uint64) (cut int, hash uint64) {
		injector, err := pgwire.NewRandom(pgwire.Seeded(seed), pgwire.Rates{CutBefore: 0.25}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range messages {
			if injector.Decide(pgwire.Message{Type: []string{"Bind", "Sync"}[i%2]}).Action == pgwire.CutBefore {
				cut++
				hash = hash*31 + uint64(i)
			}
		}
		return cut, hash
	}
	cut, hash := cuts(1)
	if again, same := cuts(1); again != cut || same != hash {
		t.Error("the same seed decided otherwise")
	}
	if _, other := cuts(2); other == hash {
		t.Error("another seed decided the same")
	}
	// Ten standard deviations of a binomial distribution.
	if math.Abs(float64(cut)-messages*0.25) > 10*math.Sqrt(messages*0.25*0.75) {
		t.Errorf("cut %d of %d times at a rate of 0.25", cut, messages)
	}
}
