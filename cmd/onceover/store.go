package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/onceover/onceover/cmd/onceover/internal/runner"
	"github.com/onceover/onceover/sim/certify"
	"github.com/onceover/onceover/sim/run"
)

// The stores that seeds can be run on.
const (
	storeModel    = "model"
	storePostgres = "postgres"
)

// storeFlags say what is behind the simulated database and journal.
type storeFlags struct {
	name storeFlag
	url  string
}

func (f *storeFlags) add(flags *pflag.FlagSet) {
	f.name = storeModel
	flags.Var(&f.name, "store", "what executes statements: model or postgres; see 'onceover help stores'")
	flags.StringVar(&f.url, "database-url", "", "with --store postgres, "+databaseUsage)
}

// check refuses flags that do not go together.
func (f *storeFlags) check(flags *pflag.FlagSet) error {
	if f.name != storePostgres && flags.Changed("database-url") {
		return errors.New("--database-url names the server of --store postgres: give both or neither")
	}
	return nil
}

// storeFlag is one of the stores.
type storeFlag string

func (f *storeFlag) String() string { return string(*f) }
func (f *storeFlag) Type() string   { return "STORE" }
func (f *storeFlag) Set(text string) error {
	if text != storeModel && text != storePostgres {
		return fmt.Errorf("allowed are %s and %s", storeModel, storePostgres)
	}
	*f = storeFlag(text)
	return nil
}

// A storeServer is where stores are opened.
type storeServer struct {
	source string // how it was found: url, docker or local
	text   string // what it is, in one line
	open   certify.OpenStores
	stop   func(context.Context) error
}

// A usedStore is the real store that seeds are run on.
type usedStore struct {
	source string
	text   string
	pool   *certify.Pool
}

// clearUpLimit bounds how long databases and servers may take to go away.
const clearUpLimit = 30 * time.Second

// onStore carries out a command with worlds on the store that its flags name.
func (p *program) onStore(ctx context.Context, f *storeFlags, command func(context.Context) error) error {
	if f.name == storeModel {
		return command(ctx)
	}
	drawBar(p.stderr, 0, 1, " looking for Postgres")
	server, err := p.findServer(ctx, f.url)
	clearBar(p.stderr)
	if err != nil {
		return err
	}
	defer p.clearUp(ctx, server.stop)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	pool, err := certify.NewPool(ctx, server.open, func(error) { cancel() })
	if err != nil {
		return err
	}
	defer func() {
		if pool.Lost() == nil { // otherwise there is no server to drop databases on
			p.clearUp(ctx, pool.Close)
		}
	}()
	modelWorld := p.newWorld
	p.newWorld, p.store = pool.NewWorld, &usedStore{server.source, server.text, pool}
	defer func() { p.newWorld, p.store = modelWorld, nil }()

	err = command(ctx)
	if lost := pool.Lost(); lost != nil {
		p.stderr.say("onceover: the server is lost, and what has not been done by then was left: %v\n", lost)
		if err == nil {
			err = verdictError(run.Unknown)
		}
	}
	return err
}

// clearUp removes what a command has created, also after Ctrl-C. A failure is reported, but does not change the verdict.
func (p *program) clearUp(ctx context.Context, remove func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), clearUpLimit)
	defer cancel()
	if err := remove(ctx); err != nil {
		p.stderr.say("onceover: clearing up: %v\n", err)
	}
}

// sameFlags returns the flags that repeat a command: the store, and the bug. The server is looked for again.
func (p *program) sameFlags() string {
	if p.store != nil {
		return " --store " + storePostgres + bugFlagOf(p.patch)
	}
	return bugFlagOf(p.patch)
}

// lost reports whether the store that seeds are run on is lost.
func (s *usedStore) lost() bool { return s != nil && s.pool.Lost() != nil }

// tally describes how many of the runs were the same as on the model.
func (s *usedStore) tally(runs, equal uint64) string {
	if equal == runs {
		return plural(runs, "run") + " as on the model: every answer, all that was stored in the end, and the trace hash"
	}
	return fmt.Sprintf("%s of %s as on the model", count(equal), plural(runs, "run"))
}

// describeStore describes the store in use for machines, as of now; nil is the model.
func describeStore(s *usedStore) runner.Store {
	if s == nil {
		return runner.Store{Name: storeModel}
	}
	runs, equal := s.pool.Runs(), s.pool.Equal()
	return runner.Store{Name: storePostgres, Found: s.source, Server: s.text, Runs: &runs, Equal: &equal}
}
