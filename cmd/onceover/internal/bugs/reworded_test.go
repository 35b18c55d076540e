package bugs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
)

// rewordedPackages are those in which sentences are made: reasons, errors, messages of violations, definitions of
// properties, lines of traces.
var rewordedPackages = []string{
	"engine", "engine/httpapi", "checker", "checker/model", "faults", "sim/kernel", "sim/run", "sim/world", "sim/explain", "sim/campaign",
}

// prose is what makes a literal prose: two words with a space between.
var prose = regexp.MustCompile(`[A-Za-z,]{2} [A-Za-z%]`)

// identifiers are literals that have a space and name something: the actors that decide for clients.
var identifiers = []string{"client of ", "second user of "}

// TestSentencesDecideNothing builds the command with every sentence of the engine, the checker and the simulator reworded,
// and compares it with the command as it is: no trace hash and no signature changes, with the engine as it is and with
// a bug in it. So rewording a sentence changes what people read, and nothing else.
// Among the seeds are some whose calls go over HTTP, where sentences are in the bodies.
func TestSentencesDecideNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds four programs")
	}
	tree, err := overlay.Find(".")
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", "dispatch-before-claim+era"} {
		t.Run(id, func(t *testing.T) {
			edits := overlay.Edits{}
			var watched []string
			if id != "" {
				bug := find(t, catalogue, id)
				if edits, err = bug.Edits(tree); err != nil {
					t.Fatal(err)
				}
				watched = bug.Watched
			}
			changed := reword(t, tree, edits)
			if len(changed) < 60 {
				t.Fatalf("only %d files have a sentence in them", len(changed))
			}
			want, got := outcomes(t, tree, edits, watched), outcomes(t, tree, changed, watched)
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("with other words %s, want %s", got[i], want[i])
				}
			}
			if id != "" && len(want) < 3 {
				t.Errorf("no failure to compare the signature of: %v", want)
			}
		})
	}
}

// outcomes returns what campaigns of a program come to: trace hashes, and the signatures of failures.
func outcomes(t *testing.T, tree overlay.Tree, edits overlay.Edits, watched []string) (list []string) {
	t.Helper()
	p, err := runner.Build(t.Context(), tree, edits)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, profile := range []string{"default", "storm"} {
		summary, err := p.Run(t.Context(), runner.Campaign{From: 1, Seeds: 80, Profile: profile, Properties: watched, Parallel: 1})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, profile+": trace hash "+summary.TraceHash)
		for _, failure := range summary.Failures {
			list = append(list, profile+": seed "+strconv.FormatUint(failure.Seed, 10)+": "+failure.Signature)
		}
	}
	return list
}

// reword returns edits in which every sentence has other words, and another length.
func reword(t *testing.T, tree overlay.Tree, edits overlay.Edits) overlay.Edits {
	t.Helper()
	changed := maps.Clone(edits)
	for _, directory := range rewordedPackages {
		files, err := filepath.Glob(filepath.Join(tree.Root(), filepath.FromSlash(directory), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			path := directory + "/" + filepath.Base(file)
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			source, edited := edits[path]
			if !edited {
				content, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				source = string(content)
			}
			if reworded := rewordFile(t, path, source); reworded != source {
				changed[path] = reworded
			}
		}
	}
	return changed
}

// rewordFile rewords the literals of a file that are prose.
func rewordFile(t *testing.T, path, source string) string {
	t.Helper()
	positions := token.NewFileSet()
	file, err := parser.ParseFile(positions, path, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	type edit struct {
		from, to int
		text     string
	}
	var edits []edit
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.ImportSpec, *ast.Comment:
			return false
		case *ast.Field:
			node.Tag = nil
		case *ast.BasicLit:
			if node.Kind != token.STRING || node.Value[0] != '"' {
				return true
			}
			text, err := strconv.Unquote(node.Value)
			if err != nil || !prose.MatchString(text) || slices.Contains(identifiers, text) {
				return true
			}
			edits = append(edits, edit{
				positions.Position(node.Pos()).Offset, positions.Position(node.End()).Offset, strconv.Quote("In other words, " + text + "; so much for that"),
			})
		}
		return true
	})
	for i := len(edits) - 1; i >= 0; i-- {
		source = source[:edits[i].from] + edits[i].text + source[edits[i].to:]
	}
	return source
}

// find returns a bug of the catalogue.
func find(t *testing.T, catalogue *Catalogue, id string) *Bug {
	t.Helper()
	for i := range catalogue.Bugs {
		if catalogue.Bugs[i].ID == id {
			return catalogue.Bugs[i]
		}
	}
	t.Fatalf("there is no bug %s", id)
	return nil
}
