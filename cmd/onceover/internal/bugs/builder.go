package bugs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
	"github.com/onceover/onceover/sim/campaign"
)

// A builder builds bugs and does a number of tasks with the program of each.
type builder struct {
	tree       overlay.Tree
	parallel   int // how many tasks are done at the same time, from 1
	tasks      int // of each bug, from 1
	do         func(ctx context.Context, j *job, task int) error
	onProgress func(Progress) // may be nil; as that of Trials

	jobs []*job // in the order of the bugs

	reporting sync.Mutex
	ended     int // tasks
}

// A job is the work on one bug.
type job struct {
	bug     *Bug
	place   int // among the bugs
	started time.Time
	built   chan struct{} // closed when the program is there
	program *runner.Program
	next    atomic.Int64 // task that nobody has begun
	left    atomic.Int64
	time    time.Duration // on the wall clock, that of the build included
}

// run builds all bugs and does their tasks. When it returns, nothing is left of the programs.
//
// A worker takes bug after bug: it builds one and does its tasks. When none is left to begin with, it helps with those
// that are not finished.
func (b *builder) run(ctx context.Context, list []*Bug) (err error) {
	for i, bug := range list {
		if _, err := bug.Edits(b.tree); err != nil {
			return err // now, and not when it is its turn
		}
		b.jobs = append(b.jobs, &job{bug: bug, place: i, built: make(chan struct{})})
	}
	defer func() {
		for _, j := range b.jobs {
			err = errors.Join(err, j.close())
		}
	}()
	turns := len(b.jobs) * (1 + b.parallel)
	err = campaign.Distribute(ctx, b.parallel, uint64(turns), func(ctx context.Context, _ int, turn uint64) error {
		j := b.jobs[turn%uint64(len(b.jobs))]
		if turn < uint64(len(b.jobs)) {
			if err := b.begin(ctx, j); err != nil {
				return err
			}
		}
		return b.help(ctx, j)
	})
	if err == nil {
		err = ctx.Err()
	}
	return err
}

// done reports whether all tasks of the bug are done, once nobody works on them any more.
func (j *job) done() bool { return !j.started.IsZero() && j.left.Load() == 0 }

// close removes the program, if it is there.
func (j *job) close() error {
	if j.program == nil {
		return nil
	}
	return j.program.Close()
}

// begin builds the program of a bug.
func (b *builder) begin(ctx context.Context, j *job) error {
	j.started = time.Now()
	j.left.Store(int64(b.tasks))
	var err error
	if j.program, err = j.bug.Build(ctx, b.tree); err != nil {
		return err
	}
	close(j.built)
	return nil
}

// help does tasks of a bug, when it is built, for as long as there are any.
func (b *builder) help(ctx context.Context, j *job) error {
	select {
	case <-j.built:
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		i := int(j.next.Add(1) - 1)
		if i >= b.tasks {
			return nil
		}
		if err := b.do(ctx, j, i); err != nil {
			return fmt.Errorf("bug %s: %w", j.bug.ID, err)
		}
		if j.left.Add(-1) == 0 {
			j.time = time.Since(j.started)
			if err := j.close(); err != nil {
				return err
			}
		}
		b.report(j.bug)
	}
}

// report reports a task that has ended.
func (b *builder) report(bug *Bug) {
	if b.onProgress == nil {
		return
	}
	b.reporting.Lock()
	defer b.reporting.Unlock()
	b.ended++
	b.onProgress(Progress{Bug: bug.ID, Trials: b.ended, Of: len(b.jobs) * b.tasks})
}
