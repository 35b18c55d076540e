package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/certify"
	"github.com/onceover/onceover/sim/run"
)

// certifyFlags are the flags of onceover certify.
type certifyFlags struct {
	url    string
	seeds  countFlag
	from   seedFlag
	rounds countFlag
	quick  bool
	json   bool
}

func (p *program) certifyCommand() *cobra.Command {
	f := certifyFlags{
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
			return p.certify(command.Context(), &f)
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.url, "database-url", "", databaseUsage)
	flags.Var(&f.seeds, "seeds", "how many seeds of each profile to compare")
	flags.Var(&f.from, "from", "first seed; the others follow one by one")
	flags.Var(&f.rounds, "rounds", "how many rounds of each race to run")
	flags.BoolVar(&f.quick, "quick", false, "cut each operation only where it does its work, and handshakes only once")
	flags.BoolVar(&f.json, "json", false, jsonUsage)
	return command
}

// certify carries out onceover certify.
func (p *program) certify(ctx context.Context, f *certifyFlags) error {
	tuneMemory(runtime.GOMAXPROCS(0))
	drawBar(p.stderr, 0, 1, " looking for Postgres")
	found, err := findServer(ctx, f.url)
	clearBar(p.stderr)
	if err != nil {
		return err
	}
	defer p.clearUp(ctx, found.Stop)
	certificate, err := certify.Certify(ctx, found, p.certifyOptions(f))
	clearBar(p.stderr)
	if ctx.Err() != nil {
		p.stderr.say("onceover: interrupted before all was compared, so there is no certificate\n")
		return verdictError(run.Unknown)
	}
	if err != nil {
		return err
	}
	certificate.Found = string(found.Source())
	return p.printCertificate(certificate, f.json)
}

// certifyOptions returns the options that the flags stand for. Progress is drawn on a terminal.
func (p *program) certifyOptions(f *certifyFlags) certify.Options {
	o := certify.Options{
		From: uint64(f.from), Seeds: f.seeds.value, Rounds: int(f.rounds.value), Quick: f.quick,
		OnRound: func(done, total int) { drawBar(p.stderr, done, total, " rounds judged") },
		OnCase:  func(done, total int) { drawBar(p.stderr, done, total, " cases cut at every message") },
		OnCleanupError: func(err error) {
			clearBar(p.stderr)
			p.stderr.say("onceover: clearing up: %v\n", err)
		},
	}
	if p.stderr.terminal {
		draw := drawProgress(p.stderr, o.Seeds, 0)
		o.OnSeeds = func(_ string, progress campaign.Progress) { draw(progress) }
	}
	return o
}

// printCertificate prints a certificate, and how to repeat its failures.
func (p *program) printCertificate(c *certify.Certificate, asJSON bool) error {
	repeat := ""
	for i := range c.Seeds {
		for _, failure := range c.Seeds[i].Failures {
			repeat += fmt.Sprintf("see onceover replay %d --profile %s --store %s\n", failure.Seed, c.Seeds[i].Profile, storePostgres)
		}
	}
	var err error
	if asJSON {
		err = json.NewEncoder(p.stdout).Encode(c)
	} else {
		_, err = io.WriteString(p.stdout, c.String()+repeat)
	}
	if err != nil {
		return fmt.Errorf("print the certificate: %w", err)
	}
	if c.Verdict == run.Pass {
		return nil
	}
	if asJSON {
		p.stderr.say("%s%s\n", c.Explain(), repeat)
	}
	return verdictError(c.Verdict)
}
