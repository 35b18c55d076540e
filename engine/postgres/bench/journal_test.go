package bench

import (
	"fmt"
	"testing"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
)

// batch is the number of events that a host journals at once: the engine's default.
const batch = 10

// BenchmarkEvents measures the journaling of events in batches, of as many sessions as there are connections. One
// operation is one batch.
func BenchmarkEvents(b *testing.B) {
	pool, _ := database(b)
	journal := postgres.NewJournal(pool)
	rounds := 0
	b.Run("sessions=20", func(b *testing.B) {
		rounds++
		var sessions [connections]engine.Orchestration
		for i := range sessions {
			key := engine.AttemptKey{Review: engine.ReviewID(fmt.Sprintf("review-%d-%d", rounds, i)), Attempt: 1}
			o, _, err := journal.Create(b.Context(), engine.StartRequest{Key: key, Owner: "ann", Token: 1, Payload: []byte("diff")}, "host-1", began)
			if err != nil {
				b.Fatal(err)
			}
			sessions[i] = o
		}
		b.ResetTimer()
		inParallel(b, b.N, func(i int) (err error) {
			o := &sessions[i%connections] // each goroutine has the numbers of one session
			events := make([]engine.Event, batch)
			for j := range events {
				events[j] = engine.Event{Seq: o.Events + int64(j) + 1, Kind: engine.EventProgress, Tokens: 100, Text: "reads engine/dispatcher.go, lines 100 to 200"}
			}
			*o, err = journal.Append(b.Context(), o.Key, o.Epoch, events, began)
			return err
		})
		perSecond(b, batch, "events/s")
	})
}
