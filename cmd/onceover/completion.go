package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/cmd/onceover/internal/bugs"
	"github.com/onceover/onceover/cmd/onceover/internal/mutants"
	"github.com/onceover/onceover/cmd/onceover/internal/store"
	"github.com/onceover/onceover/faults"
)

// shells are what completion scripts can be written for.
var shells = []struct {
	name     string
	generate func(root *cobra.Command, out io.Writer) error
	use      string // how a user turns it on
}{
	{"bash", func(c *cobra.Command, w io.Writer) error { return c.GenBashCompletionV2(w, true) }, "source <(onceover completion bash)"},
	{"zsh", func(c *cobra.Command, w io.Writer) error { return c.GenZshCompletion(w) }, "source <(onceover completion zsh)"},
	{"fish", func(c *cobra.Command, w io.Writer) error { return c.GenFishCompletion(w, true) }, "onceover completion fish | source"},
	{"powershell", func(c *cobra.Command, w io.Writer) error { return c.GenPowerShellCompletionWithDesc(w) }, "onceover completion powershell | Out-String | Invoke-Expression"},
}

// setCompletion adds the command that prints completion scripts, and the values that flags complete to.
func setCompletion(root *cobra.Command, catalogue func() (*bugs.Catalogue, error)) {
	var names, examples []string
	for _, shell := range shells {
		names = append(names, shell.name)
		examples = append(examples, "  "+shell.use)
	}
	root.AddCommand(&cobra.Command{
		Use:   "completion " + strings.Join(names, "|"),
		Short: "Print a script that completes commands and flags in a shell",
		Long: `Print a script with which a shell completes commands, flags and their values. The
examples turn it on for one session; to keep it, put the line into the start-up file of
the shell.`,
		Example:   strings.Join(examples, "\n"),
		ValidArgs: names,
		Args: func(command *cobra.Command, arguments []string) error {
			if len(arguments) != 1 {
				return fmt.Errorf("%s takes the name of one shell: %s", command.CommandPath(), strings.Join(names, ", "))
			}
			return nil
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			for _, shell := range shells {
				if shell.name == arguments[0] {
					return shell.generate(root, command.OutOrStdout())
				}
			}
			return fmt.Errorf("no completion for %q: allowed are %s", arguments[0], strings.Join(names, ", "))
		},
	})
	complete := func(name string, values cobra.CompletionFunc) {
		for _, command := range allCommands(root) {
			if command.Flags().Lookup(name) == nil {
				continue
			}
			if err := command.RegisterFlagCompletionFunc(name, values); err != nil {
				panic(err) // a second time for the same flag: a mistake in this function
			}
		}
	}
	for name, list := range flagValues() {
		if name == "properties" || name == "profiles" {
			complete(name, completeLists(list))
			continue
		}
		complete(name, cobra.FixedCompletions(list, cobra.ShellCompDirectiveNoFileComp))
	}
	complete(bugFlag, func(command *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		ids, _ := completeBugs(catalogue)(command, nil, begun)
		return ids, cobra.ShellCompDirectiveDefault // or the path of a patch
	})
}

// completeLists completes the last value of a list with commas, with those that are not in it yet.
func completeLists(values []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		before := begun[:strings.LastIndexByte(begun, ',')+1]
		given := strings.Split(before, ",")
		var left []string
		for _, value := range values {
			if name, _, _ := strings.Cut(value, "\t"); !slices.Contains(given, name) {
				left = append(left, before+value)
			}
		}
		return left, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// flagValues returns the values that flags complete to, by the name of the flag. What follows a tab describes the value.
func flagValues() map[string][]string {
	values := map[string][]string{
		"store":      {store.ModelName, store.PostgresName},
		"scope":      {scopeCore, scopeOutside},
		"properties": {"all", checker.Outcome.String(), checker.Protocol.String()},
	}
	for _, profile := range faults.Profiles() {
		values["profile"] = append(values["profile"], profile.Name+"\t"+profile.Sentence)
	}
	values["profiles"] = values["profile"]
	for _, property := range checker.Properties() {
		values["properties"] = append(values["properties"], property.ID+"\t"+property.Sentence)
	}
	for _, scope := range mutants.AllScopes() {
		values["scope"] = append(values["scope"], scope.Name+"\t"+scope.Sentence)
	}
	return values
}

// completeBugs completes the identifiers of bugs that are not on the line yet.
func completeBugs(load func() (*bugs.Catalogue, error)) cobra.CompletionFunc {
	return func(_ *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
		catalogue, err := load()
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var ids []string
		for _, bug := range catalogue.Bugs {
			if !slices.Contains(given, bug.ID) {
				ids = append(ids, bug.ID+"\t"+bug.Title)
			}
		}
		return ids, cobra.ShellCompDirectiveNoFileComp
	}
}
