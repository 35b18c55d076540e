package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/onceover/onceover/cmd/onceover/internal/mutants"
	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
	"github.com/onceover/onceover/cmd/onceover/internal/store"
	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgserver"
)

// tested is what [mutantsCommand.test] runs.
type tested struct {
	all, wanted []mutants.Mutant
	trials      []mutants.Trial
	file        string // of the list of equivalents
	list        []mutants.Equivalent
}

// test runs mutants that tests judge, and prints the report.
func (c *mutantsCommand) test(ctx context.Context, tree overlay.Tree) error {
	if len(c.watched) > 0 {
		return errors.New("--properties chooses what the simulation watches, but tests judge this scope; leave it out")
	}
	t, err := c.toTest(ctx, tree)
	if err != nil {
		return err
	}
	t.wanted = slices.DeleteFunc(slices.Clone(t.all), func(m mutants.Mutant) bool {
		return !c.scope.covers(m.Scope) || !c.only.matches(m.ID())
	})
	if c.list {
		return c.printList(t.wanted)
	}
	t.trials = slices.DeleteFunc(t.trials, func(trial mutants.Trial) bool { return !slices.ContainsFunc(t.wanted, trial.Judges) })
	environment, stop, err := c.database(ctx, tree, t.wanted)
	if err != nil {
		return err
	}
	defer func() {
		if err := store.CleanUp(ctx, stop); err != nil {
			c.warn(err)
		}
	}()
	progress := mutantsProgress{of: len(t.wanted)}
	c.stderr.DrawBar(progress.line())
	runner := mutants.TestRunner{
		Tree: tree, Trials: t.trials, Environment: environment, Parallel: int(c.parallel.value), Timeout: time.Duration(c.timeout),
		OnResult: func(r mutants.Result) {
			progress.count(r.Fate)
			c.stderr.DrawBar(progress.line())
		},
	}
	results, err := runner.Run(ctx, t.wanted)
	c.stderr.Erase()
	if err != nil {
		return err
	}
	return c.print(mutants.NewTestReport(t.trials, results, len(t.wanted), t.file, t.list, t.all))
}

// toTest returns the mutants of the chosen scope, and what judges them.
func (c *mutantsCommand) toTest(ctx context.Context, tree overlay.Tree) (t tested, err error) {
	if c.scope.isSQL() {
		t.trials, t.file = mutants.SQLTrials(c.seeds.value), mutants.SQLEquivalentsFile
		if t.all, err = mutants.GenerateSQL(tree.Root(), tree.Read); err == nil {
			t.list, err = mutants.SQLEquivalents()
		}
		return t, err
	}
	t.trials, t.file = mutants.TestTrials(), mutants.TestedEquivalentsFile
	if t.all, err = mutants.Generate(ctx, tree.Root(), mutants.TestedScopes(), tree.Read); err == nil {
		t.list, err = mutants.TestedEquivalents()
	}
	return t, err
}

// database finds a server for the tests, and returns the variable of the environment with which they find it as well.
// There the statements of SQL are prepared, which refuses mutants that are no SQL.
func (c *mutantsCommand) database(ctx context.Context, tree overlay.Tree, wanted []mutants.Mutant) (environment []string, stop func(context.Context) error, err error) {
	server, err := store.FindPostgres(ctx, "")
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, store.CleanUp(ctx, server.Stop))
		}
	}()
	pool, err := postgres.Connect(ctx, server.URL(), postgres.WithMaxConns(1))
	if err != nil {
		return nil, nil, err
	}
	defer pool.Close()
	if server.Source() != pgserver.URL { // it is ours, and a command runs only where the schema is its own
		if _, _, err := postgres.Migrate(ctx, pool); err != nil {
			return nil, nil, err
		}
	}
	if c.scope.isSQL() {
		if err := mutants.ValidateSQL(ctx, pool, wanted, tree.Read); err != nil {
			return nil, nil, err
		}
	}
	return []string{pgserver.DatabaseURLVariable + "=" + server.URL(), "CI=false"}, server.Stop, nil
}
