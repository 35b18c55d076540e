package house

import (
	"fmt"
	"slices"
	"strings"
)

// Package is one package of the module, as go list describes it.
type Package struct {
	// ImportPath is the full path of the package.
	ImportPath string
	// Name is the name in the package clause.
	Name string
	// Dir is the directory of its files.
	Dir string
	// Imports are the full paths that its files import, tests apart.
	Imports []string
	// GoFiles, TestGoFiles, XTestGoFiles and IgnoredGoFiles are the names of its files: production, tests of the
	// package, tests from outside it, and files that build constraints leave out here.
	GoFiles, TestGoFiles, XTestGoFiles, IgnoredGoFiles []string
}

// Rule limits what some packages of a module import. Packages are written as patterns: "./engine" is one package of the
// module, "./engine/..." that and everything below it, and a pattern without "./" stands for packages outside the
// module.
type Rule struct {
	// Name identifies the rule in a violation.
	Name string
	// Reason is why the rule exists.
	Reason string
	// Of are the packages that the rule is about, Except those that it spares.
	Of, Except []string
	// OnlyOfModule, unless nil, are the only packages of the module that they may import.
	OnlyOfModule []string
	// OnlyStandard limits their imports to the standard library.
	OnlyStandard bool
	// Never are packages that they may not import.
	Never []string
}

// Violation is one import that a rule forbids.
type Violation struct {
	Rule    Rule
	Package string
	Import  string
}

// String describes the violation in one line.
func (v Violation) String() string {
	return fmt.Sprintf("%s imports %s: %s: %s", v.Package, v.Import, v.Rule.Name, v.Rule.Reason)
}

// Rules returns the rules of this project. Drivers are the engine's packages that touch the clock, the network or a
// database, such as "engine/live".
func Rules(drivers []string) []Rule {
	var driverPatterns []string
	for _, driver := range drivers {
		driverPatterns = append(driverPatterns, "./"+driver+"/...")
	}
	return []Rule{
		{
			Name:         "engine-stands-alone",
			Reason:       "production code must not depend on what tests it, so the engine imports nothing of the module but the engine",
			Of:           []string{"./engine/..."},
			OnlyOfModule: []string{"./engine/..."},
		},
		{
			Name:   "engine-knows-no-driver",
			Reason: "the same code runs on real and simulated parts, so it uses ports; move what needs a driver into the driver's package",
			Of:     []string{"./engine/..."},
			Except: driverPatterns,
			Never:  append([]string{"net/...", "database/sql/...", "github.com/jackc/..."}, driverPatterns...),
		},
		{
			Name:         "checker-judges-histories",
			Reason:       "a checker that knew the simulator could not judge the histories of real deployments, so it imports only the engine's types, the catalogue of faults, which a history refers to, and itself",
			Of:           []string{"./checker/..."},
			OnlyOfModule: []string{"./engine/...", "./faults", "./checker/..."},
			Never:        driverPatterns,
		},
		{
			Name:         "faults-are-a-catalogue",
			Reason:       "faults are injected into simulated and real deployments alike, so the catalogue knows neither simulator, checker nor command",
			Of:           []string{"./faults/..."},
			OnlyOfModule: []string{"./engine/...", "./faults/..."},
		},
		{
			Name:         "sim-is-a-library",
			Reason:       "the simulator is also used from go test, so nothing in it may depend on a command; the module's root has the hash of the sources",
			Of:           []string{"./sim/..."},
			OnlyOfModule: []string{".", "./engine/...", "./checker/...", "./faults/...", "./sim/..."},
		},
		{
			Name:   "the-application-is-one",
			Reason: "what is below cmd/onceover/internal builds and runs the command as a program, so it is part of the command; what others need belongs in a library",
			Of:     []string{"./..."},
			Except: []string{"./cmd/onceover/..."},
			Never:  []string{"./cmd/onceover/..."},
		},
		{
			Name: "runs-know-no-review",
			Reason: "campaigns and explanations work for any world, so they know what a run is and not what it is about; " +
				"what they need of a world stands in its vocabulary, or in the facts of its lines",
			Of:           []string{"./sim/run", "./sim/campaign", "./sim/explain", "./sim/counter"},
			OnlyOfModule: []string{"./sim/run", "./sim/kernel", "./checker/times"},
			Never:        []string{"github.com/anishathalye/..."},
		},
		{
			Name:         "kernel-is-reusable",
			Reason:       "the kernel knows nothing of reviews and can be taken elsewhere, so it imports the standard library only",
			Of:           []string{"./sim/kernel/..."},
			OnlyStandard: true,
		},
		{
			Name:   "real-servers-are-for-tests-and-commands",
			Reason: "faults/pgserver brings the container runtime along, so production code that imported it would carry that too",
			Of:     []string{"./engine/...", "./checker/...", "./sim/...", "./faults"},
			Never:  []string{"./faults/pgserver"},
		},
		{
			Name:   "suites-are-for-tests",
			Reason: "engine/enginetest links package testing, and its stores forget everything with the process: tests use it, programs do not",
			Of:     []string{"./..."},
			Except: []string{"./engine/enginetest"},
			Never:  []string{"./engine/enginetest"},
		},
		{
			Name:   "containers-stay-at-the-edge",
			Reason: "a library must not pull in a container runtime; a test or a command asks faults/pgserver, which finds a real Postgres for both",
			Of:     []string{"./..."},
			Except: []string{"./cmd/...", "./faults/pgserver"},
			Never:  []string{"github.com/testcontainers/..."},
		},
	}
}

// Check returns every import of the packages that one of the rules forbids, in the order of the packages and their
// imports.
func Check(module string, packages []Package, rules []Rule) []Violation {
	var violations []Violation
	for _, p := range packages {
		name := relative(module, p.ImportPath)
		for _, rule := range rules {
			if !matchesAny(rule.Of, name) || matchesAny(rule.Except, name) {
				continue
			}
			for _, path := range p.Imports {
				if rule.forbids(relative(module, path)) {
					violations = append(violations, Violation{Rule: rule, Package: name, Import: path})
				}
			}
		}
	}
	return violations
}

// forbids reports whether the rule forbids an import, given as by relative.
func (r Rule) forbids(path string) bool {
	ofModule := path == "." || strings.HasPrefix(path, "./")
	switch {
	case r.OnlyOfModule != nil && ofModule && !matchesAny(r.OnlyOfModule, path):
		return true
	case r.OnlyStandard && (ofModule || !standard(path)):
		return true
	}
	return matchesAny(r.Never, path)
}

// Places returns the packages that stand outside the folders of top, the only ones that hold source.
func Places(module string, packages []Package, top []string) []string {
	var misplaced []string
	for _, p := range packages {
		folder, _, _ := strings.Cut(strings.TrimPrefix(relative(module, p.ImportPath), "./"), "/")
		if !slices.Contains(top, folder) {
			misplaced = append(misplaced, p.ImportPath)
		}
	}
	return misplaced
}

// relative writes a path of the module as "./…", the module's root as ".", and leaves others as they are.
func relative(module, path string) string {
	if path == module {
		return "."
	}
	if below, is := strings.CutPrefix(path, module+"/"); is {
		return "./" + below
	}
	return path
}

// standard reports whether path belongs to the standard library: no package of it has a dot in its first element, and
// every published module has one.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// matchesAny reports whether one of the patterns matches path.
func matchesAny(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		parent, below := strings.CutSuffix(pattern, "/...")
		return path == parent || below && strings.HasPrefix(path, parent+"/")
	})
}
