package model_test

import (
	"testing"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

func TestDifference(t *testing.T) {
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	review := engine.Review{Submission: engine.Submission{Review: "R1"}, Status: engine.Queued, Attempt: 1, DueAt: noon}
	for _, test := range []struct {
		name      string
		got, want any
		find      string
	}{
		{"equal", model.ReviewsResult{Review: review}, model.ReviewsResult{Review: review}, ""},
		{"one instant in two zones", model.ReviewsResult{Review: review}, model.ReviewsResult{Review: func() engine.Review {
			r := review
			r.DueAt = r.DueAt.In(time.FixedZone("east", 3600))
			return r
		}()}, ""},
		{"no list and an empty one", model.ReviewsResult{Reviews: []engine.Review{}}, model.ReviewsResult{}, ""},
		{"a number", model.ReviewsResult{Token: 2}, model.ReviewsResult{Token: 1}, "Token is 2, not 1"},
		{"a status in a list", model.ReviewsResult{Reviews: []engine.Review{review}}, model.ReviewsResult{Reviews: []engine.Review{func() engine.Review {
			r := review
			r.Status = engine.Running
			return r
		}()}}, "Reviews[0].Status is queued, not running"},
		{"a list that is too short", model.ReviewsResult{}, model.ReviewsResult{Reviews: []engine.Review{review}}, "Reviews has 0 elements, not 1"},
		{"a microsecond", engine.Review{DueAt: noon}, engine.Review{DueAt: noon.Add(time.Microsecond)}, "DueAt is 2026-01-01T12:00:00Z, not 2026-01-01T12:00:00.000001Z"},
		{"embedded text", engine.Review{}, review, `Submission.Review is "", not "R1"`},
		{"bytes", model.JournalResult{Payload: []byte("a")}, model.JournalResult{}, `Payload is "a", not ""`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := model.Difference(test.got, test.want); got != test.find {
				t.Errorf("%q, want %q", got, test.find)
			}
		})
	}
}
