package model_test

import (
	"context"
	"strings"
	"testing"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

func TestReviewsRejectsEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	store := model.NewReviews()
	_, _, err := store.Port().Submit(ctx, head("a", 1), at(1))
	if !engine.IsKind(err, engine.Rejected) || store.Len() != 0 {
		t.Errorf("submit: %v with %d reviews, want rejected without effect", err, store.Len())
	}
}

func TestRefusalsNameWhatWasAsked(t *testing.T) {
	_, err := model.NewReviews().Port().Claim(context.Background(), engine.Claim{
		Key: key("a", 3), Owner: "ann", Seen: 7, Limit: 2, Now: at(1), DueAt: at(2),
	})
	const want = "store.claim: not found: review a/3, token seen 7, owner ann, limit 2"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestResetKeepsResults(t *testing.T) {
	store := model.NewReviews()
	run(store, submit("a", 1), model.Cancel(key("a", 1), "first", at(2)))
	reserved, ended := run(store, submit("b", 1), model.Reserve("ann", 2, at(2))), run(store, model.Attempts("a"))
	store.Reset()
	if store.Len() != 0 || store.String() != "" {
		t.Fatalf("after reset: %s", store)
	}
	run(store, submit("z", 1), model.Cancel(key("z", 1), "second", at(2)), submit("y", 1))
	if reserved.Reviews[0].Review != "b" || ended.Attempts[0].Reason != "first" {
		t.Errorf("results changed to %s, %s", &reserved, &ended)
	}
	fresh := model.NewReviews()
	run(fresh, submit("y", 1), submit("z", 1), model.Cancel(key("z", 1), "second", at(2)))
	if !store.Equal(fresh) {
		t.Errorf("got\n%s\nwant\n%s", store, fresh)
	}
}

func TestEachInOrderOfSubmission(t *testing.T) {
	store := model.NewReviews()
	run(store, submit("c", 1), submit("a", 2), submit("b", 3))
	var order []string
	store.Each(func(r *engine.Review) { order = append(order, string(r.ID())) })
	if got := strings.Join(order, ""); got != "cab" {
		t.Errorf("got %s, want cab", got)
	}
	if r, ok := store.Review("b"); !ok || r.ID() != "b" {
		t.Errorf("Review(b) = %v, %t", r, ok)
	}
	if _, ok := store.Review("d"); ok {
		t.Error("Review(d) found something")
	}
}
