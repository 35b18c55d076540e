package certify

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgwire"
)

// A RacesConfig says what is raced over, and how much.
type RacesConfig struct {
	// URL is that of a database that nobody needs: it is brought to the schema of package engine/postgres, and the tables
	// are emptied before every round.
	URL string
	// Rewrites change the SQL on its way to the server. A suite that is to be trusted shows with them that it notices
	// a lock or a predicate that is missing.
	Rewrites []*pgwire.Rewrite
	// Seed decides the plans. What happens in them is up to the server.
	Seed uint64
	// Rounds is how often each scenario is played.
	Rounds int
	// Scenarios are those to play; nil for all.
	Scenarios []Scenario
}

// patience is how long porcupine may search for the order of one round. Rounds have about twenty operations, which take
// it a millisecond; the rest is for machines that are busy.
const patience = time.Minute

// A RaceCount says how much of one scenario was played.
type RaceCount struct {
	Scenario   string `json:"scenario"`
	Rounds     int    `json:"rounds"`
	Operations int    `json:"operations"`
	Ambiguous  int    `json:"ambiguous"`  // operations whose effect the rivals never learned
	Concurrent int    `json:"concurrent"` // rounds in which operations of rivals overlapped
}

// A RacesReport is what [Races] has played: a count for each scenario, in their order.
type RacesReport struct {
	Counts []RaceCount `json:"counts"`
}

// Total adds the counts up.
func (r RacesReport) Total() RaceCount {
	var total RaceCount
	for _, c := range r.Counts {
		total.Rounds += c.Rounds
		total.Operations += c.Operations
		total.Ambiguous += c.Ambiguous
		total.Concurrent += c.Concurrent
	}
	return total
}

// Races plays the scenarios and has each round judged. It ends at the first round that is not linearizable, with a
// [*RaceViolation]; at one that porcupine gave up, with an [*RaceUnknownError]; and with any other error when the server can't
// be reached or watched. progress, which may be nil, hears of every round.
func Races(ctx context.Context, config RacesConfig, progress func(RacesReport)) (report RacesReport, err error) {
	f, err := newField(ctx, config.URL, config.Rewrites)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, f.close()) }()
	reviews, journal := reviewSubject(postgres.NewReviews(f.subject)), journalSubject(postgres.NewJournal(f.subject))
	scenarios := config.Scenarios
	if scenarios == nil {
		scenarios = Scenarios()
	}
	report.Counts = make([]RaceCount, len(scenarios))
	for i, scenario := range scenarios {
		count := &report.Counts[i]
		count.Scenario = scenario.Name
		for number := range config.Rounds {
			random := rand.New(rand.NewPCG(config.Seed, uint64(i)<<32|uint64(number)))
			gate := Gate(number % int(gates))
			if scenario.reviews != nil {
				err = play(ctx, f, reviews, scenario.reviews(random), gate, random, count)
			} else {
				err = play(ctx, f, journal, scenario.journal(random), gate, random, count)
			}
			if err != nil {
				return report, inRound(err, scenario, number, gate)
			}
			if progress != nil {
				progress(report)
			}
		}
	}
	return report, nil
}

func reviewSubject(store engine.ReviewStore) *subject[model.Op, model.Result] {
	return &subject[model.Op, model.Result]{
		execute: func(ctx context.Context, op *model.Op) model.Result { return model.Execute(ctx, store, op) },
		input:   func(op model.Op) any { return model.Call{Op: op} },
		model:   model.Model(),
		rows:    "SELECT FROM app.reviews FOR UPDATE",
	}
}

func journalSubject(journal engine.Journal) *subject[model.JournalOp, model.JournalResult] {
	return &subject[model.JournalOp, model.JournalResult]{
		execute: func(ctx context.Context, op *model.JournalOp) model.JournalResult {
			return model.ExecuteJournal(ctx, journal, op)
		},
		input: func(op model.JournalOp) any { return model.JournalCall{Op: op} },
		model: model.JournalModel(),
		rows:  "SELECT FROM worker.orchestrations FOR UPDATE",
	}
}

// play plays one round on empty tables and has it judged.
func play[Op, Result any](ctx context.Context, f *field, s *subject[Op, Result], p plan[Op], g Gate, random *rand.Rand, count *RaceCount) error {
	if err := f.empty(ctx); err != nil {
		return err
	}
	r := &round[Op, Result]{subject: s, field: f}
	if err := r.play(ctx, p, g, random); err != nil {
		return err
	}
	count.Rounds++
	count.Operations += len(r.history)
	count.Ambiguous += ambiguous(s.model, r.history)
	if overlap(r.history) {
		count.Concurrent++
	}
	return judge(s.model, r.history)
}

// ambiguous counts the operations whose effect is unknown: the model describes them so.
func ambiguous(m porcupine.Model, history []porcupine.Operation) int {
	n := 0
	for _, operation := range history {
		if strings.HasSuffix(m.DescribeOperation(operation.Input, operation.Output), unknownAnswer) {
			n++
		}
	}
	return n
}

// unknownAnswer is how the models describe the answer of an operation that got none.
const unknownAnswer = "-> unknown"

// overlap reports whether two rivals had operations under way at one moment.
func overlap(history []porcupine.Operation) bool {
	for i := range history {
		for j := range history[:i] {
			a, b := &history[i], &history[j]
			if a.ClientId != b.ClientId && a.Call < b.Return && b.Call < a.Return {
				return true
			}
		}
	}
	return false
}
