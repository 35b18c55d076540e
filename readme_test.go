package onceover_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A block is a fenced block of the README with the comment before it, which says where it comes from.
type block struct {
	kind, of string // such as output, and the command
	lines    []string
	line     int
}

// blocks returns the blocks that say where they come from: "<!-- kind: of -->", directly before the fence or table.
func blocks(t *testing.T, text string) (list []block) {
	t.Helper()
	comment := regexp.MustCompile(`^<!-- (output|code|table): (.+) -->$`)
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		found := comment.FindStringSubmatch(lines[i])
		if found == nil {
			continue
		}
		b := block{kind: found[1], of: found[2], line: i + 1}
		ends := func(line string) bool { return line == "" }
		if i++; strings.HasPrefix(lines[i], "```") {
			i++
			ends = func(line string) bool { return line == "```" }
		}
		for ; i < len(lines) && !ends(lines[i]); i++ {
			b.lines = append(b.lines, lines[i])
		}
		list = append(list, b)
	}
	if len(list) == 0 {
		t.Fatal("the README has no block that says where it comes from")
	}
	return list
}

// TestReadme compares the README with what it shows: output with that of the commands, code with the source that is
// compiled, the table of bugs with the figures that were accepted.
func TestReadme(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs 10,000 seeds and builds a program with a bug")
	}
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(text), "\n"); lines > 200 {
		t.Errorf("the README has %d lines; 200 are what a reader takes", lines)
	}
	for _, b := range blocks(t, string(text)) {
		t.Run(fmt.Sprintf("line %d", b.line), func(t *testing.T) {
			switch b.kind {
			case "output":
				b.compareOutput(t)
			case "code":
				b.compareCode(t)
			default:
				b.compareTable(t)
			}
		})
	}
}

// compareOutput runs the command of a block. Each line of the block has to come in this order; "…" stands for any others.
func (b *block) compareOutput(t *testing.T) {
	arguments := strings.Fields(b.of)
	if arguments[0] != "onceover" {
		t.Fatalf("%q is no command of onceover", b.of)
	}
	arguments = append([]string{"run", "./cmd/onceover"}, arguments[1:]...)
	out := t.TempDir()
	if strings.Contains(b.of, "--minimise") {
		out = filepath.Join(out, "min.json")
	}
	output, _ := exec.CommandContext(t.Context(), "go", append(arguments, "--out", out)...).CombinedOutput() // of a violation, the exit code is 1
	printed := strings.Split(string(output), "\n")
	at := 0
	for _, want := range b.lines {
		if strings.TrimSpace(want) == "…" {
			continue
		}
		for ; at < len(printed) && strings.TrimSpace(printed[at]) != strings.TrimSpace(want); at++ {
		}
		if at == len(printed) {
			t.Fatalf("%s does not print, after what is before it:\n%s\nIt prints:\n%s", b.of, want, output)
		}
		at++
	}
}

// compareCode looks for the lines of a block in a source file, where they may be indented.
func (b *block) compareCode(t *testing.T) {
	source, err := os.ReadFile(b.of)
	if err != nil {
		t.Fatal(err)
	}
	trim := func(lines []string) string {
		var out []string
		for _, line := range lines {
			out = append(out, strings.TrimSpace(line))
		}
		return strings.Join(out, "\n")
	}
	if !strings.Contains(trim(strings.Split(string(source), "\n")), trim(b.lines)) {
		t.Errorf("%s does not have, line by line:\n%s", b.of, strings.Join(b.lines, "\n"))
	}
}

// compareTable compares the medians of a table of bugs with a baseline.
func (b *block) compareTable(t *testing.T) {
	content, err := os.ReadFile(b.of)
	if err != nil {
		t.Fatal(err)
	}
	var baseline struct {
		Medians map[string]float64 `json:"seeds_median"`
	}
	if err := json.Unmarshal(content, &baseline); err != nil {
		t.Fatal(err)
	}
	for _, row := range b.lines[2:] {
		cells := strings.Split(strings.Trim(row, "|"), "|")
		id, median := strings.Trim(cells[0], " `"), strings.TrimSpace(cells[len(cells)-1])
		if want, known := baseline.Medians[id]; !known || fmt.Sprint(want) != median {
			t.Errorf("%s: the README has a median of %s, %s has %v", id, median, b.of, want)
		}
	}
}
