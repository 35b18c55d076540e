package bugs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
)

// A Bug is one row of the catalogue.
type Bug struct {
	ID       string // such as stale-claim-unfenced, or stale-claim-unfenced+era
	Title    string // one line
	Expected string // property that must catch it
	// Watched are the properties that are watched, as in [run.Spec]; empty for all.
	Watched []string
	With    []string // names of the patches that are applied before its own
	// Survey are further properties: a reader of the bug sees whether it violates them. Usually there are none.
	Survey []string
	Seed   string // what the pull request claims
	Wrong  string // what goes wrong, and why

	patches []overlay.Patch // all that make it, in order
}

// eraSuffix marks a bug in the company that it had at its time.
const eraSuffix = "+era"

// Era reports whether it is a bug without the guards that were added after its time.
func (b *Bug) Era() bool { return strings.HasSuffix(b.ID, eraSuffix) }

// Edits returns what makes the sources of a tree have the bug. The error is a [*overlay.StalePatchError] if a patch
// does not fit any more.
func (b *Bug) Edits(tree overlay.Tree) (overlay.Edits, error) {
	var edits overlay.Edits
	for _, patch := range b.patches {
		var err error
		if edits, err = tree.Apply(edits, patch); err != nil {
			return nil, fmt.Errorf("bug %s: %w", b.ID, err)
		}
	}
	return edits, nil
}

// Hash returns a hash of what the bug changes. The text before a patch is not part of it.
func (b *Bug) Hash() string {
	hash := sha256.New()
	for _, patch := range b.patches {
		patch.WriteHash(hash)
	}
	return hex.EncodeToString(hash.Sum(nil)[:6])
}

// Build builds the command with the bug. Errors are an [*overlay.StalePatchError] if the bug does not fit the tree any
// more, and an [*overlay.BuildError] if it does not compile.
func (b *Bug) Build(ctx context.Context, tree overlay.Tree) (*runner.Program, error) {
	edits, err := b.Edits(tree)
	if err != nil {
		return nil, err
	}
	program, err := runner.Build(ctx, tree, edits)
	if err != nil {
		return nil, fmt.Errorf("bug %s does not compile: %w", b.ID, err)
	}
	return program, nil
}

// Named returns the bug that a name stands for: the path of a patch, or an identifier of a catalogue, which is loaded if
// needed. Errors are those of the file and of [OfPatch], or an [*UnknownBugError].
func Named(name string, load func() (*Catalogue, error)) (*Bug, error) {
	if IsFile(name) {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		return OfPatch(name, content)
	}
	catalogue, err := load()
	if err != nil {
		return nil, err
	}
	return catalogue.Find(name)
}

// IsFile reports whether the name of a bug is the path of a patch.
func IsFile(name string) bool {
	return strings.ContainsAny(name, "/"+string(os.PathSeparator)) || strings.HasSuffix(name, patchSuffix)
}

// OfPatch returns a bug that is not in the catalogue: a patch of somebody's own, with or without a text before it. All
// properties are watched. The error is an [*overlay.PatchError].
func OfPatch(name string, content []byte) (*Bug, error) {
	patch, err := overlay.ParsePatch(name, content)
	if err != nil {
		return nil, err
	}
	if len(patch.Paths()) == 0 {
		return nil, &overlay.PatchError{Patch: name, Reason: "changes nothing: there is no diff in it"}
	}
	return &Bug{ID: name, patches: []overlay.Patch{patch}}, nil
}

// parseBug reads what stands before the diff of a row's file.
func parseBug(id, text string) (*Bug, error) {
	fields, err := parseFields(text)
	if err != nil {
		return nil, err
	}
	b := &Bug{}
	var named, expected, watched, with, survey string
	for _, field := range []struct {
		name     string
		value    *string
		block    bool
		required bool
	}{
		{"Bug", &named, false, true},
		{"Title", &b.Title, false, true},
		{"Expected", &expected, false, true},
		{"Watched", &watched, false, true},
		{"With", &with, false, false},
		{"Survey", &survey, false, false},
		{"Seed", &b.Seed, true, true},
		{"Wrong", &b.Wrong, true, true},
	} {
		given, ok := fields.take(field.name)
		switch {
		case !ok && field.required:
			return nil, fmt.Errorf("field %s is missing", field.name)
		case !ok:
			continue
		case given.text == "":
			return nil, fmt.Errorf("field %s is empty", field.name)
		case given.block && !field.block:
			return nil, fmt.Errorf("field %s has one line, behind its colon", field.name)
		case !given.block && field.block:
			return nil, fmt.Errorf("field %s has its text on the lines that follow, indented by two spaces", field.name)
		}
		*field.value = given.text
	}
	if err := fields.nothingLeft(); err != nil {
		return nil, err
	}
	b.ID = named
	if b.ID != id {
		return nil, fmt.Errorf("field Bug is %q: the file is called %q", b.ID, id+patchSuffix)
	}
	if !checker.Known(expected) {
		return nil, fmt.Errorf("field Expected is %q, which is no property", expected)
	}
	b.Expected = expected
	if b.Watched, err = checker.Select(watched); err != nil {
		return nil, fmt.Errorf("field Watched: %w", err)
	}
	if !checker.Watches(b.Watched, b.Expected) {
		return nil, fmt.Errorf("field Watched is %q, without %s, which is expected", watched, b.Expected)
	}
	if b.With, err = parseNames(with); err != nil {
		return nil, fmt.Errorf("field With: %w", err)
	}
	if survey != "" {
		if b.Survey, err = surveyed(survey); err != nil {
			return nil, fmt.Errorf("field Survey: %w", err)
		}
	}
	return b, nil
}

// parseNames reads names with commas between them.
func parseNames(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	var names []string
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimSpace(name)
		switch {
		case name == "":
			return nil, fmt.Errorf("%q has an empty name", text)
		case slices.Contains(names, name):
			return nil, fmt.Errorf("%s is named twice", name)
		}
		names = append(names, name)
	}
	return names, nil
}

// surveyed returns the properties that a text names, one by one also if it names all.
func surveyed(text string) ([]string, error) {
	ids, err := checker.Select(text)
	if err == nil && ids == nil {
		for _, property := range checker.Properties() {
			ids = append(ids, property.ID)
		}
	}
	return ids, err
}
