package bugs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
)

// A workshop builds bugs and does a number of tasks with the program of each.
type workshop struct {
	tree       overlay.Tree
	parallel   int // how many tasks are done at the same time, from 1
	tasks      int // of each bug, from 1
	do         func(ctx context.Context, j *job, task int) error
	onProgress func(Progress) // may be nil; as that of Trials

	jobs []*job       // in the order of the bugs
	next atomic.Int64 // job that nobody has begun

	reporting sync.Mutex
	ended     int // tasks
}

// A job is the work on one bug.
type job struct {
	bug     *Bug
	place   int // among the bugs
	started time.Time
	built   chan struct{} // closed when the program is there
	program *Program

	next atomic.Int64 // task that nobody has begun
	left atomic.Int64
	time time.Duration // on the wall clock, that of the build included
}

// run builds all bugs and does their tasks. When it returns, nothing is left of the programs.
func (w *workshop) run(ctx context.Context, list []*Bug) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for i, b := range list {
		if _, err := b.Edits(w.tree); err != nil {
			return err // now, and not when it is its turn
		}
		w.jobs = append(w.jobs, &job{bug: b, place: i, built: make(chan struct{})})
	}
	defer func() {
		for _, j := range w.jobs {
			err = errors.Join(err, j.close())
		}
	}()
	var working sync.WaitGroup
	for range w.parallel {
		working.Go(func() {
			if err := w.work(ctx); err != nil {
				cancel(err)
			}
		})
	}
	working.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// close removes the program, if it is there.
func (j *job) close() error {
	if j.program == nil {
		return nil
	}
	return j.program.Close()
}

// work takes bug after bug and does the tasks of each; when nobody has to begin with one any more, it helps with those
// that are not finished.
func (w *workshop) work(ctx context.Context) error {
	for {
		i := int(w.next.Add(1) - 1)
		if i >= len(w.jobs) {
			break
		}
		if err := w.begin(ctx, w.jobs[i]); err != nil {
			return err
		}
		if err := w.doTasks(ctx, w.jobs[i]); err != nil {
			return err
		}
	}
	for _, j := range w.jobs {
		select {
		case <-j.built:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := w.doTasks(ctx, j); err != nil {
			return err
		}
	}
	return nil
}

// begin builds the program of a bug.
func (w *workshop) begin(ctx context.Context, j *job) error {
	j.started = time.Now()
	j.left.Store(int64(w.tasks))
	var err error
	if j.program, err = Build(ctx, w.tree, j.bug); err != nil {
		return err
	}
	close(j.built)
	return nil
}

// doTasks does tasks of a bug for as long as there are any.
func (w *workshop) doTasks(ctx context.Context, j *job) error {
	for {
		i := int(j.next.Add(1) - 1)
		if i >= w.tasks {
			return nil
		}
		if err := w.do(ctx, j, i); err != nil {
			return fmt.Errorf("bug %s: %w", j.bug.ID, err)
		}
		if j.left.Add(-1) == 0 {
			j.time = time.Since(j.started)
			if err := j.close(); err != nil {
				return err
			}
		}
		w.report(j.bug)
	}
}

// report tells of a task that has ended.
func (w *workshop) report(b *Bug) {
	if w.onProgress == nil {
		return
	}
	w.reporting.Lock()
	defer w.reporting.Unlock()
	w.ended++
	w.onProgress(Progress{Bug: b.ID, Trials: w.ended, Of: len(w.jobs) * w.tasks})
}
