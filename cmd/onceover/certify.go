package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"

	"github.com/onceover/onceover/sim/run"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/faults/pgserver"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/certify"
)

// How much is certified unless flags say.
const (
	certifySeedsDefault  = 200
	certifyRoundsDefault = 30
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
		seeds:  countFlag{value: certifySeedsDefault, least: 1, most: 1_000_000},
		from:   1,
		rounds: countFlag{value: certifyRoundsDefault, least: 3, most: 100_000},
	}
	command := &cobra.Command{
		Use:   "certify",
		Short: "Show that the Postgres store is the one that is simulated",
		Long: `Show on a real server that the Postgres store does what the simulated one does, in three
ways, and print a certificate that counts what was compared:

  seeds       whole runs of default and of storm on the server: every answer, the rows
              that are stored at the end, and the trace hash are those of the model
  contention  connections race over few reviews and attempts; porcupine decides whether
              the model explains the answers
  wire        every operation is cut at every message of the protocol, before it, in its
              middle and after it: the state is the one before or the one after, the
              caller gets a true answer, and a repetition succeeds

'onceover help stores' describes how the server is found. Databases with names that begin
with onceover_ are created there and dropped at the end.

It fails (exit 1) at the first difference. For the other exit codes, see
'onceover help exit-codes'.`,
		Example: `  onceover certify
  onceover certify --quick                          a first impression
  onceover certify --seeds 5000 --rounds 500        for a night
  onceover certify --json | jq .wire.cuts           for machines`,
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

// A certificate counts what was compared on a real server.
type certificate struct {
	Server     string              `json:"server"`
	Found      string              `json:"found"` // how: url, docker or local
	Seeds      []certifiedSeeds    `json:"seeds"`
	Contention certifiedContention `json:"contention"`
	Wire       certifiedWire       `json:"wire"`
	Verdict    string              `json:"verdict"`
}

// certifiedSeeds are whole runs of one profile.
type certifiedSeeds struct {
	Profile    string `json:"profile"`
	From       uint64 `json:"from,string"`
	Seeds      uint64 `json:"seeds"`
	Equal      uint64 `json:"equal"` // runs that were the same as on the model
	Operations uint64 `json:"operations"`
	TraceHash  string `json:"trace_hash"`
}

// certifiedContention are races that porcupine judged.
type certifiedContention struct {
	Scenarios  []certify.RaceCount `json:"scenarios"`
	Rounds     int                 `json:"rounds"`
	Operations int                 `json:"operations"`
	Ambiguous  int                 `json:"ambiguous"`
	Concurrent int                 `json:"concurrent"` // rounds in which operations overlapped
}

// certifiedWire are connections that were cut.
type certifiedWire struct {
	Operations int `json:"operations"`
	Cases      int `json:"cases"`
	Messages   int `json:"messages"`
	Cuts       int `json:"cuts"`
	Before     int `json:"before"`    // cuts that left the state before
	After      int `json:"after"`     // those that left the one after
	Unchanged  int `json:"unchanged"` // and those of an operation that changes nothing
	Ambiguous  int `json:"ambiguous"`
}

// A certifying is a certificate that is being made.
type certifying struct {
	program *program
	flags   *certifyFlags
	server  *pgserver.Server
	certificate
	// difference is the first one that was found, told at length; empty if there is none.
	difference string
	verdict    run.Verdict
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
	c := &certifying{program: p, flags: f, server: found}
	c.Server, c.Found = found.String(), string(found.Source())
	for _, part := range []func(context.Context) error{c.runSeeds, c.race, c.cut} {
		err := part(ctx)
		if ctx.Err() != nil {
			p.stderr.say("onceover: interrupted before all was compared, so there is no certificate\n")
			return verdictError(run.Unknown)
		}
		if err != nil {
			return err
		}
		if c.verdict != run.Pass {
			break
		}
	}
	return c.tell()
}

// runSeeds runs seeds on the server, those of each profile on databases of their own.
func (c *certifying) runSeeds(ctx context.Context) error {
	for _, name := range []string{"default", "storm"} {
		if err := c.runProfile(ctx, name); err != nil || c.verdict != run.Pass {
			return err
		}
	}
	return nil
}

func (c *certifying) runProfile(ctx context.Context, name string) error {
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	lender, err := certify.NewLender(running, certify.OnPostgres(c.server.CreateNearDatabase), func(error) { cancel() })
	if err != nil {
		return err
	}
	seeds := campaign.Campaign{
		Profile: name, From: uint64(c.flags.from), Seeds: c.flags.seeds.value, Parallel: parallelOnServer(),
		FailFast: true, NewWorld: lender.NewWorld,
	}
	if c.program.stderr.terminal {
		seeds.OnProgress = drawProgress(c.program.stderr, seeds.Seeds, 0)
	}
	summary, err := seeds.Run(running)
	clearBar(c.program.stderr)
	if lost := lender.Lost(); lost != nil { // nobody is there to drop anything
		c.verdict, c.difference = run.Unknown, fmt.Sprintf("the server is lost: %v\n", lost)
		return nil
	}
	c.program.clearUp(ctx, lender.Close)
	if err != nil {
		return err
	}
	c.Seeds = append(c.Seeds, certifiedSeeds{
		Profile: name, From: seeds.From, Seeds: summary.Seeds, Equal: lender.Equal(), Operations: summary.Operations,
		TraceHash: fmt.Sprintf("%016x", summary.TraceHash),
	})
	c.verdict = summary.Verdict()
	for _, failure := range summary.Signatures {
		c.difference += fmt.Sprintf("seed %d of %s: %s\nsee onceover replay %[1]d --profile %[2]s --store postgres\n",
			failure.First.Seed, name, failure.First.Violation.Message)
	}
	return nil
}

// race lets connections race.
func (c *certifying) race(ctx context.Context) (err error) {
	url, drop, err := c.server.CreateDatabase(ctx)
	if err != nil {
		return err
	}
	defer c.program.clearUp(ctx, drop)
	total := len(certify.Scenarios()) * int(c.flags.rounds.value)
	report, err := certify.Races(ctx, certify.RacesConfig{URL: url, Seed: uint64(c.flags.from), Rounds: int(c.flags.rounds.value)},
		func(r certify.RacesReport) { drawBar(c.program.stderr, r.Total().Rounds, total, " rounds judged") })
	clearBar(c.program.stderr)
	sum := report.Total()
	c.Contention = certifiedContention{
		Scenarios: report.Counts, Rounds: sum.Rounds, Operations: sum.Operations, Ambiguous: sum.Ambiguous, Concurrent: sum.Concurrent,
	}
	var violation *certify.RaceViolation
	var unknown *certify.RaceUnknownError
	switch {
	case errors.As(err, &violation):
		c.verdict, c.difference = run.Violated, violation.Error()
	case errors.As(err, &unknown):
		c.verdict, c.difference = run.Unknown, unknown.Error()
	default:
		return err
	}
	return nil
}

// cut cuts connections.
func (c *certifying) cut(ctx context.Context) error {
	cases := certify.Cases()
	if c.flags.quick {
		cases = certify.OneOfEach(cases)
	}
	result, err := certify.Cuts(ctx, certify.CutsConfig{
		Cases: cases, Handshakes: !c.flags.quick, Database: c.server.CreateDatabase, Workers: runtime.GOMAXPROCS(0),
		Progress: func(done, total int) { drawBar(c.program.stderr, done, total, " cases cut at every message") },
	})
	clearBar(c.program.stderr)
	if err != nil {
		return err
	}
	c.Wire = certifiedWire{
		Operations: result.Operations, Cases: result.Cases, Messages: result.Messages, Cuts: result.Cuts,
		Before: result.Before, After: result.After, Unchanged: result.Unchanged, Ambiguous: result.Ambiguous,
	}
	for _, failure := range result.Failures {
		c.verdict = run.Violated
		c.difference += failure.String() + "\n"
	}
	return nil
}

// tell prints the certificate, or why there is none.
func (c *certifying) tell() error {
	c.Verdict = c.verdict.String()
	if c.flags.json {
		if err := json.NewEncoder(c.program.stdout).Encode(&c.certificate); err != nil {
			return fmt.Errorf("print the certificate: %w", err)
		}
	} else if _, err := io.WriteString(c.program.stdout, c.String()); err != nil {
		return fmt.Errorf("print the certificate: %w", err)
	}
	if c.verdict != run.Pass {
		if c.flags.json {
			c.program.stderr.say("%s\n", c.difference)
		}
		return verdictError(c.verdict)
	}
	return nil
}

// String is the certificate for people: what was compared, and how it ended.
func (c *certifying) String() string {
	text := "certificate: the Postgres store is the one that is simulated\n\n"
	if c.verdict != run.Pass {
		text = "no certificate: " + c.verdict.String() + "\n\n"
	}
	text += fmt.Sprintf("  server      %s\n", c.Server)
	for _, s := range c.Seeds {
		text += fmt.Sprintf("  seeds       %s of %s, from %d: %s as on the model, with %s; trace hash %s\n",
			count(s.Seeds), s.Profile, s.From, count(s.Equal), plural(s.Operations, "operation"), s.TraceHash)
	}
	if r := c.Contention; r.Rounds != 0 {
		text += fmt.Sprintf("  contention  %s, %s, %s, %s of them ambiguous; operations overlapped in %s\n",
			plural(len(r.Scenarios), "scenario"), plural(r.Rounds, "round"), plural(r.Operations, "operation"),
			count(r.Ambiguous), plural(r.Concurrent, "round"))
	}
	if w := c.Wire; w.Cuts != 0 {
		text += fmt.Sprintf("  wire        %s in %s, %s; of %s, %s left the state before, %s the one after, %s had nothing to change\n",
			plural(w.Operations, "operation"), plural(w.Cases, "case"), plural(w.Messages, "message"),
			plural(w.Cuts, "cut"), count(w.Before), count(w.After), count(w.Unchanged))
	}
	if c.difference != "" {
		text += "\n" + c.difference
	}
	return text
}
