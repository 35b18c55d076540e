package campaign

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
)

func TestDistributeDoesEachTaskOnce(t *testing.T) {
	for _, workers := range []int{1, 3, 20} {
		var mutex sync.Mutex
		var done []uint64
		running := make([]bool, workers)
		err := Distribute(t.Context(), workers, 10, func(_ context.Context, worker int, task uint64) error {
			mutex.Lock()
			if running[worker] {
				t.Errorf("worker %d of %d has two tasks at a time", worker, workers)
			}
			running[worker] = true
			done = append(done, task)
			mutex.Unlock()
			mutex.Lock()
			running[worker] = false
			mutex.Unlock()
			return nil
		})
		slices.Sort(done)
		if want := []uint64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}; err != nil || !slices.Equal(done, want) {
			t.Errorf("%d workers did %v (%v), want %v", workers, done, err, want)
		}
	}
}

func TestDistributeNoTasks(t *testing.T) {
	err := Distribute(t.Context(), 4, 0, func(context.Context, int, uint64) error {
		t.Error("there is no task")
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// Tasks that have begun when the context ends are finished, without gaps.
func TestDistributeEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var mutex sync.Mutex
	var done []uint64
	err := Distribute(ctx, 4, noLimit, func(ctx context.Context, _ int, task uint64) error {
		if task == 20 {
			cancel()
		}
		if task > 20 {
			<-ctx.Done()
		}
		mutex.Lock()
		defer mutex.Unlock()
		done = append(done, task)
		return nil
	})
	if err != nil {
		t.Errorf("the end of the context gives error %v, want nil", err)
	}
	slices.Sort(done)
	for i, task := range done {
		if task != uint64(i) {
			t.Fatalf("finished %v, with a gap", done)
		}
	}
	if len(done) < 21 || len(done) > 24 {
		t.Errorf("%d tasks finished, want the 21 up to the end of the context and at most 3 of the other workers", len(done))
	}
}

func TestDistributeReturnsTheFirstError(t *testing.T) {
	wrong := errors.New("made up")
	err := Distribute(t.Context(), 3, noLimit, func(ctx context.Context, _ int, task uint64) error {
		if task == 7 {
			return wrong
		}
		if task > 7 {
			<-ctx.Done() // the context of the calls
			return ctx.Err()
		}
		return nil
	})
	if !errors.Is(err, wrong) {
		t.Errorf("error %v, want the first one", err)
	}
	if t.Context().Err() != nil {
		t.Error("the context of the caller has ended")
	}
}
