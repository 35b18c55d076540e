package mutants

import (
	_ "embed"
	"fmt"
	"strings"
)

// An Equivalent is a mutant that no run can distinguish from the engine as it is, or that is out of the simulation's
// reach by design, with the argument for that.
type Equivalent struct {
	ID     string // of the mutant
	Reason string
	Line   int // in the list
}

// The lists that this package comes with. [ParseEquivalents] describes their format.
var (
	//go:embed equivalent.txt
	equivalents string
	//go:embed equivalent_sql.txt
	sqlEquivalents string
	//go:embed equivalent_tested.txt
	testedEquivalents string
)

// Where the lists stand, from the module's root: that of mutants which the simulation judges, of those of SQL, and of
// those of [TestedScopes].
const (
	EquivalentsFile       = "cmd/onceover/internal/mutants/equivalent.txt"
	SQLEquivalentsFile    = "cmd/onceover/internal/mutants/equivalent_sql.txt"
	TestedEquivalentsFile = "cmd/onceover/internal/mutants/equivalent_tested.txt"
)

// Equivalents returns the list of the mutants that the simulation judges.
func Equivalents() ([]Equivalent, error) { return listed(EquivalentsFile, equivalents) }

// SQLEquivalents returns the list of the mutants of SQL.
func SQLEquivalents() ([]Equivalent, error) { return listed(SQLEquivalentsFile, sqlEquivalents) }

// TestedEquivalents returns the list of the mutants of [TestedScopes].
func TestedEquivalents() ([]Equivalent, error) {
	return listed(TestedEquivalentsFile, testedEquivalents)
}

func listed(file, text string) ([]Equivalent, error) {
	list, err := ParseEquivalents(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return list, nil
}

// ParseEquivalents reads a list of equivalent mutants. An entry is one line or several with the identities of mutants,
// and then the reason that holds for all of them, on lines that begin with a tab. Empty lines, and lines that begin
// with
// #, are ignored. Errors name the line.
func ParseEquivalents(text string) ([]Equivalent, error) {
	var list []Equivalent
	lines := make(map[string]int)
	var ids []Equivalent
	reason := ""
	end := func() error {
		if reason == "" && len(ids) > 0 {
			return fmt.Errorf("line %d: %s has no reason: write it below, behind a tab", ids[0].Line, ids[0].ID)
		}
		for _, entry := range ids {
			entry.Reason = reason
			list = append(list, entry)
		}
		ids, reason = nil, ""
		return nil
	}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSuffix(line, "\n")
		words := strings.TrimSpace(line)
		switch {
		case words == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "\t"):
			if len(ids) == 0 {
				return nil, fmt.Errorf("line %d: a reason without a mutant: write the mutant's identity above it", number)
			}
			reason = strings.TrimPrefix(reason+" "+words, " ")
		case words != line:
			return nil, fmt.Errorf("line %d: begins or ends with white space: reasons begin with a tab, identities with the path of a file", number)
		default:
			if reason != "" {
				if err := end(); err != nil {
					return nil, err
				}
			}
			if other, known := lines[line]; known {
				return nil, fmt.Errorf("line %d: %s stands in line %d already", number, line, other)
			}
			lines[line] = number
			ids = append(ids, Equivalent{ID: line, Line: number})
		}
	}
	if err := end(); err != nil {
		return nil, err
	}
	return list, nil
}

// Unmatched returns the entries that stand for none of these mutants.
func Unmatched(list []Equivalent, mutants []Mutant) []Equivalent {
	there := make(map[string]bool, len(mutants))
	for i := range mutants {
		there[mutants[i].ID()] = true
	}
	var unmatched []Equivalent
	for _, entry := range list {
		if !there[entry.ID] {
			unmatched = append(unmatched, entry)
		}
	}
	return unmatched
}
