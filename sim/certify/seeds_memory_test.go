package certify

import (
	"context"
	"slices"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// memory is a pair of stores in memory: models, behind the engine's ports.
type memory struct {
	reviews *model.Store
	journal *model.Journal
}

func newMemory() memory { return memory{model.NewStore(), model.NewJournal()} }

// ports returns the stores as a world uses them.
func (m memory) ports() *Ports {
	return &Ports{
		Reviews: model.NewReviews(m.reviews),
		Journal: model.NewJournals(m.journal),
		Clear: func(context.Context) error {
			m.reviews.Reset()
			m.journal.Reset()
			return nil
		},
		Count: m.count,
	}
}

func (m memory) count(context.Context) (Counts, error) {
	counts := Counts{Reviews: m.reviews.Len(), Orchestrations: m.journal.Len(), Beats: slices.Clone(m.journal.Beats())}
	m.reviews.Each(func(r *engine.Review) {
		op, result := model.Attempts(r.Review), model.Result{}
		m.reviews.Apply(&op, &result)
		counts.Attempts += len(result.Attempts)
	})
	m.journal.Each(func(o *engine.Orchestration) { counts.Events += len(m.journal.EventsOf(o.Key)) })
	return counts, nil
}
