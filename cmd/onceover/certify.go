package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/cmd/onceover/internal/store"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/certify"
	"github.com/onceover/onceover/sim/run"
)

// certifyCommand is onceover certify.
type certifyCommand struct {
	*app
	url    string
	seeds  countFlag
	from   seedFlag
	rounds countFlag
	quick  bool
	json   bool
}

func newCertifyCommand(a *app) *cobra.Command {
	c := certifyCommand{
		app:    a,
		seeds:  countFlag{value: certify.SeedsDefault, least: 1, most: 1_000_000},
		from:   1,
		rounds: countFlag{value: certify.RoundsDefault, least: 3, most: 100_000},
	}
	command := &cobra.Command{
		Use:   "certify",
		Short: "Show that the Postgres store does what the simulated store does",
		Long: `Show on a real server that the Postgres store does what the simulated store does, in three
parts, and print a certificate with the counts of what was compared:

  seeds   whole runs of the profiles default and storm on the server: every answer, all
          rows that are stored at the end, and the trace hash are those of the model
  races   connections race over few reviews and attempts; porcupine decides whether the
          model explains the answers
  cuts    every method is cut at every message of the protocol, before it, in its middle
          and after it: the rows are those before the call or those after it, the caller
          learns the truth, and a retry succeeds

'onceover help stores' describes how the server is found. Databases with names that begin
with onceover_ are created there and dropped at the end.

It fails (exit 1) at the first difference. For the other exit codes, see
'onceover help exit-codes'.`,
		Example: `  onceover certify
  onceover certify --quick                          a first impression
  onceover certify --seeds 5000 --rounds 500        for a night
  onceover certify --json | jq .cuts.cuts           for machines`,
		Args: noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			return c.execute(command.Context())
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringVar(&c.url, "database-url", "", databaseUsage)
	flags.Var(&c.seeds, "seeds", "how many seeds of each profile to compare")
	flags.Var(&c.from, "from", "first seed; the others follow one by one")
	flags.Var(&c.rounds, "rounds", "how many rounds of each race to run")
	flags.BoolVar(&c.quick, "quick", false, "cut each operation only where it does its work, and handshakes only once")
	flags.BoolVar(&c.json, "json", false, jsonUsage)
	return command
}

// execute certifies the store on a server and prints the certificate.
func (c *certifyCommand) execute(ctx context.Context) error {
	tuneMemory(runtime.GOMAXPROCS(0))
	c.stderr.DrawBar(0, " looking for Postgres")
	found, err := store.FindPostgres(ctx, c.url)
	c.stderr.Erase()
	if err != nil {
		return err
	}
	defer c.emergency.add(found.DropCreated)()
	defer func() {
		if err := store.CleanUp(ctx, found.Stop); err != nil {
			c.warn(err)
		}
	}()
	certificate, err := certify.Certify(ctx, found, c.options())
	c.stderr.Erase()
	if ctx.Err() != nil {
		c.warn(errors.New("interrupted before all was compared, so there is no certificate"))
		return verdictError(run.Unknown)
	}
	if err != nil {
		return err
	}
	certificate.Found = string(found.Source())
	return c.print(certificate)
}

// options returns the options that the flags stand for. Progress is drawn on a terminal.
func (c *certifyCommand) options() certify.Options {
	o := certify.Options{
		From: uint64(c.from), Seeds: c.seeds.value, Rounds: int(c.rounds.value), Quick: c.quick,
		OnRound: func(done, total int) { c.stderr.DrawBar(float64(done)/float64(total), " rounds judged") },
		OnCase:  func(done, total int) { c.stderr.DrawBar(float64(done)/float64(total), " cases cut at every message") },
		OnCleanupError: func(err error) {
			c.stderr.Erase()
			c.warn(fmt.Errorf("clearing up: %w", err))
		},
	}
	if c.stderr.Live {
		draw := drawCampaign(c.stderr, o.Seeds, 0)
		o.OnSeeds = func(_ string, progress campaign.Progress) { draw(progress) }
	}
	return o
}

// print prints a certificate, and how to repeat its failures.
func (c *certifyCommand) print(certificate *certify.Certificate) error {
	repeat := ""
	for i := range certificate.Seeds {
		for _, failure := range certificate.Seeds[i].Failures {
			repeat += fmt.Sprintf("see onceover replay %d --profile %s --store %s\n", failure.Seed, certificate.Seeds[i].Profile, store.PostgresName)
		}
	}
	var err error
	if c.json {
		err = json.NewEncoder(c.stdout).Encode(certificate)
	} else {
		_, err = io.WriteString(c.stdout, c.stdout.Fit(certificate.String()+repeat))
	}
	if err != nil {
		return fmt.Errorf("print the certificate: %w", err)
	}
	if c.json && certificate.Verdict != run.Pass {
		c.stderr.Printf("%s%s\n", certificate.Explain(), repeat)
	}
	return failed(certificate.Verdict)
}
