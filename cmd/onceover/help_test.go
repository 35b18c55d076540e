package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/faults"
)

// avoided are words that help does without: they are not what the field says, or they make two ideas of one sentence.
var avoided = regexp.MustCompile(`(?i)\b(tells?|told|says?|said|whoever|whatever|whichever|whose|gets? over)\b`)

// TestHelpIsOfOneForm looks at the help of every command and topic.
func TestHelpIsOfOneForm(t *testing.T) {
	for _, command := range allCommands(newRootCommand(standard())) {
		path := command.CommandPath()
		if first, _ := utf8.DecodeRuneInString(command.Short); !unicode.IsUpper(first) || strings.HasSuffix(command.Short, ".") {
			t.Errorf("%s: %q: a capital letter begins it, and no full stop ends it", path, command.Short)
		}
		if command.Long == "" || command.Runnable() && command.Example == "" {
			t.Errorf("%s has no description, or no example", path)
		}
		shown := command.Short + "\n" + command.Long + "\n" + command.Example
		for line := range strings.Lines(command.Long) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > helpWidth+2 {
				t.Errorf("%s: %d columns: %q", path, n, line)
			}
		}
		command.LocalFlags().VisitAll(func(flag *pflag.Flag) {
			if flag.Hidden {
				return
			}
			name, usage := pflag.UnquoteUsage(flag)
			shown += "\n" + usage
			if first, _ := utf8.DecodeRuneInString(usage); !unicode.IsLower(first) || strings.HasSuffix(usage, ".") {
				t.Errorf("%s --%s: %q: a small letter begins it, and no full stop ends it", path, flag.Name, usage)
			}
			if flag.Value.Type() != "bool" && strings.ToUpper(name) != name {
				t.Errorf("%s --%s takes a %q: give it a name in capital letters, such as `FILE`", path, flag.Name, name)
			}
		})
		if command.Name() == "properties" {
			shown = "" // the checker's own sentences
		}
		if found := avoided.FindString(shown); found != "" {
			t.Errorf("%s: its help has %q: use a plainer word", path, found)
		}
	}
}

// TestTopicsAreComplete shows that what stands in a topic is all that a flag accepts.
func TestTopicsAreComplete(t *testing.T) {
	root := newRootCommand(standard())
	topic := func(name string) string {
		command, _, err := root.Find([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		return command.Long
	}
	profiles, properties := topic("profiles"), topic("properties")
	for _, profile := range faults.Profiles() {
		if !strings.Contains(profiles, "\n  "+profile.Name+" ") || !strings.Contains(profiles, profile.Sentence) {
			t.Errorf("profile %s is missing in\n%s", profile.Name, profiles)
		}
	}
	flat := strings.Join(strings.Fields(properties), " ")
	for _, property := range checker.Properties() {
		if !strings.Contains(flat, property.ID+" "+strings.Join(strings.Fields(property.Sentence), " ")) {
			t.Errorf("property %s is missing, or has another sentence", property.ID)
		}
		if strings.Count(properties, "\n    "+property.ID+"\n") != 1 {
			t.Errorf("property %s does not stand once", property.ID)
		}
	}
	for _, command := range allCommands(root) {
		for _, name := range []string{"profiles", "properties", "stores"} {
			first, _, _ := strings.Cut(topic(name), "\n")
			if command.Name() != name && strings.Contains(command.Long, first) {
				t.Errorf("%s repeats the topic %s", command.CommandPath(), name)
			}
		}
	}
}

// TestEveryCommandIsTested shows that no command is without a script that asks for its help.
func TestEveryCommandIsTested(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("testdata", "help.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	script := string(content)
	for _, command := range allCommands(newRootCommand(standard())) {
		if !command.IsAvailableCommand() && !command.IsAdditionalHelpTopicCommand() || command.Hidden {
			continue
		}
		path, below := strings.CutPrefix(command.CommandPath(), "onceover ")
		if below && !strings.Contains(script, "exec onceover help "+path+"\n") {
			t.Errorf("testdata/help.txtar does not ask for the help of %s", command.CommandPath())
		}
	}
}

// TestRefusedValuesNameWhatIsAllowed gives every flag that takes a value one that is wrong.
func TestRefusedValuesNameWhatIsAllowed(t *testing.T) {
	for _, command := range allCommands(newRootCommand(standard())) {
		command.LocalFlags().VisitAll(func(flag *pflag.Flag) {
			if flag.Value.Type() == "bool" || flag.Value.Type() == "string" {
				return
			}
			err := flag.Value.Set("(")
			if flag.Name == "out" {
				err = flag.Value.Set("")
			}
			if err == nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s --%s: a wrong value gives the error %v", command.CommandPath(), flag.Name, err)
			}
		})
	}
}
