package model_test

import (
	"slices"
	"testing"

	"github.com/anishathalye/porcupine"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

func wrote(call, ret int64, op model.JournalOp, result model.JournalResult) porcupine.Operation {
	return porcupine.Operation{Input: model.JournalCall{Op: op}, Output: result, Call: call, Return: ret}
}

func unknown(call int64, op model.JournalOp) porcupine.Operation {
	return porcupine.Operation{
		Input: model.JournalCall{Op: op, Open: true}, Output: model.JournalResult{}, Call: call, Return: call + 1,
	}
}

// recorded is what the last operation answers after those before it.
func recorded(ops ...model.JournalOp) model.JournalResult { return record(model.NewJournal(), ops...) }

var (
	staleWrite = model.JournalResult{Failure: model.FailureOf(engine.Stale)}
	twoHeld    = recorded(create("a", 1), create("b", 1), takeover("h2", 9), held("h2"))
)

var journalHistories = []struct {
	name    string
	history []porcupine.Operation
	want    bool
}{
	{
		name: "a takeover fences the holder before",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			wrote(3, 6, takeover("h2", 9), recorded(create("a", 1), takeover("h2", 9))),
			wrote(4, 7, fenced(model.JournalRecordIntent, "a", 62), staleWrite),
		},
		want: true,
	},
	{
		name: "a write under an epoch that was overtaken",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			wrote(3, 4, takeover("h2", 9), recorded(create("a", 1), takeover("h2", 9))),
			wrote(5, 6, fenced(model.JournalRecordIntent, "a", 62), recorded(create("a", 1), fenced(model.JournalRecordIntent, "a", 62))),
		},
	},
	{
		name: "one hold takes over two attempts",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			wrote(3, 4, create("b", 1), recorded(create("b", 1))),
			wrote(5, 6, takeover("h2", 9), model.JournalResult{Taken: 2}),
			wrote(7, 8, held("h2"), twoHeld),
		},
		want: true,
	},
	{
		name: "two hosts take over one attempt under one epoch",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			wrote(3, 6, takeover("h2", 9), recorded(create("a", 1), takeover("h2", 9))),
			wrote(4, 7, takeover("h3", 9), recorded(create("a", 1), takeover("h3", 9))),
			wrote(8, 9, held("h2"), recorded(create("a", 1), takeover("h2", 9), held("h2"))),
			wrote(8, 9, held("h3"), recorded(create("a", 1), takeover("h3", 9), held("h3"))),
		},
	},
	{
		name: "a hold leaves out what its maximum has no room for",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			wrote(3, 4, create("b", 1), recorded(create("b", 1))),
			wrote(5, 6, takeover("h2", 1), recorded(create("a", 1), create("b", 1), takeover("h2", 1))),
		},
		want: true,
	},
	{
		name: "a hold leaves out what it has room for",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			wrote(3, 4, create("b", 1), recorded(create("b", 1))),
			wrote(5, 6, takeover("h2", 3), recorded(create("a", 1), takeover("h2", 2))),
			wrote(7, 8, fenced(model.JournalRecordIntent, "b", 62), recorded(create("b", 1), fenced(model.JournalRecordIntent, "b", 62))),
		},
	},
	{
		name: "a reading returns what nobody created",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			wrote(5, 6, takeover("h2", 9), model.JournalResult{Taken: 1}),
			wrote(7, 8, held("h2"), twoHeld),
		},
	},
	{
		name: "a reading leaves out what the host holds",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			wrote(3, 4, create("b", 1), recorded(create("b", 1))),
			wrote(5, 6, held("h1"), recorded(create("a", 1), held("h1"))),
		},
	},
	{
		name: "a reading has an overtaken epoch",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			wrote(3, 4, takeover("h2", 9), model.JournalResult{Taken: 1}),
			wrote(5, 6, held("h1"), recorded(create("a", 1), held("h1"))),
		},
	},
	{
		name: "a reading is older than the cancel before it",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			wrote(3, 4, requestCancel("a", 2), recorded(create("a", 1), requestCancel("a", 2))),
			wrote(5, 6, held("h1"), recorded(create("a", 1), held("h1"))),
		},
	},
	{
		name: "a reading and a cancel at the same time",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			wrote(3, 6, requestCancel("a", 2), recorded(create("a", 1), requestCancel("a", 2))),
			wrote(4, 5, held("h1"), recorded(create("a", 1), held("h1"))),
		},
		want: true,
	},
	{
		name: "a lease renewed before the attempt was created",
		history: []porcupine.Operation{
			wrote(1, 2, hold("h1", 9), recorded(hold("h1", 9))),
			wrote(3, 4, create("a", 1), recorded(create("a", 1))),
			wrote(5, 6, held("h2"), recorded(hold("h1", 9), create("a", 1), held("h2"))),
			wrote(7, 8, hold("h2", 9, beat("h1", 1)), recorded(hold("h1", 9), create("a", 1), hold("h2", 9, beat("h1", 1)))),
		},
		want: true,
	},
	{
		name: "a takeover from a suspect that renews at the same time",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			wrote(3, 6, hold("h1", 9), recorded(create("a", 1), takeover("h2", 9), hold("h1", 9))),
			wrote(4, 7, takeover("h2", 9), recorded(create("a", 1), takeover("h2", 9))),
		},
		want: true,
	},
	{
		name: "a takeover from a suspect that had renewed",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			wrote(3, 4, hold("h1", 9), recorded(create("a", 1), hold("h1", 9))),
			wrote(5, 6, takeover("h2", 9), recorded(create("a", 1), takeover("h2", 9))),
			wrote(7, 8, held("h2"), recorded(create("a", 1), takeover("h2", 9), held("h2"))),
		},
	},
	{
		name: "a lost renewal of a suspect came in time and did not",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			unknown(3, hold("h1", 9)),
			wrote(5, 6, held("h2"), recorded(create("a", 1), hold("h1", 9), held("h2"))),
			wrote(7, 8, takeover("h2", 9), recorded(create("a", 1), takeover("h2", 9))),
			wrote(9, 10, held("h2"), recorded(create("a", 1), takeover("h2", 9), held("h2"))),
		},
	},
	{
		name: "a lost renewal of a suspect came in time",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			unknown(3, hold("h1", 9)),
			wrote(5, 6, takeover("h2", 9), recorded(create("a", 1), hold("h1", 9), takeover("h2", 9))),
			wrote(7, 8, held("h2"), recorded(create("a", 1), hold("h1", 9), held("h2"))),
		},
		want: true,
	},
	{
		name: "a reading lists a beat that nobody reached",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			wrote(3, 4, held("h2"), recorded(create("a", 1), hold("h1", 9), held("h2"))),
		},
	},
	{
		name: "a reading does not list a holder",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			wrote(3, 4, held("h2"), recorded(held("h2"))),
		},
	},
	{
		name: "a lost hold renewed, and had room for one attempt of two",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			wrote(3, 4, create("b", 1), recorded(create("b", 1))),
			unknown(5, takeover("h2", 1)),
			wrote(7, 8, held("h3"), recorded(create("a", 1), create("b", 1), takeover("h2", 1), held("h3"))),
			wrote(9, 10, fenced(model.JournalRecordIntent, "b", 62), recorded(create("b", 1), fenced(model.JournalRecordIntent, "b", 62))),
		},
		want: true,
	},
	{
		name: "a lost hold took over",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			unknown(3, takeover("h2", 9)),
			wrote(6, 7, fenced(model.JournalRecordIntent, "a", 62), staleWrite),
		},
		want: true,
	},
	{
		name: "a lost hold did not take over",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			unknown(3, takeover("h2", 9)),
			wrote(6, 7, fenced(model.JournalRecordIntent, "a", 62), recorded(create("a", 1), fenced(model.JournalRecordIntent, "a", 62))),
		},
		want: true,
	},
	{
		name: "an attempt created twice",
		history: []porcupine.Operation{
			wrote(1, 5, create("a", 1), recorded(create("a", 1))),
			wrote(2, 6, create("a", 1), recorded(create("a", 1))),
		},
	},
	{
		name: "a start after its tombstone",
		history: []porcupine.Operation{
			wrote(1, 2, requestCancel("a", 1), recorded(requestCancel("a", 1))),
			wrote(3, 4, create("a", 2), recorded(create("a", 2))),
		},
	},
	{
		name: "a purge with room left purged everything",
		history: []porcupine.Operation{
			wrote(1, 2, requestCancel("a", 1), recorded(requestCancel("a", 1))),
			wrote(3, 4, purge(9, 2), model.JournalResult{Purged: 1}),
			wrote(5, 6, purge(9, 2), model.JournalResult{}),
		},
		want: true,
	},
	{
		name: "a purge with room left purged nothing",
		history: []porcupine.Operation{
			wrote(1, 2, requestCancel("a", 1), recorded(requestCancel("a", 1))),
			wrote(3, 4, purge(9, 2), model.JournalResult{}),
		},
	},
	{
		name: "a full purge purged another",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			wrote(3, 4, requestCancel("b", 1), recorded(requestCancel("b", 1))),
			wrote(5, 6, requestCancel("c", 1), recorded(requestCancel("c", 1))),
			wrote(7, 8, purge(9, 1), model.JournalResult{Purged: 1}),
			wrote(9, 10, purge(9, 9), model.JournalResult{Purged: 1}),
		},
		want: true,
	},
	{
		name: "a read misses an event",
		history: []porcupine.Operation{
			wrote(1, 2, create("a", 1), recorded(create("a", 1))),
			wrote(3, 4, journal("a", 2, 1, 2), recorded(create("a", 1), journal("a", 2, 1, 2))),
			wrote(5, 6, events("a", 0, 9), recorded(create("a", 1), journal("a", 2, 1), events("a", 0, 9))),
		},
	},
}

func TestJournalModelJudgesHistories(t *testing.T) {
	for _, test := range journalHistories {
		t.Run(test.name, func(t *testing.T) {
			if got := porcupine.CheckOperations(model.JournalModel(), test.history); got != test.want {
				t.Errorf("linearizable: %t, want %t", got, test.want)
			}
		})
	}
}

func TestJournalModelAcceptsSequentialHistories(t *testing.T) {
	for _, test := range journalOperations {
		var history []porcupine.Operation
		j := model.NewJournal()
		for i, op := range slices.Concat(test.given, []model.JournalOp{test.op}) {
			var result model.JournalResult
			j.Apply(&op, &result)
			history = append(history, wrote(int64(2*i), int64(2*i+1), op, result))
		}
		if !porcupine.CheckOperations(model.JournalModel(), history) {
			t.Errorf("%s: not linearizable", test.name)
		}
	}
}
