package bugs

import (
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"
)

//go:embed mutants
var embeddedMutants embed.FS

// Mutants returns small mistakes that nobody has made: one-line changes of today's engine, in the order of their names.
// They are there to see how small failures become that no catalogue was written for. Each has an ID and, as its Title, a
// sentence; all properties are watched and none is expected.
func Mutants() ([]*Bug, error) {
	const directory = "mutants"
	files, err := embeddedMutants.ReadDir(directory)
	if err != nil {
		return nil, fmt.Errorf("mutants: %w", err)
	}
	var list []*Bug
	for _, file := range files {
		content, err := embeddedMutants.ReadFile(directory + "/" + file.Name())
		if err != nil {
			return nil, fmt.Errorf("mutants: %w", err)
		}
		name, isPatch := strings.CutSuffix(file.Name(), patchSuffix)
		if !isPatch {
			return nil, fmt.Errorf("mutants: %s has no place here: allowed are NAME%s", file.Name(), patchSuffix)
		}
		b, err := OfPatch(name, content)
		if err != nil {
			return nil, fmt.Errorf("mutants: %w", err)
		}
		b.Title = strings.TrimSpace(b.patches[0].Text)
		if b.Title == "" || strings.Contains(b.Title, "\n") {
			return nil, fmt.Errorf("mutants: %s has the text %q: it takes one line that describes the change", file.Name(), b.Title)
		}
		list = append(list, b)
	}
	return list, nil
}

// ChooseWithMutants returns the bugs of the catalogue and the mutants that identifiers stand for; of none, all. The error
// is an [*UnknownBugError], or that of [Mutants].
func (c *Catalogue) ChooseWithMutants(ids []string) ([]*Bug, error) {
	mutants, err := Mutants()
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return append(slices.Clone(c.Bugs), mutants...), nil
	}
	var known, others []string
	var chosen []*Bug
	for _, mutant := range mutants {
		known = append(known, mutant.ID)
		if slices.Contains(ids, mutant.ID) {
			chosen = append(chosen, mutant)
		}
	}
	for _, id := range ids {
		if !slices.Contains(known, id) {
			others = append(others, id)
		}
	}
	if len(others) == 0 {
		return chosen, nil
	}
	found, err := c.Choose(others)
	var unknown *UnknownBugError
	if errors.As(err, &unknown) {
		return nil, &UnknownBugError{ID: unknown.ID, Allowed: append(unknown.Allowed, known...)}
	}
	return append(slices.Clone(found), chosen...), err
}
