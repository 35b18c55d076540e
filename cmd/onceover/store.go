package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/onceover/onceover/cmd/onceover/internal/store"
	"github.com/onceover/onceover/sim/run"
)

// storeFlags are the flags that choose what executes the statements of simulated runs.
type storeFlags struct {
	name storeFlag
	url  string
}

func (f *storeFlags) add(flags *pflag.FlagSet) {
	f.name = store.ModelName
	flags.Var(&f.name, "store", "what executes statements: model or postgres; see 'onceover help stores'")
	flags.StringVar(&f.url, "database-url", "", "with --store postgres, "+databaseUsage)
}

// check refuses flags that do not go together.
func (f *storeFlags) check(flags *pflag.FlagSet) error {
	if f.name != store.PostgresName && flags.Changed("database-url") {
		return errors.New("--database-url names the server of --store postgres: give both or neither")
	}
	return nil
}

// use carries out a command on the store that the flags name. If its server is lost, the verdict is unknown, unless the
// command has one.
func (f *storeFlags) use(ctx context.Context, a *app, command func(context.Context, *store.Store) error) error {
	if f.name == store.ModelName {
		return command(ctx, store.Model(a.newWorld))
	}
	remove := func() {}
	find := func(ctx context.Context) (*store.Server, error) {
		a.stderr.DrawBar(0, " looking for Postgres")
		defer a.stderr.Erase()
		server, err := a.findServer(ctx, f.url)
		if err == nil && server.DropCreated != nil {
			remove = a.emergency.add(server.DropCreated)
		}
		return server, err
	}
	defer func() { remove() }()
	err := store.Use(ctx, find, a.warn, command)
	var lost *store.LostError
	if !errors.As(err, &lost) {
		return err
	}
	a.warn(lost)
	if lost.Err == nil {
		return verdictError(run.Unknown)
	}
	return lost.Err
}

// storeFlag is one of the stores.
type storeFlag string

func (f *storeFlag) String() string { return string(*f) }
func (f *storeFlag) Type() string   { return "STORE" }
func (f *storeFlag) Set(name string) error {
	if name != store.ModelName && name != store.PostgresName {
		return guess(fmt.Errorf("allowed are %s and %s", store.ModelName, store.PostgresName), name, []string{store.ModelName, store.PostgresName})
	}
	*f = storeFlag(name)
	return nil
}
