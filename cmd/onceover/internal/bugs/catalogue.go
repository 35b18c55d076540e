package bugs

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
)

//go:embed catalogue
var embedded embed.FS

// history is the order in which the pull request's history opened its bugs, and in which the catalogue lists them.
var history = []string{
	"queued-before-dispatch", "dispatch-before-claim", "claim-before-prepare", "dispatch-failure-is-final",
	"ambiguous-reverts", "stale-claim-unfenced", "stale-holds-slot", "start-resets-live", "reload-clobbers",
	"version-write-fails-live", "sequential-dispatch", "as-merged",
}

// A Catalogue is a list of bugs.
type Catalogue struct {
	// Bugs are in the order of the history, each before itself with the suffix +era; then come those that the history
	// does not have, by name.
	Bugs []*Bug
}

// Load returns the catalogue that is part of the program.
func Load() (*Catalogue, error) {
	files, err := fs.Sub(embedded, "catalogue")
	if err != nil {
		return nil, fmt.Errorf("catalogue of bugs: %w", err)
	}
	return Read(files)
}

const (
	patchSuffix = ".patch"
	readme      = "README.md"
	guards      = "guard" // directory of the building blocks
)

// source is one file of a catalogue.
type source struct {
	patch overlay.Patch
	bug   *Bug // nil for a building block
}

// Read reads a catalogue from a directory, strictly: a file, field, property or patch that is not known is an error that names the file.
func Read(files fs.FS) (*Catalogue, error) {
	sources := make(map[string]*source) // by name
	c := &Catalogue{}
	err := fs.WalkDir(files, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || file == readme {
			return err
		}
		s, err := readSource(files, file)
		if err != nil {
			return fmt.Errorf("catalogue of bugs: %s: %w", file, err)
		}
		sources[s.patch.Name] = s
		if s.bug != nil {
			c.Bugs = append(c.Bugs, s.bug)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, b := range c.Bugs {
		if err := compose(b, b.ID, sources, nil); err != nil {
			return nil, fmt.Errorf("catalogue of bugs: %s%s: %w", b.ID, patchSuffix, err)
		}
		if len(b.patches) == 0 {
			return nil, fmt.Errorf("catalogue of bugs: %s%s: has neither a diff nor a field With that names one", b.ID, patchSuffix)
		}
	}
	slices.SortFunc(c.Bugs, inOrder)
	return c, nil
}

func readSource(files fs.FS, file string) (*source, error) {
	name, isPatch := strings.CutSuffix(file, patchSuffix)
	directory := path.Dir(file)
	if !isPatch || directory != "." && directory != guards {
		return nil, fmt.Errorf("has no place here: allowed are ID%s and %s/NAME%[1]s", patchSuffix, guards)
	}
	content, err := fs.ReadFile(files, file)
	if err != nil {
		return nil, err
	}
	patch, err := overlay.ParsePatch(name, content)
	if err != nil {
		return nil, err
	}
	if directory == guards {
		if len(patch.Paths()) == 0 {
			return nil, fmt.Errorf("has no diff")
		}
		return &source{patch: patch}, nil
	}
	b, err := parseBug(name, patch.Text)
	if err != nil {
		return nil, err
	}
	return &source{patch: patch, bug: b}, nil
}

// compose adds to a bug the patches that a name stands for, each once: those it is applied with, and then its own.
// within are the names that led here.
func compose(b *Bug, name string, sources map[string]*source, within []string) error {
	s := sources[name]
	switch {
	case s == nil:
		return fmt.Errorf("field With names %q, which is no patch of the catalogue", name)
	case slices.Contains(within, name):
		return fmt.Errorf("field With goes round in a circle: %s, %s", strings.Join(within, ", "), name)
	case slices.ContainsFunc(b.patches, func(p overlay.Patch) bool { return p.Name == name }):
		return nil
	}
	if s.bug != nil {
		for _, other := range s.bug.With {
			if err := compose(b, other, sources, append(slices.Clone(within), name)); err != nil {
				return err
			}
		}
	}
	if len(s.patch.Paths()) > 0 {
		b.patches = append(b.patches, s.patch)
	}
	return nil
}

// inOrder compares two bugs by their place in the history.
func inOrder(a, b *Bug) int {
	place := func(bug *Bug) int {
		if at := slices.Index(history, strings.TrimSuffix(bug.ID, eraSuffix)); at >= 0 {
			return at
		}
		return len(history)
	}
	return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.ID, b.ID))
}

// An UnknownBugError names a bug that the catalogue does not have.
type UnknownBugError struct {
	ID      string
	Allowed []string
}

// Error names the nearest identifier, and lists those that there are, on one line.
func (e *UnknownBugError) Error() string {
	allowed := "allowed are " + strings.Join(e.Allowed, ", ")
	if near, ok := checker.Nearest(e.ID, e.Allowed); ok {
		return fmt.Sprintf("%q is no bug of the catalogue; did you mean %q? %s", e.ID, near, allowed)
	}
	return fmt.Sprintf("%q is no bug of the catalogue: %s", e.ID, allowed)
}

// Find returns the bug of an identifier. The error is an [*UnknownBugError].
func (c *Catalogue) Find(id string) (*Bug, error) {
	for _, b := range c.Bugs {
		if b.ID == id {
			return b, nil
		}
	}
	unknown := &UnknownBugError{ID: id}
	for _, b := range c.Bugs {
		unknown.Allowed = append(unknown.Allowed, b.ID)
	}
	return nil, unknown
}

// Choose returns the bugs of some identifiers, in the order of the catalogue: of each the bug, and the same with the
// suffix +era. Of none, it is all of them. The error is an [*UnknownBugError].
func (c *Catalogue) Choose(ids []string) ([]*Bug, error) {
	if len(ids) == 0 {
		return c.Bugs, nil
	}
	for _, id := range ids {
		_, err := c.Find(id)
		if _, alone := c.Find(id + eraSuffix); err != nil && alone != nil {
			return nil, err
		}
	}
	var chosen []*Bug
	for _, b := range c.Bugs {
		if slices.Contains(ids, b.ID) || slices.Contains(ids, strings.TrimSuffix(b.ID, eraSuffix)) {
			chosen = append(chosen, b)
		}
	}
	return chosen, nil
}
