package model_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/anishathalye/porcupine"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// tenReviews is a store of the size that one simulated deployment has: ten reviews of two owners, some queued, some
// running.
func tenReviews() *model.Reviews {
	store := model.NewReviews()
	for i := range 10 {
		op := submit(fmt.Sprintf("%c", 'a'+i), i)
		if i%2 == 1 {
			op = owned(op, "bob")
		}
		run(store, op)
	}
	run(store, claim("a", 0, 20), claim("c", 0, 20), report("a", 1, engine.Running, 21))
	return store
}

// turns are operations that can be repeated for ever, since each leads back to where it began, but for tokens and
// times.
func turns(store *model.Reviews) map[string]func(i int) model.ReviewsOp {
	return map[string]func(int) model.ReviewsOp{
		"get":     func(int) model.ReviewsOp { return model.Get("e") },
		"reserve": func(int) model.ReviewsOp { return model.Reserve("ann", 4, at(30)) },
		"reserve nothing": func(int) model.ReviewsOp {
			return model.Reserve("ann", 2, at(30))
		},
		"claim": func(i int) model.ReviewsOp {
			c, _ := store.Review("c")
			return claim("c", c.Claim, 100*(i+1))
		},
		"claim refused": func(int) model.ReviewsOp { return claim("e", 0, 30) },
		"apply":         func(int) model.ReviewsOp { return report("a", 1, engine.Running, 22) },
		"sweep nothing": func(int) model.ReviewsOp { return model.Sweep(engine.Search{Now: at(0).Add(-1), Max: 100, Limit: 20}) },
		"sweep":         func(int) model.ReviewsOp { return model.Sweep(engine.Search{Now: at(30), Max: 100, Limit: 20}) },
	}
}

var turnOrder = []string{"get", "reserve", "reserve nothing", "claim", "claim refused", "apply", "sweep nothing", "sweep"}

func BenchmarkApply(b *testing.B) {
	for _, name := range turnOrder {
		b.Run(name, func(b *testing.B) {
			store := tenReviews()
			turn := turns(store)[name]
			var result model.ReviewsResult
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				op := turn(i)
				store.Apply(&op, &result)
			}
		})
	}
}

// A whole life through the port: submit, reserve, claim, run, complete, in a store that is reset after ten reviews. The
// figure is per operation.
func BenchmarkReviews(b *testing.B) {
	store := model.NewReviews()
	reviews := store.Port()
	ctx := context.Background()
	ids := "abcdefghij"
	b.ReportAllocs()
	operations := 0
	for b.Loop() {
		store.Reset()
		for i := range ids {
			id := ids[i : i+1]
			submission := engine.Submission{Review: engine.ReviewID(id), Owner: "ann", PullRequest: i}
			_, _, _ = reviews.Submit(ctx, submission, at(i))
			_, _ = reviews.Reserve(ctx, "ann", 2, at(i))
			_, _ = reviews.Claim(ctx, engine.Claim{Key: key(id, 1), Owner: "ann", Limit: 2, Now: at(i), DueAt: at(i + 60)})
			for _, status := range []engine.Status{engine.Running, engine.Completed} {
				_, _ = reviews.Apply(ctx, engine.Report{WorkerReport: engine.WorkerReport{Key: key(id, 1), Status: status}, Now: at(i)})
			}
			operations += 5
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(operations), "ns/operation")
}

func BenchmarkStep(b *testing.B) {
	store, op := tenReviews(), claim("c", 1, 100)
	b.ReportAllocs()
	for b.Loop() {
		store.Step(&op)
	}
}

// A history of a hundred operations, each concurrent with its neighbours.
func BenchmarkModel(b *testing.B) {
	store := tenReviews()
	var history []porcupine.Operation
	for i, op := range historyOf(store, 100) {
		history = append(history, did(int64(10*i-15), int64(10*i+15), op.Op, op.Result))
	}
	b.ReportAllocs()
	for b.Loop() {
		if !porcupine.CheckOperations(model.ReviewsModel(), history) {
			b.Fatal("not linearizable")
		}
	}
}

type opResult struct {
	Op     model.ReviewsOp
	Result model.ReviewsResult
}

// historyOf submits ten reviews and then claims and reads in turn.
func historyOf(store *model.Reviews, n int) (list []opResult) {
	store.Reset()
	for i := range n {
		id := fmt.Sprintf("%c", 'a'+i%10)
		op := model.Get(engine.ReviewID(id))
		switch {
		case i < 10:
			op = submit(id, i)
		case i%3 == 0:
			r, _ := store.Review(engine.ReviewID(id))
			op = claim(id, r.Claim, 10*i)
		}
		list = append(list, opResult{op, run(store, op)})
	}
	return list
}

func BenchmarkJournalAppend(b *testing.B) {
	j := model.NewJournal()
	var result model.JournalResult
	op := journal("a", 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
	accepted := create("a", 1)
	accepted.Payload = nil
	b.ReportAllocs()
	for b.Loop() {
		j.Reset()
		j.Apply(&accepted, &result)
		j.Apply(&op, &result)
	}
}

// What answers no list does not allocate once the memory is there.
func TestApplyDoesNotAllocate(t *testing.T) {
	store := model.NewReviews()
	var result model.ReviewsResult
	for _, name := range []string{"get", "reserve nothing", "claim", "claim refused", "apply", "sweep nothing"} {
		crowded, i := tenReviews(), 0
		turn := turns(crowded)[name]
		if got := testing.AllocsPerRun(100, func() {
			op := turn(i)
			crowded.Apply(&op, &result)
			i++
		}); got != 0 {
			t.Errorf("%s: %v allocations, want none", name, got)
		}
	}
	submissions := []model.ReviewsOp{submit("a", 1), submit("b", 2), submit("c", 3), claim("a", 0, 4), report("a", 1, engine.Completed, 5)}
	if got := testing.AllocsPerRun(100, func() {
		store.Reset()
		for i := range submissions {
			store.Apply(&submissions[i], &result)
		}
	}); got != 0 {
		t.Errorf("a life after a reset: %v allocations, want none", got)
	}
}
