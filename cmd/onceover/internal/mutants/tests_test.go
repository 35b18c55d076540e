package mutants

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
)

func TestFailuresOfTests(t *testing.T) {
	for _, test := range []struct {
		name, stdout, stderr string
		fate                 Fate
		by                   string
	}{
		{"a test", "--- FAIL: TestA (0.01s)\n    a_test.go:7: no\nFAIL\n", "", Killed, "TestA"},
		{"a case", "--- FAIL: TestA (0.01s)\n    --- FAIL: TestA/one (0.00s)\nFAIL\n", "", Killed, "TestA/one"},
		{"a panic outside of tests", "", "panic: TestA does not come to an end\n\ngoroutine 5 [running]:\n", Killed, "panic: TestA does not come to an end"},
		{"a deadlock", "", "fatal error: all goroutines are asleep - deadlock!\n", Killed, "fatal error: all goroutines are asleep - deadlock!"},
		{"no end", "", "panic: test timed out after 1m0s\n\trunning tests:\n\t\tTestB (1m0s)\n", Hung, "TestB"},
		{"no end of an example", "", "panic: test timed out after 1m0s\n", Hung, "no test"},
		{"a test, and then no end", "--- FAIL: TestA (0.01s)\n", "panic: test timed out after 1m0s\n\trunning tests:\n\t\tTestB (1m0s)\n", Killed, "TestA"},
		{"nothing that is known", "", "killed", Unknown, "exit code 1: killed"},
	} {
		fate, by, err := tested(&runner.Exit{Code: 1, Stdout: []byte(test.stdout), Stderr: []byte(test.stderr)})
		if fate != test.fate || by != test.by || err != nil {
			t.Errorf("%s: %s by %s (%v), want %s by %s", test.name, fate, by, err, test.fate, test.by)
		}
	}
	for code, want := range map[int]Fate{1: Killed, 2: Unknown, 3: Unknown} {
		if fate, _, err := certified(&runner.Exit{Code: code, Stderr: []byte("not linearizable: claims\n")}); fate != want || err != nil {
			t.Errorf("a certificate with exit code %d: %s (%v), want %s", code, fate, err, want)
		}
	}
}

// smallTree is a module with one function, whose tests notice one mutant and hang with another.
func smallTree(t *testing.T) overlay.Tree {
	t.Helper()
	root := t.TempDir()
	for path, content := range map[string]string{
		"go.mod": "module " + overlay.Module + "\n\ngo 1.26\n",
		"small/small.go": "package small\n\nfunc down(n int) int {\n\tsteps := 0\n\tfor n > 0 {\n\t\tn--\n\t\tsteps++\n\t}\n\treturn steps\n}\n\n" +
			"func idle() {\n\ta := 0\n\ta = 1\n\t_ = a\n}\n",
		"small/small_test.go": "package small\n\nimport \"testing\"\n\nfunc TestDown(t *testing.T) {\n\tidle()\n\tif down(3) != 3 {\n\t\tt.Error(down(3))\n\t}\n}\n",
	} {
		path = filepath.Join(root, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := overlay.Find(root)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// TestTestRunner judges the mutants of a small package by its tests.
func TestTestRunner(t *testing.T) {
	t.Parallel()
	tree := smallTree(t)
	all, err := Generate(t.Context(), tree.Root(), []Scope{{Name: "small", Directory: "small"}}, tree.Read)
	if err != nil {
		t.Fatal(err)
	}
	r := TestRunner{
		Tree: tree, Trials: []Trial{{Name: "tests", Package: "small", Of: "small/"}, {Name: "of others", Package: "other", Of: "other/"}},
		Parallel: 2, Timeout: 2 * time.Second, OnResult: func(Result) {},
	}
	results, err := r.Run(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, result := range results {
		got = append(got, result.Mutant.Function+" "+result.Mutant.Operator+" "+result.Mutant.Change()+": "+result.Fate.String()+" "+result.By)
	}
	for _, want := range []string{
		"down drop-assignment n-- → nothing: hung TestDown",
		"down drop-assignment steps++ → nothing: killed TestDown",
		"idle drop-assignment a = 1 → nothing: survived ",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("no %q among the results", want)
		}
	}
	t.Logf("%q", got)
}

// TestTestedEquivalents holds the committed list against today's sources.
func TestTestedEquivalents(t *testing.T) {
	list, err := TestedEquivalents()
	if err != nil {
		t.Fatal(err)
	}
	mutants := generate(t, TestedScopes()...)
	for _, entry := range Unmatched(list, mutants) {
		t.Errorf("%s:%d: %s is no mutant of today's sources; see mutants --scope outside --list for those that are", TestedEquivalentsFile, entry.Line, entry.ID)
	}
	for i := range mutants {
		if m := &mutants[i]; m.Refused != "" && slices.ContainsFunc(list, func(e Equivalent) bool { return e.ID == m.ID() }) {
			t.Errorf("%s: %s does not compile, so it needs no argument", TestedEquivalentsFile, m.ID())
		}
	}
}

// TestTrialsOfSQL: each mutant has to get through tests of its port, cheap ones first, and the certificate in the end.
func TestTrialsOfSQL(t *testing.T) {
	for _, folder := range []string{"reviews", "journal"} {
		m := Mutant{File: sqlDirectory + "/" + folder + "/x.sql"}
		var names []string
		for _, trial := range SQLTrials(5000) {
			if trial.Judges(m) {
				names = append(names, trial.Name)
			}
		}
		if want := []string{"lockstep, shortly", "contract", "other tests", "plans", "lockstep", "certificate"}; !slices.Equal(names, want) {
			t.Errorf("%s: %q, want %q", folder, names, want)
		}
	}
}
