package checker_test

import (
	"fmt"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A monitor observes what happens and returns what is wrong with it.
func ExampleMonitor() {
	m := checker.NewMonitor()
	m.Reset(checker.Config{Only: []string{"runs-once"}})

	attempt := engine.AttemptKey{Review: "R2", Attempt: 1}
	for i, session := range []engine.SessionID{"s1", "s4"} {
		m.Observe(&checker.Record{
			At: time.Duration(i+1) * time.Minute, Kind: checker.SessionStarted,
			Actor: "agent", Key: attempt, Owner: "acme", Session: session,
		})
	}
	fmt.Println(m.Violation())
	fmt.Println(m.Violation().Signature())
	// Output:
	// Review R2 ran twice: session s4 started at 02:00 while session s1 was still running. (runs-once, at 02:00)
	// runs-once: executed-twice
}

// Two dispatchers were granted the same token: no order of their claims explains it.
func ExampleHistory_Check() {
	h := checker.NewHistory()
	attempt := engine.AttemptKey{Review: "R1", Attempt: 1}

	submit := h.Call(checker.Operation{Actor: "client", Kind: model.ReviewsSubmit, Key: attempt})
	h.Return(submit, checker.Answer{})
	first := h.Call(checker.Operation{Actor: "app-1", Kind: model.ReviewsClaim, Key: attempt})
	second := h.Call(checker.Operation{Actor: "app-2", Kind: model.ReviewsClaim, Key: attempt})
	h.Return(first, checker.Answer{Token: 1})
	h.Return(second, checker.Answer{Token: 1})

	judgement := h.Check(checker.Client, 0)
	fmt.Println(judgement.Verdict)
	fmt.Println(judgement.Message)
	// Output:
	// violated
	// Review R1 was answered in a way that no order of the operations on it explains.
}
