package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/cmd/onceover/internal/files"
	"github.com/onceover/onceover/cmd/onceover/internal/nightly"
	"github.com/onceover/onceover/sim/run"
)

// newMergeCommand returns onceover nightly merge.
func newMergeCommand(a *app) *cobra.Command {
	report := nightReport{app: a}
	command := &cobra.Command{
		Use:   "merge DIR…",
		Short: "Make one report of the shards of a night",
		Long: `Make one report of the directories that the shards of one night have written, each with
'onceover nightly --shard I/N --out DIR'. A failure of several shards is reported once,
with its smallest run. If a shard left no result, the verdict is unknown at best.

For exit codes, see 'onceover help exit-codes'.`,
		Example: `  onceover nightly merge shard-1 shard-2
  onceover nightly merge shards/* --known known/failures.json --summary summary.md --junit junit.xml
  onceover nightly merge shards/* --json | jq '.failures[] | [.state, .signature]'`,
		Args: func(command *cobra.Command, directories []string) error {
			if len(directories) > 0 {
				return nil
			}
			return fmt.Errorf("%s takes the directories of shards, but was given none; see '%[1]s --help'", command.CommandPath())
		},
		RunE: func(command *cobra.Command, directories []string) error {
			return report.merge(command.Context(), directories)
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringVar(&report.knownPath, "known", "", "read the known failures from `FILE`, and write them back; their replay files are beside it")
	flags.StringVar(&report.summary, "summary", "", "write a summary in Markdown to `FILE`, for the page of a job")
	flags.StringVar(&report.junit, "junit", "", "write the results in JUnit XML to `FILE`")
	flags.BoolVar(&report.json, "json", false, jsonUsage)
	return command
}

// A nightReport is what is done with the report of a night.
type nightReport struct {
	*app
	knownPath string // file of the known failures; empty for none
	summary   string // file; empty for none
	junit     string // file; empty for none
	json      bool

	known *nightly.Known // nil: nothing to compare with
}

// read reads the known failures, if there is a file of them.
func (n *nightReport) read() (err error) {
	if n.knownPath != "" {
		n.known, err = nightly.ReadKnown(n.knownPath)
	}
	return err
}

// merge makes one report of the directories of shards.
func (n *nightReport) merge(ctx context.Context, directories []string) error {
	if err := n.read(); err != nil {
		return err
	}
	results, err := nightly.ReadResults(directories, func(missing *nightly.NoResultError) { n.warn(missing) })
	if err != nil {
		return err
	}
	if err := n.plan(results).Check(); err != nil {
		return err
	}
	report, err := nightly.Merge(results)
	if err != nil {
		return err
	}
	return n.conclude(ctx, report)
}

// plan returns the files that a report of the results reads and writes.
func (n *nightReport) plan(results []nightly.Left) *files.Plan {
	var plan files.Plan
	for i := range results {
		for _, path := range results[i].Paths() {
			plan.Reads("a shard's file", path)
		}
	}
	n.planKnown(&plan)
	plan.WritesBelow("--summary", n.summary)
	plan.WritesBelow("--junit", n.junit)
	return &plan
}

// planKnown adds the file of the known failures, and the replay files beside it.
func (n *nightReport) planKnown(plan *files.Plan) {
	plan.WritesBelow("--known", n.knownPath)
	if n.known == nil {
		return
	}
	for i := range n.known.Failures {
		if replay := n.known.Failures[i].Replay; replay != "" {
			plan.Reads("a replay file of --known", filepath.Join(filepath.Dir(n.knownPath), replay))
		}
	}
}

// conclude compares a report with the known failures, writes its files and prints it. The error is that of its verdict.
func (n *nightReport) conclude(ctx context.Context, r *nightly.Report) error {
	if n.known != nil && ctx.Err() == nil {
		if err := r.Update(n.known, n.knownPath, n.newWorld); err != nil {
			return err
		}
	}
	if n.summary != "" {
		if err := r.WriteMarkdown(n.summary, nightly.Artifacts(os.Getenv)); err != nil {
			return err
		}
	}
	if n.junit != "" {
		if err := r.WriteJUnit(n.junit); err != nil {
			return err
		}
	}
	var err error
	if n.json {
		err = json.NewEncoder(n.stdout).Encode(nightlyJSON{r.Verdict(), r.Problems(), r.Seeds(), r})
	} else {
		shown := nightlyText{report: r, paint: n.stdout.Paint()}
		_, err = io.WriteString(n.stdout, n.stdout.Fit(shown.String(), shown.commands()...))
	}
	if err != nil {
		return fmt.Errorf("print the report: %w", err)
	}
	return failed(r.Verdict())
}

// nightlyJSON is what onceover nightly --json prints.
type nightlyJSON struct {
	Verdict  run.Verdict       `json:"verdict"`
	Problems []nightly.Problem `json:"problems"`
	Seeds    uint64            `json:"seeds"`
	*nightly.Report
}
