package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/faults"
)

// helpWidth is how wide help is, for a terminal of the usual size.
const helpWidth = 88

// helpTopics returns what stands in the help once, because several commands refer to it.
func helpTopics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "profiles", Short: "Which faults may be injected: --profile", Long: profilesHelp()},
		{Use: "properties", Short: "What is checked: --properties", Long: propertiesHelp()},
		{Use: "stores", Short: "What executes the statements: --store and --database-url", Long: storesHelp},
		{Use: "exit-codes", Short: "What the exit code means", Long: exitCodesHelp},
	}
}

const exitCodesHelp = `Commands exit with the worst of these:

  0  pass: every property held in every run
  1  violated: a property does not hold, or what the command compares differs
  2  wrong usage or setup: one line on standard error names what is allowed
  3  unknown: a check gave up, or the command was interrupted before it had a verdict
  4  not deterministic: the same seed ran differently, so no other verdict counts

Ctrl-C and SIGTERM end a command early. It prints a summary of what was done. The verdict
is violated if it found a violation, and unknown otherwise: never a pass. So is that of a
campaign in which no seed was finished. A second Ctrl-C ends the command at once.`

const storesHelp = `A store executes the statements of the simulated app and the entries of the journal.

  model     the model of the store, in memory; the default
  postgres  a real server, through the code that production uses

With --store postgres every statement runs on the server at the moment of virtual time
at which it takes effect, and its answer drives the run. That run must be the one on
the model: every answer, the rows that are stored at the end, and the trace hash. The
first difference is a violation of store-as-model. If the connection to the server is
lost, the verdict is unknown.

The server is the first of these that there is:

  1. the server of --database-url, as postgres://user:password@host:port/database
  2. the server of ONCEOVER_DATABASE_URL
  3. a container, with Docker
  4. one started from installed binaries

Databases with names that begin with onceover_ are created there and dropped at the
end. What a run that was killed has left there is dropped by the next run, and by
'onceover clean'. The database of the URL is not touched, and needs no schema.`

// profilesHelp lists the profiles with their sentences.
func profilesHelp() string {
	var out strings.Builder
	out.WriteString("A profile decides which kinds of faults a run may have, and how often. The seed decides\nwhich of them it has.\n\n")
	for _, profile := range faults.Profiles() {
		fmt.Fprintf(&out, "  %-12s %s\n", profile.Name, profile.Sentence)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// propertiesHelp lists the properties with their sentences, by layer and subject.
func propertiesHelp() string {
	var out strings.Builder
	out.WriteString(`Properties are what must hold in every run. Select some of them with --properties:

  all                 every property, which is the default
  outcome             those that a user of the system would notice
  protocol            those that one layer of the system relies on in another
  runs-once,no-stuck  identifiers with commas between them
`)
	for _, class := range []checker.Class{checker.Outcome, checker.Protocol} {
		fmt.Fprintf(&out, "\n%s:\n", class)
		subject := ""
		for _, property := range checker.Properties() {
			if property.Class != class {
				continue
			}
			if property.Subject != subject {
				subject = property.Subject
				fmt.Fprintf(&out, "\n  %s\n", subject)
			}
			fmt.Fprintf(&out, "    %s\n%s\n", property.ID, text.Wrap(property.Sentence, 8, helpWidth))
		}
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// helpTemplate is that of cobra, with topics and without what this program does not use.
const helpTemplate = `{{.Long | trimTrailingWhitespaces}}
{{if .Runnable}}
{{.UsageString}}{{end}}`

const usageTemplate = `Usage:{{if .Runnable}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} COMMAND{{end}}{{if .HasExample}}

Examples:
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}

Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{wrappedFlags .LocalFlags}}{{end}}{{if .HasHelpSubCommands}}

Topics, for 'onceover help TOPIC':{{range .Commands}}{{if .IsAdditionalHelpTopicCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}
`

// setHelp gives all commands their help: one form, topics that stand once, and defaults of words in quotes.
func setHelp(root *cobra.Command) {
	cobra.AddTemplateFunc("wrappedFlags", func(flags *pflag.FlagSet) string {
		return strings.TrimRight(flags.FlagUsagesWrapped(helpWidth), " \n")
	})
	root.AddCommand(helpTopics()...)
	root.SetHelpTemplate(helpTemplate)
	root.SetUsageTemplate(usageTemplate)
	root.SetHelpCommand(&cobra.Command{
		Use:   "help [COMMAND|TOPIC]",
		Short: "Show the help of a command or a topic",
		Long:  "Show the help of a command, as its flag --help does, or of a topic.",
		Example: `  onceover help run
  onceover help profiles`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return append(commandNames(root), topicNames(root)...), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, arguments []string) error {
			command, rest, err := root.Find(arguments)
			if err != nil || len(rest) > 0 {
				return fmt.Errorf("no help on %q: commands are %s; topics are %s", strings.Join(arguments, " "),
					strings.Join(commandNames(root), ", "), strings.Join(topicNames(root), ", "))
			}
			return command.Help()
		},
	})
	root.InitDefaultHelpCmd() // now, so that it has the flags of all others
	root.Flags().BoolP("version", "v", false, "show the version")
	for _, command := range allCommands(root) {
		command.Flags().BoolP("help", "h", false, "show this help")
		command.LocalNonPersistentFlags().VisitAll(quoteDefault)
	}
}

// wordTypes are the types of flags that are words, as their Type method returns them. Package pflag quotes the defaults of
// its own strings only.
var wordTypes = []string{"NAME", "LIST", "DIR", "STORE", "SCOPE", "MIX"}

// quoteDefault makes help show the default of a flag as (default "calm").
func quoteDefault(flag *pflag.Flag) {
	if slices.Contains(wordTypes, flag.Value.Type()) && flag.DefValue != "" {
		flag.DefValue = strconv.Quote(flag.DefValue)
	}
}

// allCommands returns a command and all below it.
func allCommands(command *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{command}
	for _, below := range command.Commands() {
		all = append(all, allCommands(below)...)
	}
	return all
}

// commandNames returns the names of the commands that help lists.
func commandNames(root *cobra.Command) []string {
	var names []string
	for _, command := range root.Commands() {
		if command.IsAvailableCommand() {
			names = append(names, command.Name())
		}
	}
	return names
}

// topicNames returns the names of the topics.
func topicNames(root *cobra.Command) []string {
	var names []string
	for _, command := range root.Commands() {
		if command.IsAdditionalHelpTopicCommand() {
			names = append(names, command.Name())
		}
	}
	return names
}
