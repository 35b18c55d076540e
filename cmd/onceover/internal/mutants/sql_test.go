package mutants

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgserver"
)

func sqlSources(t *testing.T) []Mutant {
	t.Helper()
	tree := sources(t)
	mutants, err := GenerateSQL(tree.Root(), tree.Read)
	if err != nil {
		t.Fatal(err)
	}
	return mutants
}

// TestCutter shows what each operator does to SQL, in a file with an example of each.
func TestCutter(t *testing.T) {
	text, err := os.ReadFile("testdata/sql/statement.sql")
	if err != nil {
		t.Fatal(err)
	}
	mutants, err := sqlMutants("statement.sql", string(text))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	used := make(map[string]bool)
	for i := range mutants {
		m := &mutants[i]
		used[m.Operator] = true
		before, after := differing(string(text), m.declaration)
		fmt.Fprintf(&out, "%d: %s %s\n\t%s\n\t%q becomes %q\n", m.Line, m.Function, m.Operator, m.Change(), before, after)
	}
	golden := filepath.Join("testdata", "sql", "mutants.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("the mutants are others than those of %s; run with -update if that is meant:\n%s", golden, out.String())
	}
	for _, operator := range SQLOperators() {
		if !used[operator.Name] {
			t.Errorf("operator %s has no example", operator.Name)
		}
		if operator.Sentence == "" {
			t.Errorf("operator %s has no sentence", operator.Name)
		}
	}
}

// differing returns the parts in which two texts differ.
func differing(a, b string) (inA, inB string) {
	first := 0
	for first < min(len(a), len(b)) && a[first] == b[first] {
		first++
	}
	last := 0
	for last < min(len(a), len(b))-first && a[len(a)-1-last] == b[len(b)-1-last] {
		last++
	}
	return a[first : len(a)-last], b[first : len(b)-last]
}

// TestNothingIsOverlooked counts words of the statements: each lock, arm, condition and list has its mutants.
func TestNothingIsOverlooked(t *testing.T) {
	words := make(map[string]int)
	tree := sources(t)
	files, err := filepath.Glob(filepath.Join(tree.Root(), filepath.FromSlash(sqlDirectory), "*", "*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		// In what is left, a word is a word of SQL, and words that belong together are one.
		plain := regexp.MustCompile(`--[^\n]*|'[^']*'`).ReplaceAllString(string(text), " ")
		for _, pair := range []string{"ORDER BY", "FOR UPDATE", "ON CONFLICT", "LEFT JOIN", "owner AS hint", "END AS hint"} {
			plain = strings.ReplaceAll(plain, pair, strings.ReplaceAll(pair, " ", "_"))
		}
		for _, word := range regexp.MustCompile(`\w+`).FindAllString(plain, -1) {
			words[word]++
		}
	}
	mutants := make(map[string]int)
	for _, m := range sqlSources(t) {
		mutants[m.Operator]++
		if m.Operator == "drop-order" && strings.HasPrefix(m.Before, "ORDER BY") {
			mutants["ORDER BY"]++
		}
	}
	for _, test := range []struct {
		what      string
		mutants   int
		least     int
		different bool // more are fine
	}{
		{"FOR UPDATE, and advisory locks", mutants["drop-lock"], words["FOR_UPDATE"] + words["pg_advisory_xact_lock"], false},
		{"ORDER BY", mutants["ORDER BY"], words["ORDER_BY"], false},
		{"LIMIT", mutants["drop-limit"], words["LIMIT"], false},
		{"ON CONFLICT", mutants["drop-conflict"], words["ON_CONFLICT"], false},
		{"LEFT JOIN", mutants["drop-outer"], words["LEFT_JOIN"], false},
		{"FILTER", mutants["drop-filter"], words["FILTER"], false},
		{"pg_notify, and whom it wakes", mutants["drop-hint"], words["pg_notify"] + words["owner_AS_hint"] + words["END_AS_hint"], false},
		{"WHEN and ELSE", mutants["drop-case"], words["WHEN"] + words["ELSE"], false},
		{"UNION, with an arm on both sides", mutants["drop-arm"], words["UNION"] + 1, true},
		{"AND, with an operand on both sides", mutants["drop-conjunct"], words["AND"] + 1, true},
		{"OR and IN", mutants["drop-disjunct"], words["OR"] + words["IN"] + 1, true},
	} {
		if test.mutants < test.least || test.mutants > test.least && !test.different {
			t.Errorf("%s: %d mutants for %d words", test.what, test.mutants, test.least)
		}
	}
}

// TestSQLIdentitiesAreUniqueAndSurviveEditsElsewhere holds names against those after a change of other lines.
func TestSQLIdentitiesAreUniqueAndSurviveEditsElsewhere(t *testing.T) {
	var names []string
	for _, m := range sqlSources(t) {
		names = append(names, m.ID())
		if strings.ContainsAny(m.ID(), "\n\t") {
			t.Errorf("%q is no line of a list", m.ID())
		}
	}
	slices.Sort(names)
	if n := len(slices.Compact(slices.Clone(names))); n != len(names) {
		t.Errorf("%d mutants have %d identities", len(names), n)
	}
	const statement = "WITH a AS (\n\tSELECT x FROM t WHERE x > 1 AND y = 2\n)\nSELECT x FROM a;\n"
	before, err := sqlMutants("s.sql", statement)
	if err != nil {
		t.Fatal(err)
	}
	after, err := sqlMutants("s.sql", "-- New.\nSELECT pg_advisory_xact_lock(1);\n\n"+strings.Replace(statement, "x > 1", "z = 0 AND x > 1", 1))
	if err != nil {
		t.Fatal(err)
	}
	for i := range before {
		id := before[i].ID()
		at := slices.IndexFunc(after, func(m Mutant) bool { return m.ID() == id })
		if at < 0 || after[at].Line != before[i].Line+3 {
			t.Errorf("%s is another mutant three lines further down", id)
		}
	}
}

func TestTextsThatAreNoStatements(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"SELECT (1;", "; at byte 9, where ) is missing"},
		{"SELECT 1);", ") at byte 8, where ; is missing"},
		{"SELECT CASE WHEN true THEN 1;", "; at byte 28, where END is missing"},
		{"SELECT 1", "; is missing at the end"},
	} {
		if _, err := sqlMutants("s.sql", test.text); err == nil || err.Error() != test.want {
			t.Errorf("%s: %v, want %s", test.text, err, test.want)
		}
	}
}

