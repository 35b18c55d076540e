package mutants

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/onceover/onceover/checker"
)

// slowestMax is how many mutants a report lists that took the most seeds.
const slowestMax = 10

// A Report is what the results of a run come to, beside the list of equivalents.
type Report struct {
	Stages []Stage
	// Trials are what judged instead of the simulation, if tests did.
	Trials []Trial
	// List is the file with the list of equivalents.
	List string
	// Properties are those that were watched; empty for all, which the list of equivalents is about.
	Properties []string
	Results    []Result
	// Wanted is how many mutants were to be run; more than there are results when the run was interrupted.
	Wanted int
	// Survivors are the results that call for something to be done: survived, and not in the list.
	Survivors []Result
	// Mistaken are killed mutants that the list calls equivalent.
	Mistaken []Result
	// Unmatched are the entries of the list that stand for no mutant any more.
	Unmatched []Equivalent

	reasons map[string]string // by identity
}

// NewReport holds the results of a run, in which some properties were watched, against the list of equivalents, and the
// list against all mutants that there are today, run or not.
func NewReport(stages []Stage, properties []string, results []Result, wanted int, list []Equivalent, all []Mutant) *Report {
	r := &Report{
		Stages: stages, List: EquivalentsFile, Properties: properties, Results: results, Wanted: wanted,
		Unmatched: Unmatched(list, all), reasons: make(map[string]string, len(list)),
	}
	for _, entry := range list {
		r.reasons[entry.ID] = entry.Reason
	}
	for _, result := range results {
		_, listed := r.reasons[result.Mutant.ID()]
		switch result.Fate {
		case Survived, Hung:
			if !listed {
				r.Survivors = append(r.Survivors, result)
			}
		case Killed, Blinded, RanAway:
			if listed {
				r.Mistaken = append(r.Mistaken, result)
			}
		default: // no verdict, so nothing to hold against the list
		}
	}
	return r
}

// NewTestReport is [NewReport] for mutants that trials have judged. file is where the list stands.
func NewTestReport(trials []Trial, results []Result, wanted int, file string, list []Equivalent, all []Mutant) *Report {
	r := NewReport(nil, nil, results, wanted, list, all)
	r.Trials, r.List = trials, file
	return r
}

// Good reports whether the list of equivalents accounts for every survivor, and for nothing else. It need not account
// for what survives where only some properties are watched.
func (r *Report) Good() bool {
	return (len(r.Survivors) == 0 || len(r.Properties) > 0) && len(r.Mistaken) == 0 && len(r.Unmatched) == 0
}

// A Figure counts mutants.
type Figure struct {
	Name string `json:"name"` // of an operator, a scope, or "total"
	// Mutants compile. NotCompiled did not, and are counted nowhere else.
	Mutants     int `json:"mutants"`
	NotCompiled int `json:"not_compiled"`
	// Killed by a property or goal. Equivalent survived and are in the list.
	Killed     int `json:"killed"`
	Equivalent int `json:"equivalent"`
	// RanAway never came to an end, which counts as killed. Survived are not in the list. Unknown ended without a
	// verdict.
	Survived int `json:"survived"`
	RanAway  int `json:"ran_away"`
	Unknown  int `json:"unknown"`
	// Percent is the share of those that were killed or ran away among those that are not equivalent.
	Percent float64 `json:"percent"`
}

// Figures counts by operator, then by scope, then all. Those without a mutant are left out.
func (r *Report) Figures() []Figure {
	var figures []Figure
	add := func(name string, of func(*Mutant) bool) {
		f := Figure{Name: name}
		for _, result := range r.Results {
			if of(result.Mutant) {
				r.count(&f, &result)
			}
		}
		if n := f.Mutants - f.Equivalent; n > 0 {
			f.Percent = 100 * float64(f.Killed+f.RanAway) / float64(n)
		}
		if f.Mutants+f.NotCompiled > 0 {
			figures = append(figures, f)
		}
	}
	for _, operator := range allOperators() {
		add(operator.Name, func(m *Mutant) bool { return m.Operator == operator.Name })
	}
	for _, scope := range AllScopes() {
		add("scope "+scope.Name, func(m *Mutant) bool { return m.Scope == scope.Name })
	}
	add("total", func(*Mutant) bool { return true })
	return figures
}

func (r *Report) count(f *Figure, result *Result) {
	if result.Fate == NotCompiled {
		f.NotCompiled++
		return
	}
	f.Mutants++
	_, listed := r.reasons[result.Mutant.ID()]
	switch result.Fate {
	case Killed, Blinded:
		f.Killed++
	case Survived, Hung:
		if listed {
			f.Equivalent++
		} else {
			f.Survived++
		}
	case RanAway:
		f.RanAway++
	default:
		f.Unknown++
	}
}

// with returns the results with a fate.
func (r *Report) with(fate Fate) (results []Result) {
	for _, result := range r.Results {
		if result.Fate == fate {
			results = append(results, result)
		}
	}
	return results
}

// Slowest returns the killed mutants that took the most seeds, at most ten.
func (r *Report) Slowest() []Result {
	slow := slices.DeleteFunc(slices.Clone(r.Results), func(result Result) bool { return result.Fate != Killed && result.Fate != Blinded })
	slices.SortStableFunc(slow, func(a, b Result) int { return cmp.Compare(b.Seeds, a.Seeds) })
	return slow[:min(len(slow), slowestMax)]
}

