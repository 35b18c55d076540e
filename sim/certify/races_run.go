package certify

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/onceover/onceover/faults/pgwire"
)

// RacesOptions are the options of [Races].
type RacesOptions struct {
	// Seed decides the plans of the rounds. What happens in them is up to the server.
	Seed uint64
	// Rounds is how many rounds of each scenario are played.
	Rounds int
	// Rewrites change the SQL on its way to the server. With them a test shows that races notice a lock or a predicate
	// that is missing. A rewrite that has changed nothing is an error.
	Rewrites []*pgwire.Rewrite
	// OnProgress, when not nil, is called after each round with the number of rounds that are judged, and of all.
	OnProgress func(done, total int)

	scenarios []scenario // nil for all
}

// A RacesReport is what [Races] has judged.
type RacesReport struct {
	// Scenarios are the counts of each kind of race.
	Scenarios []ScenarioCount `json:"scenarios"`
	// RaceCount is their sum.
	RaceCount

	// Failure is the round that ended the races, or nil.
	Failure *RaceFailure `json:"-"`
}

// A ScenarioCount counts one kind of race.
type ScenarioCount struct {
	Scenario string `json:"scenario"`
	RaceCount
}

// A RaceCount counts rounds.
type RaceCount struct {
	Rounds     int `json:"rounds"`
	Operations int `json:"operations"`
	Ambiguous  int `json:"ambiguous"`  // operations with an unknown effect, because their answers were lost
	Concurrent int `json:"concurrent"` // rounds in which operations of rivals overlapped
}

// add adds the history of a round.
func (c *RaceCount) add(r *round) {
	c.Rounds++
	c.Operations += len(r.history)
	c.Ambiguous += ambiguous(r.history)
	if overlap(r.history) {
		c.Concurrent++
	}
}

// Races lets connections race on a database of their own, and judges each round. It ends at the first round that is not
// a pass. The error is one of the setup, or of a server that can't be reached or watched; the report covers the rounds
// before it.
func Races(ctx context.Context, create Create, o RacesOptions) (report *RacesReport, err error) {
	env, err := newRoundEnv(ctx, create, o.Rewrites)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, env.close(ctx)) }()
	if o.scenarios == nil {
		o.scenarios = scenarios()
	}
	report = &RacesReport{Scenarios: make([]ScenarioCount, len(o.scenarios))}
	for i, scenario := range o.scenarios {
		count := &report.Scenarios[i]
		count.Scenario = scenario.name
		for number := range o.Rounds {
			random := rand.New(rand.NewPCG(o.Seed, uint64(i)<<32|uint64(number)))
			g := gate(number % int(gates))
			r, err := env.play(ctx, scenario, g, random)
			if err != nil {
				return report, fmt.Errorf("scenario %s, round %d: %w", scenario.name, number, err)
			}
			count.add(r)
			report.RaceCount.add(r)
			if o.OnProgress != nil {
				o.OnProgress(report.Rounds, len(o.scenarios)*o.Rounds)
			}
			if report.Failure = judge(scenario, number, g, r.history); report.Failure != nil {
				return report, nil
			}
		}
	}
	return report, nil
}

// play plays one round of a scenario on empty tables.
func (e *roundEnv) play(ctx context.Context, s scenario, g gate, random *rand.Rand) (*round, error) {
	p := s.plan(draw{random})
	if err := e.empty(ctx); err != nil {
		return nil, err
	}
	r := &round{env: e, port: s.port}
	return r, r.play(ctx, p, g, random)
}