// FuzzSQLTokens: tokens stand in the text in their order, and what is between them is white space and comments.
func FuzzSQLTokens(f *testing.F) {
	text, err := os.ReadFile("testdata/sql/statement.sql")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	f.Add("SELECT ' -- ;")
	f.Add("CASE ( END )\x00\xff;")
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = sqlStatements(text)
		at := 0
		between := func(to int) {
			if rest := strings.TrimSpace(comment.ReplaceAllString(text[at:to], "")); rest != "" {
				t.Errorf("%q is in no token", rest)
			}
		}
		for _, token := range sqlTokens(text) {
			if token.from < at || text[token.from:token.to] != token.text {
				t.Fatalf("%q is not at %d", token.text, token.from)
			}
			between(token.from)
			at = token.to
		}
		between(len(text))
	})
}

// TestServerAcceptsMutants prepares all mutants. Few are no SQL, and none only because of how the cutter writes them.
func TestServerAcceptsMutants(t *testing.T) {
	server := pgserver.ForTest(t)
	pool, err := postgres.Connect(t.Context(), server.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, _, err := postgres.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	mutants := sqlSources(t)
	if err := ValidateSQL(t.Context(), pool, mutants, sources(t).Read); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for i := range mutants {
		if m := &mutants[i]; m.Refused != "" {
			refused++
			t.Logf("%s: %s", m.ID(), m.Refused)
			if strings.Contains(m.Refused, "42601") { // syntax_error
				t.Errorf("%s is no SQL at all, which is a mistake of its operator: %s", m.ID(), m.Refused)
			}
		}
	}
	if refused > len(mutants)/20 {
		t.Errorf("%d of %d mutants are refused", refused, len(mutants))
	}
}

// TestSQLEquivalents holds the committed list against today's statements.
func TestSQLEquivalents(t *testing.T) {
	list, err := SQLEquivalents()
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range Unmatched(list, sqlSources(t)) {
		t.Errorf("%s:%d: %s is no mutant of today's statements; see mutants --scope sql --list for those that are", SQLEquivalentsFile, entry.Line, entry.ID)
	}
}
