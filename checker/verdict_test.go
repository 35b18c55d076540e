package checker

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestVerdicts lists what each property says in each of its causes, about the bad histories of this package, so that the
// sentences can be read in one go. They are for people, and their form is checked.
func TestVerdicts(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("# What the bad histories of the properties' tests are said to be. go test ./checker -run TestVerdicts -update writes it.\n")
	shown := map[string]bool{string(causeNone): true, string(causeGaveUp): true} // they are no violations
	for p := range properties() {
		for _, c := range propertyCases {
			if c.property != p.ID {
				continue
			}
			v, _ := played(t, c.bad, c.watched()...)
			if v == nil {
				t.Fatalf("the bad history of %s (%s) passes", c.property, c.cause)
			}
			checkForm(t, v)
			cause, _, _ := strings.Cut(string(v.Cause), "/")
			shown[cause] = true
			fmt.Fprintf(&b, "\n%s: %s\n  %s\n", p.ID, v.Cause, v.Message)
			if v.Detail != "" {
				fmt.Fprintf(&b, "  + %s\n", v.Detail)
			}
		}
	}
	for _, c := range linearizableCases {
		r := newRecording()
		c.write(r)
		for _, view := range []View{Client, Oracle} {
			judgement := r.history.Check(view, 0)
			v := judgement.Violation()
			if v == nil {
				continue
			}
			checkForm(t, v)
			cause, _, _ := strings.Cut(string(v.Cause), "/")
			shown[cause] = true
			fmt.Fprintf(&b, "\n%s: %s\n  %s\n", v.Property, v.Cause, v.Message)
		}
	}
	for _, cause := range declaredCauses(t) {
		if !shown[cause] {
			t.Errorf("no history shows the verdict of %s", cause)
		}
	}
	path := filepath.Join("testdata", "verdicts.txt")
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("the verdicts are not those of %s; -update writes it anew", path)
	}
}

// declaredCauses are the causes that the package declares.
func declaredCauses(t *testing.T) (causes []string) {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if spec, is := node.(*ast.ValueSpec); is && spec.Type != nil && isCause(spec.Type) {
				for _, value := range spec.Values {
					cause, err := strconv.Unquote(value.(*ast.BasicLit).Value)
					if err != nil {
						t.Fatal(err)
					}
					causes = append(causes, cause)
				}
			}
			return true
		})
	}
	return causes
}

// verdictMost is how long a sentence may be that is read at once.
const verdictMost = 200

var (
	opening = regexp.MustCompile(`^(Review|Attempt|Owner|Host|Replica|Process|Client) `)
	// A verdict has no values as Go writes them: formats that failed, durations, lists, names that are empty.
	values = regexp.MustCompile(`%!|\d(\.\d+)?(ns|µs|ms|s|m\d|h\d)\b|[\[\]{}<>]|""|&|0x|\d{4}-\d\d-\d\d|  |\n`)
)

func checkForm(t *testing.T, v *Violation) {
	t.Helper()
	if !opening.MatchString(v.Message) || !strings.HasSuffix(v.Message, ".") || values.MatchString(v.Message) ||
		utf8.RuneCountInString(v.Message) > verdictMost {
		t.Errorf("%s: the verdict has %d characters, or another form than a sentence: %s (%q)", v.Signature(), utf8.RuneCountInString(v.Message), v.Message,
			values.FindString(v.Message))
	}
}
