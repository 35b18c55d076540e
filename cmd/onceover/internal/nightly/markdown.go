package nightly

import (
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// shownMax is how many problems, and how many failures, Markdown shows: as many as fit on a screen.
const shownMax = 20

// A MarkdownStyle defines the links of a report. The zero value is right for a file beside the results.
type MarkdownStyle struct {
	// From is the directory that links to files begin at.
	From string
	// Artifacts is where the files can be had, as a link; empty: where they were written, each by a link.
	Artifacts string
}

// Markdown renders the report on one screen, for the page of a job, in GitHub's dialect. Text that comes from a run is
// escaped.
func (r *Report) Markdown(style MarkdownStyle) string {
	var out strings.Builder
	problems := r.Problems()
	fmt.Fprintf(&out, "## Nightly run %d: %s\n\n", r.Run, r.Verdict())
	for _, problem := range problems[:min(len(problems), shownMax)] {
		fmt.Fprintf(&out, "- %s\n", inline(problem.Text))
	}
	if more := len(problems) - shownMax; more > 0 {
		fmt.Fprintf(&out, "- and %s more\n", text.Plural(more, "problem"))
	}
	if len(problems) == 0 {
		fmt.Fprintf(&out, "%s, no violation.\n", text.Plural(r.Seeds(), "seed"))
	}
	r.markdownProfiles(&out)
	r.markdownGoals(&out)
	r.markdownFailures(&out, style)
	r.markdownBugs(&out)
	fmt.Fprintf(&out, "\nVersion %s, %s.\n", inline(r.EngineVersion), text.Plural(r.Shards, "shard"))
	return out.String()
}

// WriteMarkdown writes the report as Markdown at path, and makes its directory if needed. Files are linked to in it, or else
// to be had behind a link to artifacts.
func (r *Report) WriteMarkdown(path, artifacts string) error {
	style := MarkdownStyle{From: filepath.Dir(path), Artifacts: artifacts}
	return writeFile(path, []byte(r.Markdown(style)))
}

func (r *Report) markdownProfiles(out *strings.Builder) {
	fmt.Fprint(out, "\n| profile | seeds | per minute | faults | violated | unknown |\n|:--|--:|--:|--:|--:|--:|\n")
	total := Part{Profile: "all", WallSeconds: r.Seconds}
	for i := range r.Profiles {
		p := &r.Profiles[i]
		p.markdown(out, p.WallSeconds/float64(r.present()))
		wall := total.WallSeconds
		total.add(p)
		total.WallSeconds = wall
	}
	if len(r.Profiles) > 1 {
		total.markdown(out, total.WallSeconds)
	}
}

// present is how many shards there are results of.
func (r *Report) present() int { return max(r.Shards-len(r.Missing), 1) }

func (p *Part) markdown(out *strings.Builder, seconds float64) {
	rate := 0.0
	if seconds > 0 {
		rate = float64(p.Seeds) / seconds * 60
	}
	fmt.Fprintf(out, "| %s | %s | %s | %s | %s | %s |\n", p.Profile, text.Count(p.Seeds), text.Count(uint64(rate+0.5)),
		text.Count(p.Faults.Total()), text.Count(p.Violations), text.Count(p.Unknown))
}

func (r *Report) markdownGoals(out *strings.Builder) {
	missing := r.Goals.Missing()
	fmt.Fprintf(out, "\n**Coverage goals:** %d of %d reached", r.Goals.Reached(), checker.GoalCount)
	switch {
	case len(missing) == 0:
		fmt.Fprint(out, ".\n")
		return
	case r.GoalsDemanded():
		fmt.Fprint(out, "; what these are about was not tested:\n\n")
	default:
		fmt.Fprintf(out, ". All are demanded from %s of %s on; not reached: %s.\n", text.Plural(GoalSeeds, "seed"),
			strings.Join(goalProfiles, " and "), inline(strings.Join(missing, ", ")))
		return
	}
	for _, goal := range missing {
		fmt.Fprintf(out, "- **%s**: %s\n", goal, inline(run.Sentence(world.Vocabulary().Goals, goal)))
	}
}

func (r *Report) markdownFailures(out *strings.Builder, style MarkdownStyle) {
	if len(r.Failures) > 0 {
		fmt.Fprint(out, "\n### Failures\n\n| state | property | cause | runs | found by | minimised | replay | files |\n|:--|:--|:--|--:|:--|:--|:--|:--|\n")
	}
	for i := range r.Failures[:min(len(r.Failures), shownMax)] {
		f := &r.Failures[i]
		cells := []string{f.stateText(), f.Property, f.Cause(), text.Count(f.Runs), "", "", "", ""}
		for c := range cells {
			cells[c] = inline(cells[c])
		}
		if f.Replayed != "" {
			cells[4] = inline(f.Replayed)
			if f.KnownReplay != "" {
				cells[7] = code(f.KnownReplay)
			}
		} else {
			cells[4] = inline(fmt.Sprintf("%s, seed %d", f.Profile, f.Seed))
			cells[6] = code(fmt.Sprintf("onceover replay %d --profile %s", f.Seed, f.Profile))
			cells[7] = f.links(style)
		}
		if f.Small != nil {
			cells[5] = fmt.Sprintf("%s, %s, %s", text.Plural(f.Small.Faults, "fault"), text.Plural(f.Small.Reviews, "review"),
				text.Plural(f.Small.StoryLines, "line"))
		}
		fmt.Fprintf(out, "| %s |\n", strings.Join(cells, " | "))
	}
	if more := len(r.Failures) - shownMax; more > 0 {
		fmt.Fprintf(out, "\nAnd %s more.\n", text.Plural(more, "failure"))
	}
	if r.LongGone > 0 {
		fmt.Fprintf(out, "\nGone as before: %s.\n", text.Plural(r.LongGone, "known failure"))
	}
	if style.Artifacts != "" && slices.ContainsFunc(r.Failures, func(f Finding) bool { return f.source() != "" }) {
		fmt.Fprintf(out, "\nThe files are in the [artifacts](%s).\n", style.Artifacts)
	}
}

// stateText is the state with what a reader has to know of it.
func (f *Finding) stateText() string {
	text := string(f.State)
	switch f.State {
	case StillThere, CameBack:
		text += fmt.Sprintf(", since run %d", f.FirstRun)
	case Gone:
		text += fmt.Sprintf(", last seen in run %d", f.LastRun)
	default:
	}
	if f.Note != "" {
		text += " (" + f.Note + ")"
	}
	return text
}

// links are the files about a failure: by links where they can be had so, and else by their paths.
func (f *Finding) links(style MarkdownStyle) string {
	var parts []string
	for _, file := range []struct{ what, name string }{
		{"page", f.Files.Page}, {"story", f.Files.Story}, {"smallest", f.Files.Minimised}, {"replay", f.Files.Replay},
	} {
		if file.name == "" {
			continue
		}
		if style.Artifacts != "" {
			parts = append(parts, code(filepath.ToSlash(filepath.Join(filepath.Base(f.Dir), file.name))))
			continue
		}
		path := filepath.Join(f.Dir, file.name)
		if below, err := filepath.Rel(style.From, path); err == nil {
			path = below
		}
		link := url.URL{Path: filepath.ToSlash(path)}
		parts = append(parts, fmt.Sprintf("[%s](%s)", file.what, strings.NewReplacer("(", "%28", ")", "%29", "|", "%7C").Replace(link.String())))
	}
	return strings.Join(parts, ", ")
}

func (r *Report) markdownBugs(out *strings.Builder) {
	if r.Bugs == nil {
		return
	}
	found := 0
	for _, bug := range r.Bugs.Rows {
		if bug.Problem == "" {
			found++
		}
	}
	fmt.Fprintf(out, "\n### Bugs\n\n%d of %s found in every trial.\n\n", found, text.Plural(len(r.Bugs.Rows), "bug"))
	fmt.Fprint(out, "<details><summary>Seeds to find each</summary>\n\n| bug | expected | fired | found | median | worst |\n|:--|:--|:--|--:|--:|--:|\n")
	for _, bug := range r.Bugs.Rows {
		fmt.Fprintf(out, "| %s | %s | %s | %d/%d | %s | %s |\n", inline(bug.ID), inline(bug.Expected), inline(bug.Fired), bug.Found, bug.Trials,
			strconv.FormatFloat(bug.SeedsMedian, 'f', -1, 64), text.Count(bug.SeedsWorst))
	}
	fmt.Fprint(out, "\n</details>\n")
}

// markup are the characters that mean something to GitHub's Markdown within a line.
const markup = "\\`*_{}[]()<>#|!~$@&"

// inline returns text that stays as it is in a cell of a table or a line of a list: each character that could be markup
// behind a backslash, or as an entity where that does not help.
func inline(text string) string {
	var out strings.Builder
	for _, c := range strings.Join(strings.Fields(text), " ") {
		switch {
		case unicode.IsControl(c):
			out.WriteRune(unicode.ReplacementChar)
		case c == '<':
			out.WriteString("&lt;")
		case c == '>':
			out.WriteString("&gt;")
		case c == '&':
			out.WriteString("&amp;")
		case c == '@':
			out.WriteString("&#64;") // it would notify the user of that name
		case strings.ContainsRune(markup, c) && c != '(' && c != ')' && c != '!' && c != '#':
			out.WriteByte('\\')
			out.WriteRune(c)
		default:
			out.WriteRune(c)
		}
	}
	return out.String()
}

// code returns text in the form of code, in a cell of a table.
func code(text string) string {
	return "<code>" + inline(text) + "</code>"
}
