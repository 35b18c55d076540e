package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/cmd/onceover/internal/house"
	_ "github.com/onceover/onceover/sim" // for the flags that it adds to go test
)

// TestDocumentsNameCommandsThatExist looks at the commands and flags in documents, in the scripts of the project, and in the
// help itself.
func TestDocumentsNameCommandsThatExist(t *testing.T) {
	root := newRootCommand(standard())
	for _, name := range []string{"README.md", "CHANGELOG.md", "cmd/onceover/internal/bugs/catalogue/README.md"} {
		text, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range house.Code(string(text)) {
			for _, wrong := range checkCode(root, line) {
				t.Errorf("%s: %s", name, wrong)
			}
		}
	}
	for _, name := range []string{"Makefile", ".ci/run", ".github/workflows/ci.yml", ".github/workflows/nightly.yml"} {
		text, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", "")) {
			if strings.Contains(line, "go run ./cmd/onceover") || strings.Contains(line, "$(GO) run ./cmd/onceover") {
				for _, wrong := range checkCode(root, line) {
					t.Errorf("%s: %s", name, wrong)
				}
			}
		}
	}
	for _, command := range allCommands(root) {
		for line := range strings.Lines(command.Example) {
			for _, wrong := range checkCode(root, line) {
				t.Errorf("onceover %s --help: %s", command.Name(), wrong)
			}
		}
	}
}

func TestCheckCode(t *testing.T) {
	root := newRootCommand(standard())
	for code, want := range map[string]int{
		"onceover run --seeds 5 --fail-fast   # which shows --everything": 0,
		"go run ./cmd/onceover replay 17 --minimise":                      0,
		"$(GO) run ./cmd/onceover nightly merge out/* --known x":          0,
		"onceover: 10,000 seeds from 1, profile default":                  0,
		"onceover --version":                          0,
		"--seeds N":                                   0,
		"-sim.seeds":                                  0,
		"go test -sim.seed=17 ./...":                  0,
		"diff --git a b":                              0,
		"github.com/onceover/onceover/engine":         0,
		"onceover missing":                            1,
		"onceover run --missing --seeds 5":            1,
		"onceover bugs --from 1; onceover replay --x": 2,
		"--missing":                                   1,
		"go test -sim.missing=17":                     1,
		"$(GO) run ./cmd/onceover mutant $x":          1,
	} {
		if wrong := checkCode(root, code); len(wrong) != want {
			t.Errorf("%s: found %q, want %d", code, wrong, want)
		}
	}
}

var (
	invocation = regexp.MustCompile(`(?:^|[\s;|&(@])(?:\S+ run \./cmd/)?onceover((?: [^\s;|&#]+)+)`)
	ownFlag    = regexp.MustCompile(`^--([a-z][a-z-]*)`)
	testFlag   = regexp.MustCompile(`(?:^|\s)-(sim\.[a-z]+)`)
)

// checkCode returns what is wrong with the invocations of onceover in a line of code, and with a flag at its beginning.
func checkCode(root *cobra.Command, code string) []string {
	var wrong []string
	for _, match := range invocation.FindAllStringSubmatch(code, -1) {
		arguments := strings.Fields(match[1])
		command, rest, err := root.Find(arguments)
		if err != nil || command == root && !strings.HasPrefix(arguments[0], "-") {
			wrong = append(wrong, fmt.Sprintf("onceover%s: no such command", match[1]))
			continue
		}
		for _, argument := range rest {
			if name := ownFlag.FindStringSubmatch(argument); name != nil && !hasFlag(command, name[1]) {
				wrong = append(wrong, fmt.Sprintf("onceover%s: no flag --%s", match[1], name[1]))
			}
		}
	}
	if name := ownFlag.FindStringSubmatch(code); name != nil {
		if !slices.ContainsFunc(allCommands(root), func(c *cobra.Command) bool { return hasFlag(c, name[1]) }) {
			wrong = append(wrong, "no command has the flag --"+name[1])
		}
	}
	for _, match := range testFlag.FindAllStringSubmatch(code, -1) {
		if flag.Lookup(match[1]) == nil {
			wrong = append(wrong, "go test has no flag -"+match[1])
		}
	}
	return wrong
}

// hasFlag reports whether a command takes a flag.
func hasFlag(command *cobra.Command, name string) bool {
	command.InitDefaultHelpFlag()
	command.InitDefaultVersionFlag()
	return command.Flag(name) != nil
}
