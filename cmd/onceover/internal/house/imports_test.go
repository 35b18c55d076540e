package house

import (
	"slices"
	"strings"
	"testing"
)

const made = "example.com/made"

var madeDrivers = []string{"engine/live", "engine/postgres"}

// madeUp returns a package of a made-up module.
func madeUp(path string, imports ...string) Package {
	return Package{ImportPath: made + "/" + path, Imports: imports}
}

func TestCheckFires(t *testing.T) {
	for _, test := range []struct {
		name    string
		bad     Package
		rules   []string
		imports string
	}{
		{"engine imports the simulator", madeUp("engine", made+"/sim"), []string{"engine-stands-alone"}, made + "/sim"},
		{"engine imports the checker", madeUp("engine/journal", made+"/checker/model"), []string{"engine-stands-alone"}, made + "/checker/model"},
		{"a driver imports a command", madeUp("engine/live", made+"/cmd/onceover"), []string{"engine-stands-alone", "the-application-is-one"}, made + "/cmd/onceover"},
		{"engine imports the module's root", madeUp("engine", made), []string{"engine-stands-alone"}, made},
		{"engine imports its own driver", madeUp("engine", made+"/engine/postgres/migrations"), []string{"engine-knows-no-driver"}, made + "/engine/postgres/migrations"},
		{"engine imports net/http", madeUp("engine", "net/http"), []string{"engine-knows-no-driver"}, "net/http"},
		{"engine imports pgx", madeUp("engine/journal", "github.com/jackc/pgx/v5"), []string{"engine-knows-no-driver"}, "github.com/jackc/pgx/v5"},
		{"checker imports the simulator", madeUp("checker", made+"/sim/kernel"), []string{"checker-judges-histories"}, made + "/sim/kernel"},
		{"checker imports the injection of faults", madeUp("checker", made+"/faults/pgwire"), []string{"checker-judges-histories"}, made + "/faults/pgwire"},
		{"checker imports a driver", madeUp("checker", made+"/engine/live"), []string{"checker-judges-histories"}, made + "/engine/live"},
		{"faults import the simulator", madeUp("faults", made+"/sim"), []string{"faults-are-a-catalogue"}, made + "/sim"},
		{"sim imports a command", madeUp("sim", made+"/cmd/onceover"), []string{"sim-is-a-library", "the-application-is-one"}, made + "/cmd/onceover"},
		{"another command imports the bugs", madeUp("cmd/figures", made+"/cmd/onceover/internal/bugs"), []string{"the-application-is-one"}, made + "/cmd/onceover/internal/bugs"},
		{"an explanation knows the world", madeUp("sim/explain", made+"/sim/world"), []string{"runs-know-no-review"}, made + "/sim/world"},
		{"a run knows the checker", madeUp("sim/run", made+"/checker"), []string{"runs-know-no-review"}, made + "/checker"},
		{"kernel imports another module", madeUp("sim/kernel", "pgregory.net/rapid"), []string{"kernel-is-reusable"}, "pgregory.net/rapid"},
		{"kernel imports the engine", madeUp("sim/kernel", made+"/engine"), []string{"kernel-is-reusable"}, made + "/engine"},
		{"sim imports testcontainers", madeUp("sim", "github.com/testcontainers/testcontainers-go"), []string{"containers-stay-at-the-edge"}, "github.com/testcontainers/testcontainers-go"},
		{"the catalogue imports testcontainers", madeUp("faults", "github.com/testcontainers/testcontainers-go"), []string{"containers-stay-at-the-edge"}, "github.com/testcontainers/testcontainers-go"},
		{"a program imports the stores in memory", madeUp("cmd/onceover", made+"/engine/enginetest"), []string{"suites-are-for-tests"}, made + "/engine/enginetest"},
		{"sim imports the finder of servers", madeUp("sim", made+"/faults/pgserver"), []string{"real-servers-are-for-tests-and-commands"}, made + "/faults/pgserver"},
	} {
		t.Run(test.name, func(t *testing.T) {
			violations := Check(made, []Package{test.bad}, Rules(madeDrivers))
			var names []string
			for _, violation := range violations {
				names = append(names, violation.Rule.Name)
				if violation.Import != test.imports || !strings.Contains(violation.String(), violation.Rule.Reason) {
					t.Errorf("unexpected violation: %s", violation)
				}
			}
			if !slices.Equal(names, test.rules) {
				t.Errorf("rules that fire: %q, want %q", names, test.rules)
			}
		})
	}
}

func TestCheckIsSilent(t *testing.T) {
	good := []Package{
		madeUp("engine", "context", "time", made+"/engine/journal"),
		madeUp("engine/live", "sync", made+"/engine"),
		madeUp("engine/postgres", "github.com/jackc/pgx/v5", made+"/engine"),
		madeUp("checker", made+"/engine", made+"/checker/model", "github.com/anishathalye/porcupine"),
		madeUp("faults", made+"/engine"),
		madeUp("faults/pgserver", "github.com/testcontainers/testcontainers-go/modules/postgres"),
		madeUp("sim/kernel", "iter", "container/heap"),
		madeUp("sim", made+"/engine", made+"/engine/postgres", made+"/checker", made+"/faults", made+"/sim/kernel"),
		madeUp("cmd/onceover/internal/bugs", made+"/sim/world", made+"/cmd/onceover/internal/overlay"),
		madeUp("cmd/onceover", made+"/cmd/onceover/internal/bugs", made+"/sim", made+"/engine/live", made+"/faults/pgserver", "github.com/testcontainers/testcontainers-go"),
	}
	for _, violation := range Check(made, good, Rules(madeDrivers)) {
		t.Errorf("unexpected violation: %s", violation)
	}
}

func TestEveryRuleHasAReasonAndFiresSomewhere(t *testing.T) {
	everything := []string{made, made + "/cmd", made + "/engine/enginetest", made + "/cmd/onceover/internal/bugs", made + "/faults/pgserver", made + "/engine/live", "net/http", "github.com/testcontainers/testcontainers-go"}
	for _, rule := range Rules(madeDrivers) {
		if rule.Reason == "" {
			t.Errorf("rule %s gives no reason", rule.Name)
		}
		fires := slices.ContainsFunc(rule.Of, func(of string) bool {
			bad := madeUp(strings.TrimSuffix(strings.TrimPrefix(of, "./"), "/..."), everything...)
			return len(Check(made, []Package{bad}, []Rule{rule})) > 0
		})
		if !fires {
			t.Errorf("rule %s never fires", rule.Name)
		}
	}
}

func TestPlaces(t *testing.T) {
	packages := []Package{madeUp("engine"), madeUp("sim/kernel"), madeUp("util"), madeUp("internal/sim"), {ImportPath: made}}
	got := Places(made, packages, []string{"engine", "sim"})
	want := []string{made + "/util", made + "/internal/sim", made}
	if !slices.Equal(got, want) {
		t.Errorf("misplaced: %q, want %q", got, want)
	}
}