// WriteText writes the report for people.
func (r *Report) WriteText(w io.Writer) error {
	var out strings.Builder
	r.writeJudges(&out)
	if len(r.Properties) > 0 {
		fmt.Fprintf(&out, "watching %s only\n", checker.Selection(r.Properties))
	}
	if len(r.Results) < r.Wanted {
		fmt.Fprintf(&out, "interrupted: %d more were not run\n", r.Wanted-len(r.Results))
	}
	out.WriteString("\n")
	r.writeFigures(&out)
	writeResults(&out, "Survived, and not in "+r.List+":", r.Survivors)
	writeResults(&out, "Called equivalent there, but killed:", r.Mistaken)
	if len(r.Unmatched) > 0 {
		fmt.Fprintf(&out, "\nIn %s, but no mutant any more:\n\n", r.List)
		for _, entry := range r.Unmatched {
			fmt.Fprintf(&out, "  line %d: %s\n", entry.Line, entry.ID)
		}
	}
	writeResults(&out, "Never came to an end, which counts as killed:", r.with(RanAway))
	writeResults(&out, "Without a verdict:", r.with(Unknown))
	if slowest := r.Slowest(); len(slowest) > 0 && len(r.Trials) == 0 {
		out.WriteString("\nKilled last:\n\n")
		for _, result := range slowest {
			where := result.Profile
			if result.Fate == Killed {
				where += fmt.Sprintf(", seed %d", result.Seed)
			}
			fmt.Fprintf(&out, "  %5d seeds  %s\n               by %s (%s)\n", result.Seeds, result.Mutant.ID(), result.By, where)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// writeJudges names what the mutants had to get through, and how many each trial killed.
func (r *Report) writeJudges(out *strings.Builder) {
	if len(r.Trials) == 0 {
		stages := make([]string, len(r.Stages))
		for i, stage := range r.Stages {
			stages[i] = fmt.Sprintf("%d of %s", stage.Seeds, stage.Profile)
		}
		fmt.Fprintf(out, "%d mutants, each against at most these seeds: %s\n", len(r.Results), strings.Join(stages, ", then "))
		return
	}
	var names []string
	killed := make(map[string]int)
	for i := range r.Trials {
		if name := r.Trials[i].Name; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, result := range r.with(Killed) {
		killed[result.Profile]++
	}
	fmt.Fprintf(out, "%d mutants, killed by", len(r.Results)-len(r.with(NotCompiled)))
	for i, name := range names {
		fmt.Fprintf(out, "%s %s: %d", []string{"", ","}[min(i, 1)], name, killed[name])
	}
	fmt.Fprintf(out, "; %d more are refused by the compiler or the server, so they are none\n", len(r.with(NotCompiled)))
}

func (r *Report) writeFigures(out *strings.Builder) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(format string, arguments ...any) { _, _ = fmt.Fprintf(table, format, arguments...) }
	row("operator\tmutants\tkilled\tequivalent\tsurvived\tran away\tunknown\tkilled of the others\t\n")
	for _, f := range r.Figures() {
		row("%s\t%d\t%d\t%d\t%d\t%d\t%d\t%.1f %%\t\n", f.Name, f.Mutants, f.Killed, f.Equivalent, f.Survived, f.RanAway, f.Unknown, f.Percent)
	}
	_ = table.Flush() // a strings.Builder takes everything
}

func writeResults(out *strings.Builder, title string, results []Result) {
	if len(results) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s\n", title)
	for _, result := range results {
		m := result.Mutant
		fmt.Fprintf(out, "\n  %s:%d  %s  %s\n    %s\n", m.File, m.Line, m.Function, m.Operator, m.Change())
		switch {
		case result.Fate == Survived && result.SameTrace:
			out.WriteString("    every step of every run was as without it\n")
		case result.By != "":
			fmt.Fprintf(out, "    %s: %s\n", result.Fate, result.By)
		}
	}
}

// resultJSON is a result as machines read it.
type resultJSON struct {
	ID        string `json:"id"`
	Scope     string `json:"scope"`
	File      string `json:"file"`
	Line      int    `json:"line"`
	Function  string `json:"function"`
	Operator  string `json:"operator"`
	Before    string `json:"before"`
	After     string `json:"after"`
	Fate      Fate   `json:"fate"`
	By        string `json:"by,omitempty"`
	Profile   string `json:"profile,omitempty"`
	Seed      uint64 `json:"seed,string,omitempty"`
	Seeds     uint64 `json:"seeds"`
	SameTrace bool   `json:"same_trace"`
	Reason    string `json:"reason,omitempty"` // for which it counts as equivalent
}

// WriteJSON writes the report as one JSON object.
func (r *Report) WriteJSON(w io.Writer) error {
	whole := struct {
		Properties string       `json:"properties"` // that were watched
		Figures    []Figure     `json:"figures"`
		Results    []resultJSON `json:"results"`
		Survivors  []string     `json:"survivors"`
		Mistaken   []string     `json:"mistaken"`
		Unmatched  []string     `json:"unmatched"`
	}{
		Properties: checker.Selection(r.Properties), Figures: r.Figures(), Results: []resultJSON{},
		Survivors: ids(r.Survivors), Mistaken: ids(r.Mistaken), Unmatched: []string{},
	}
	for _, entry := range r.Unmatched {
		whole.Unmatched = append(whole.Unmatched, entry.ID)
	}
	for _, result := range r.Results {
		m := result.Mutant
		whole.Results = append(whole.Results, resultJSON{
			ID: m.ID(), Scope: m.Scope, File: m.File, Line: m.Line, Function: m.Function, Operator: m.Operator,
			Before: m.Before, After: m.After, Fate: result.Fate, By: result.By, Profile: result.Profile,
			Seed: result.Seed, Seeds: result.Seeds, SameTrace: result.SameTrace, Reason: r.reasons[m.ID()],
		})
	}
	return json.NewEncoder(w).Encode(whole)
}

func ids(results []Result) []string {
	names := []string{}
	for _, result := range results {
		names = append(names, result.Mutant.ID())
	}
	return names
}
