package enginetest_test

import (
	"testing"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
)

func TestReviewsInMemory(t *testing.T) {
	enginetest.TestReviewStore(t, func(testing.TB) engine.ReviewStore { return enginetest.NewReviews() })
}

func TestJournalInMemory(t *testing.T) {
	enginetest.TestJournal(t, func(testing.TB) engine.Journal { return enginetest.NewJournal() })
}
