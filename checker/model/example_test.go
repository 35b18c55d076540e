package model_test

import (
	"fmt"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// Two dispatchers claim one review at once. Only one may win; which one it is, the
// history decides.
func Example() {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	submit := model.Submit(engine.Submission{Review: "r1", Owner: "ann", HeadSHA: "c0ffee"}, noon)
	claim := model.Claim(engine.Claim{
		Key: engine.AttemptKey{Review: "r1", Attempt: 1}, Owner: "ann", Limit: 20,
		Now: noon, DueAt: noon.Add(5 * time.Minute),
	})

	store, submitted := model.NewReviews().Step(&submit)
	claimed, won := store.Step(&claim)
	_, late := claimed.Step(&claim)
	fmt.Println("the first:", &won)
	fmt.Println("the second:", &late)

	history := func(second model.ReviewsResult) []porcupine.Operation {
		return []porcupine.Operation{
			{Input: model.ReviewsCall{Op: submit}, Output: submitted, Call: 1, Return: 2},
			{Input: model.ReviewsCall{Op: claim}, Output: won, Call: 3, Return: 6},
			{Input: model.ReviewsCall{Op: claim}, Output: second, Call: 4, Return: 5},
		}
	}
	fmt.Println("one token:", porcupine.CheckOperations(model.ReviewsModel(), history(late)))
	fmt.Println("two tokens:", porcupine.CheckOperations(model.ReviewsModel(), history(won)))
	// Output:
	// the first: token 1
	// the second: stale
	// one token: true
	// two tokens: false
}
