package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/cmd/onceover/internal/failures"
	"github.com/onceover/onceover/cmd/onceover/internal/nightly"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/run"
)

// nightlyTitle describes what a night is going to do.
func nightlyTitle(n *nightly.Night) string {
	var limits []string
	if n.Seeds > 0 {
		limits = append(limits, text.Plural(n.Seeds, "seed"))
	}
	if n.Time > 0 {
		limits = append(limits, n.Time.String())
	}
	return fmt.Sprintf("onceover nightly: run %d, shard %s, %s, %d at a time\nprofiles %s", n.Run, n.Shard, strings.Join(limits, " or "), n.Parallel, n.Mix)
}

// nightlyPartLine describes what a profile came to.
func nightlyPartLine(p *nightly.Part) string {
	line := fmt.Sprintf("%-12s  %15s from %20d in %12s, %s", p.Profile, text.Plural(p.Seeds, "seed"), p.FirstSeed, text.Span(p.WallSeconds), text.Plural(p.Faults.Total(), "fault"))
	if p.Violations > 0 {
		line += fmt.Sprintf(", %d violated", p.Violations)
	}
	if p.Unknown > 0 {
		line += fmt.Sprintf(", %d unknown", p.Unknown)
	}
	return line
}

// nightlyText is the report of a night for people. Its last line is the verdict.
type nightlyText struct {
	report *nightly.Report
	paint  text.Paint
}

func (t *nightlyText) String() string {
	var out strings.Builder
	for i := range t.report.Failures {
		t.failure(&out, &t.report.Failures[i])
	}
	r := t.report
	missing := r.Goals.Missing()
	fmt.Fprintf(&out, "\n%d of %d coverage goals reached\n", r.Goals.Reached(), checker.GoalCount)
	if len(missing) > 0 && !r.GoalsDemanded() {
		fmt.Fprintf(&out, "(all of them are demanded from %s of default and storm on)\n", text.Plural(uint64(nightly.GoalSeeds), "seed"))
	}
	if r.LongGone > 0 {
		fmt.Fprintf(&out, "gone as before: %s\n", text.Plural(r.LongGone, "known failure"))
	}
	problems := r.Problems()
	if len(problems) == 0 {
		fmt.Fprintf(&out, "\n%s\n", t.paint(text.Green, "pass: "+text.Plural(r.Seeds(), "seed")+", no violation"))
		return out.String()
	}
	fmt.Fprintln(&out)
	for _, problem := range problems {
		fmt.Fprintf(&out, "%s\n", problem.Text)
	}
	how := text.Red
	if r.Verdict() == run.Unknown {
		how = text.Yellow
	}
	fmt.Fprintf(&out, "%s\n", t.paint(how, fmt.Sprintf("%s: %s in run %d, %s", r.Verdict(), text.Plural(len(problems), "problem"), r.Run, text.Plural(r.Seeds(), "seed"))))
	return out.String()
}

// failure describes one failure in a few lines.
func (t *nightlyText) failure(out *strings.Builder, f *nightly.Finding) {
	state, how := string(f.State), text.Red
	if f.State == nightly.Gone {
		how = text.Plain
	}
	if state != "" {
		state += ": "
	}
	if f.Replayed != "" {
		fmt.Fprintf(out, "\n%s\n  %s\n", t.paint(how, state+f.Signature), f.Replayed)
		return
	}
	fmt.Fprintf(out, "\n%s\n  %s\n  %s under %s\n", t.paint(how, f.Message), state+f.Signature, text.Plural(f.Runs, "run"), strings.Join(f.Profiles, ", "))
	if f.Small != nil {
		fmt.Fprintf(out, "  minimised: %s, %s, %s\n", text.Plural(f.Small.Faults, "fault"), text.Plural(f.Small.Reviews, "review"), text.Plural(f.Small.StoryLines, "line"))
	}
	for _, file := range []struct{ what, name string }{{"page", f.Files.Page}, {"story", f.Files.Story}} {
		if file.name != "" {
			fmt.Fprintf(out, "  %s: %s\n", file.what, filepath.Join(f.Dir, file.name))
		}
	}
	fmt.Fprintf(out, "  %s\n", replayFinding(f))
}

// replayFinding returns the command that replays a failure.
func replayFinding(f *nightly.Finding) string {
	replay := failures.Seed(f.Seed, f.Profile, nil)
	if f.Files.Minimised != "" {
		replay = text.ShellWord(filepath.Join(f.Dir, f.Files.Minimised))
	}
	return runner.Self() + " replay " + replay
}

// commands returns the commands that the report names, which are not wrapped.
func (t *nightlyText) commands() []string {
	var commands []string
	for i := range t.report.Failures {
		commands = append(commands, replayFinding(&t.report.Failures[i]))
	}
	return commands
}
