package checker

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/PROPERTIES.md anew")

// The catalogue in docs is what the code says.
func TestCatalogueIsCurrent(t *testing.T) {
	path := filepath.Join("..", "docs", "PROPERTIES.md")
	want := catalogue()
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the properties and goals are; make docs writes it anew", path)
	}
}

// catalogue returns all properties and coverage goals as Markdown.
func catalogue() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `# Properties

<!-- Written by make docs from the declarations in checker/property_*.go and checker/goals.go. -->

A property is a sentence about every run. A run that contradicts one has failed. There are %d, in %d subjects:

`, len(Properties()), len(subjects))
	for _, s := range subjects {
		fmt.Fprintf(&b, "- [%s](#%s): %s\n", s.name, strings.ToLower(s.name), s.sentence)
	}
	fmt.Fprintf(&b, `- [Coverage goals](#coverage-goals): %d rare situations that a campaign must have reached for its verdict to mean something.

Each property belongs to a layer, which is also what --properties takes:

- **outcome**: a user of the system notices when it does not hold.
- **protocol**: what the parts of the system owe each other. While another part makes up for it, no user notices, so
  each part is watched by itself.

*Source* names sections of [the design](DESIGN.md), or types of package engine. *Not* says what looks like a violation
and is right.

`, GoalCount)
	for _, s := range subjects {
		fmt.Fprintf(&b, "## %s\n\n%s\n\n", s.name, s.sentence)
		for _, p := range s.properties {
			fmt.Fprintf(&b, "### %s\n\n%s\n\n", p.ID, p.Sentence)
			fmt.Fprintf(&b, "- *Layer*: %s\n- *Source*: %s\n- *Not*: %s\n\n", p.Class, p.Source, p.NotMistakenFor)
		}
	}
	b.WriteString("## Coverage goals\n\n| goal | situation |\n| --- | --- |\n")
	for _, g := range Goals() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", g, g.Sentence())
	}
	return b.Bytes()
}
