package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/onceover/onceover/sim/run"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/cmd/onceover/internal/nightly"
)

// nightlyMergeFlags are the flags of onceover nightly merge.
type nightlyMergeFlags struct {
	known   string
	summary string
	junit   string
	json    bool
}

func (p *program) nightlyMergeCommand() *cobra.Command {
	var f nightlyMergeFlags
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
			return p.nightlyMerge(command.Context(), &f, directories)
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.known, "known", "", "read the known failures from `FILE`, and write them back; their replay files are beside it")
	flags.StringVar(&f.summary, "summary", "", "write a summary in Markdown to `FILE`, for the page of a job")
	flags.StringVar(&f.junit, "junit", "", "write the results in JUnit XML to `FILE`")
	flags.BoolVar(&f.json, "json", false, jsonUsage)
	return command
}

// nightlyMerge carries out onceover nightly merge.
func (p *program) nightlyMerge(ctx context.Context, f *nightlyMergeFlags, directories []string) error {
	known, err := readKnown(f.known)
	if err != nil {
		return err
	}
	var results []nightly.Left
	for _, directory := range directories {
		left, err := nightly.ReadResult(directory)
		var none *nightly.NoResultError
		if errors.As(err, &none) && isDirectory(directory) && len(directories) > 1 {
			// A shard that was killed has left its replay files, and counts as missing.
			p.stderr.say("onceover: %v\n", err)
			continue
		}
		if err != nil {
			return err
		}
		results = append(results, left)
	}
	report, err := nightly.Merge(results)
	if err != nil {
		return err
	}
	return p.concludeNight(ctx, &nightlyEnd{
		report: report, knownPath: f.known, known: known, summary: f.summary, junit: f.junit, json: f.json,
	})
}

// isDirectory tells whether there is a directory at a path.
func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// A nightlyEnd is what remains to be done with the report of a night.
type nightlyEnd struct {
	report    *nightly.Report
	knownPath string
	known     *nightly.Known // nil: nothing to compare with
	summary   string         // file; empty: none
	junit     string         // file; empty: none
	json      bool
}

// concludeNight compares, writes and prints a report. The error has the verdict.
func (p *program) concludeNight(ctx context.Context, end *nightlyEnd) error {
	r := end.report
	if end.known != nil && ctx.Err() == nil {
		now := r.Compare(end.known, func(replay, signature string) (run.Recurrence, error) {
			return nightly.Again(filepath.Join(filepath.Dir(end.knownPath), replay), signature, p.newWorld)
		})
		if err := r.WriteKnown(end.knownPath, now); err != nil {
			return err
		}
	}
	if end.summary != "" {
		style := nightly.MarkdownStyle{From: filepath.Dir(end.summary), Artifacts: artifactsLink(os.Getenv)}
		if err := writeNightly(end.summary, []byte(r.Markdown(style))); err != nil {
			return err
		}
	}
	if end.junit != "" {
		content, err := r.JUnit()
		if err == nil {
			err = writeNightly(end.junit, content)
		}
		if err != nil {
			return err
		}
	}
	verdict := r.Verdict()
	var err error
	if end.json {
		err = json.NewEncoder(p.stdout).Encode(nightlyJSON{verdict, r.Problems(), r.Seeds(), r})
	} else {
		text := nightlyText{report: r, paint: p.stdout.paint()}
		_, err = io.WriteString(p.stdout, text.String())
	}
	if err != nil {
		return fmt.Errorf("print the report: %w", err)
	}
	if verdict != run.Pass {
		return verdictError(verdict)
	}
	return nil
}

// writeNightly writes a file about a night, in a directory that is made when needed.
func writeNightly(path string, content []byte) error {
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = run.WriteFile(path, content)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// artifactsLink is where the files of a job can be had; empty where nobody knows.
func artifactsLink(getenv func(string) string) string {
	server, repository, run := getenv("GITHUB_SERVER_URL"), getenv("GITHUB_REPOSITORY"), getenv("GITHUB_RUN_ID")
	if server == "" || repository == "" || run == "" {
		return ""
	}
	return fmt.Sprintf("%s/%s/actions/runs/%s#artifacts", server, repository, run)
}

// nightlyJSON is what onceover nightly --json prints.
type nightlyJSON struct {
	Verdict  run.Verdict       `json:"verdict"`
	Problems []nightly.Problem `json:"problems"`
	Seeds    uint64            `json:"seeds"`
	*nightly.Report
}
