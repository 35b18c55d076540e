package overlay

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// A StalePatchError reports that a patch does not fit the sources any more.
type StalePatchError struct {
	Patch  string // name
	Path   string // of the file
	Hunk   int    // number in the file, from 1; 0 if it is about the file itself
	Header string // of the hunk: its line numbers once upon a time
	Reason string
}

// Error names patch, file and hunk on one line.
func (e *StalePatchError) Error() string {
	where := ""
	if e.Hunk > 0 {
		where = fmt.Sprintf(" hunk %d (%s)", e.Hunk, e.Header)
	}
	return fmt.Sprintf("patch %s does not fit %s any more:%s %s; write it anew for the file as it is", e.Patch, e.Path, where, e.Reason)
}

// Apply returns the edits with those of a patch added. What edits hold already is what it is placed in; the rest comes
// from the tree. The error is a [*StalePatchError] if it does not fit; edits are never changed.
func (t Tree) Apply(edits Edits, patch Patch) (Edits, error) {
	after := maps.Clone(edits)
	if after == nil {
		after = Edits{}
	}
	for _, file := range patch.files {
		content, edited := edits[file.path]
		var err error
		if !edited {
			content, err = t.Read(file.path)
		}
		missing := errors.Is(err, fs.ErrNotExist)
		switch {
		case err != nil && !missing:
			return nil, fmt.Errorf("patch %s: %w", patch.Name, err)
		case missing && !file.isNew:
			return nil, &StalePatchError{Patch: patch.Name, Path: file.path, Reason: "there is no such file"}
		case !missing && file.isNew:
			return nil, &StalePatchError{Patch: patch.Name, Path: file.path, Reason: "it is to be new, but is there"}
		}
		if after[file.path], err = file.apply(content, patch.Name); err != nil {
			return nil, err
		}
	}
	return after, nil
}

// A change is a hunk that has its place.
type change struct {
	hunk
	at int // index of the line
}

// apply returns the content of a file with all hunks carried out. All are placed before any is carried out, so that
// none finds what another has added.
func (f *filePatch) apply(content, patch string) (string, error) {
	lines := strings.SplitAfter(content, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	changes := make([]change, 0, len(f.hunks))
	for i, h := range f.hunks {
		stale := func(format string, arguments ...any) (string, error) {
			return "", &StalePatchError{Patch: patch, Path: f.path, Hunk: i + 1, Header: h.header, Reason: fmt.Sprintf(format, arguments...)}
		}
		places := occurrences(lines, h.old)
		switch {
		case len(places) == 0:
			return stale("its lines, from %q on, occur nowhere", firstLine(h.old))
		case len(places) > 1:
			return stale("its lines, from %q on, occur at %d places, so that it needs more of what is around it", firstLine(h.old), len(places))
		}
		for _, other := range changes {
			if places[0] < other.at+len(other.old) && other.at < places[0]+len(h.old) {
				return stale("it belongs where another hunk belongs")
			}
		}
		changes = append(changes, change{h, places[0]})
	}
	slices.SortFunc(changes, func(a, b change) int { return cmp.Compare(b.at, a.at) })
	for _, c := range changes { // from the last to the first, so that no index moves
		lines = slices.Replace(lines, c.at, c.at+len(c.old), c.new...)
	}
	return strings.Join(lines, ""), nil
}

// occurrences returns where lines stand among all. Of no lines, that is the beginning alone.
func occurrences(all, lines []string) []int {
	if len(lines) == 0 {
		return []int{0}
	}
	var places []int
	for at := 0; at+len(lines) <= len(all); at++ {
		if slices.Equal(all[at:at+len(lines)], lines) {
			places = append(places, at)
		}
	}
	return places
}

// firstLine returns the first line that is not blank.
func firstLine(lines []string) string {
	for _, line := range lines {
		if text := strings.TrimSpace(line); text != "" {
			return text
		}
	}
	return ""
}
