package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/cmd/onceover/internal/bugs"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/faults"
)

// A known is something with an identifier that commands print or take.
type known struct {
	kind     string // such as property
	id       string
	sentence string
	facts    [][2]string // further names and texts
}

// String returns it for people.
func (k *known) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s %s\n\n%s\n", k.kind, k.id, text.Wrap(k.sentence, 2, helpWidth))
	for _, fact := range k.facts {
		if fact[1] != "" {
			fmt.Fprintf(&out, "\n%s:\n%s\n", fact[0], text.Wrap(fact[1], 2, helpWidth))
		}
	}
	return out.String()
}

// A kindOfKnown is what onceover list takes.
type kindOfKnown struct {
	plural, singular string
	list             func() ([]known, error)
}

// kindsOfKnown returns all kinds, in the order in which an identifier is looked for.
func kindsOfKnown(catalogue func() (*bugs.Catalogue, error)) []kindOfKnown {
	return []kindOfKnown{
		{"properties", "property", knownProperties},
		{"faults", "fault", knownFaults},
		{"goals", "goal", knownGoals},
		{"profiles", "profile", knownProfiles},
		{"bugs", "bug", func() ([]known, error) { return knownBugs(catalogue) }},
	}
}

func knownProperties() (list []known, _ error) {
	for _, p := range checker.Properties() {
		list = append(list, known{id: p.ID, sentence: p.Sentence, facts: [][2]string{
			{"Class and subject", p.Class.String() + ", " + p.Subject}, {"Follows from", p.Source}, {"Must not be mistaken for it", p.NotMistakenFor},
		}})
	}
	return list, nil
}

func knownFaults() (list []known, _ error) {
	for _, entry := range faults.Catalogue() {
		var in []string
		for _, profile := range faults.Profiles() {
			if profile.Intensities[entry.Kind].Probability > 0 {
				in = append(in, profile.Name)
			}
		}
		list = append(list, known{id: entry.Kind.String(), sentence: entry.Sentence, facts: [][2]string{
			{"It may cause", entry.May}, {"It never does", entry.MayNot}, {"Where", entry.Point}, {"In profiles", strings.Join(in, ", ")},
		}})
	}
	return list, nil
}

func knownGoals() (list []known, _ error) {
	for _, goal := range checker.Goals() {
		list = append(list, known{id: goal.String(), sentence: goal.Sentence()})
	}
	return list, nil
}

func knownProfiles() (list []known, _ error) {
	for _, profile := range faults.Profiles() {
		var kinds []string
		for _, entry := range faults.Catalogue() {
			if profile.Intensities[entry.Kind].Probability > 0 {
				kinds = append(kinds, entry.Kind.String())
			}
		}
		list = append(list, known{id: profile.Name, sentence: profile.Sentence, facts: [][2]string{{"Faults", strings.Join(kinds, ", ")}}})
	}
	return list, nil
}

func knownBugs(catalogue func() (*bugs.Catalogue, error)) (list []known, err error) {
	all, err := catalogue()
	if err != nil {
		return nil, err
	}
	for _, b := range all.Bugs {
		list = append(list, known{id: b.ID, sentence: b.Title, facts: [][2]string{
			{"What the pull request claims", b.Seed}, {"Why it is wrong", b.Wrong}, {"Found by", b.Expected},
		}})
	}
	return list, nil
}

func newExplainCommand(a *app) *cobra.Command {
	kinds := kindsOfKnown(a.catalogue)
	return &cobra.Command{
		Use:   "explain ID",
		Short: "Explain a property, a fault, a coverage goal, a profile or a bug",
		Long: `Explain what an identifier stands for that a command has printed: a property, a fault, a
coverage goal, a profile or a bug. One that is several of these is explained as each.`,
		Example: "  onceover explain runs-once\n  onceover explain process.crash\n  onceover explain storm",
		Args: func(command *cobra.Command, arguments []string) error {
			if len(arguments) != 1 {
				return fmt.Errorf("%s takes one identifier, but was given %d; see '%[1]s --help'", command.CommandPath(), len(arguments))
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var ids []string
			for _, kind := range kinds {
				list, _ := kind.list() // what cannot be read is not completed
				for i := range list {
					ids = append(ids, list[i].id+"\t"+kind.singular)
				}
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, arguments []string) error { return a.explain(kinds, arguments[0]) },
	}
}

// explain prints all that has an identifier.
func (a *app) explain(kinds []kindOfKnown, id string) error {
	var found, ids []string
	for _, kind := range kinds {
		list, err := kind.list()
		if err != nil {
			return err
		}
		for i := range list {
			ids = append(ids, list[i].id)
			if list[i].id == id {
				list[i].kind = kind.singular
				found = append(found, list[i].String())
			}
		}
	}
	if len(found) == 0 {
		err := fmt.Errorf("%q is no property, fault, goal, profile or bug; 'onceover list' lists them", id)
		return guess(err, id, ids)
	}
	_, err := io.WriteString(a.stdout, a.stdout.Fit(strings.Join(found, "\n")))
	return err
}

func newListCommand(a *app) *cobra.Command {
	kinds := kindsOfKnown(a.catalogue)
	var plurals []string
	for _, kind := range kinds {
		plurals = append(plurals, kind.plural)
	}
	return &cobra.Command{
		Use:   "list " + strings.Join(plurals, "|"),
		Short: "List all properties, faults, coverage goals, profiles or bugs",
		Long: `List all properties, faults, coverage goals, profiles or bugs, each with a sentence on a
line of its own. 'onceover explain ID' has more about one of them.`,
		Example:   "  onceover list faults\n  onceover list bugs",
		ValidArgs: plurals,
		Args: func(command *cobra.Command, arguments []string) error {
			if len(arguments) != 1 {
				return fmt.Errorf("%s takes one of %s", command.CommandPath(), strings.Join(plurals, ", "))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, arguments []string) error {
			for _, kind := range kinds {
				if kind.plural == arguments[0] {
					return a.list(kind)
				}
			}
			return guess(fmt.Errorf("no list of %q: allowed are %s", arguments[0], strings.Join(plurals, ", ")), arguments[0], plurals)
		},
	}
}

// list prints a line for each of a kind.
func (a *app) list(kind kindOfKnown) error {
	list, err := kind.list()
	if err != nil {
		return err
	}
	rows := make([][]string, 0, len(list))
	for i := range list {
		rows = append(rows, []string{list[i].id, list[i].sentence})
	}
	_, err = io.WriteString(a.stdout, a.stdout.Fit(strings.Join(text.Align(rows), "\n")+"\n"))
	return err
}
