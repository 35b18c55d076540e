package overlay

import (
	"bytes"
	"fmt"
	"hash"
	"path"
	"strings"

	"github.com/bluekeyes/go-gitdiff/gitdiff"
)

// A Patch changes files, and may begin with a text.
type Patch struct {
	// Name is what errors call it.
	Name string
	// Text is what stands before the first diff.
	Text string

	files []filePatch
}

// A filePatch changes one file, or makes it.
type filePatch struct {
	path  string
	isNew bool
	hunks []hunk
}

// A hunk replaces lines. Each ends with its newline, except the last of a file that does not.
type hunk struct {
	header   string // with line numbers, for people
	old, new []string
}

// A PatchError reports that a text is not a patch that this package can apply.
type PatchError struct {
	Patch  string // name
	Reason string
}

// Error names the patch and the reason on one line.
func (e *PatchError) Error() string { return fmt.Sprintf("patch %s: %s", e.Patch, e.Reason) }

// ParsePatch reads a patch: a text, which may be empty, and then a unified diff of text files, which may be absent. It
// may change files and add new ones; anything else (renames, deletions, changed modes, binary files, a path outside
// the tree) is a [*PatchError], and so is what is no diff.
func ParsePatch(name string, content []byte) (Patch, error) {
	refuse := func(format string, arguments ...any) (Patch, error) {
		reason := fmt.Sprintf(format, arguments...)
		return Patch{}, &PatchError{Patch: name, Reason: strings.Join(strings.Fields(strings.ToValidUTF8(reason, "?")), " ")}
	}
	files, text, err := gitdiff.Parse(bytes.NewReader(content))
	if err != nil {
		return refuse("is no unified diff: %v", err)
	}
	patch := Patch{Name: name, Text: text}
	given := make(map[string]bool)
	for _, file := range files {
		stripPrefixes(file)
		at := file.NewName
		switch {
		case file.IsDelete:
			return refuse("deletes %s: files can be changed and added", file.OldName)
		case file.IsBinary:
			return refuse("changes %s, a binary file: allowed are text files", at)
		case file.IsRename || file.IsCopy || !file.IsNew && file.OldName != at:
			return refuse("renames or copies %s: files can be changed and added", file.OldName)
		case at == "" || path.IsAbs(at) || path.Clean(at) != at || strings.HasPrefix(at, "../") || at == "..":
			return refuse("changes %q: allowed are paths inside the source tree", at)
		case given[at]:
			return refuse("changes %s twice", at)
		case len(file.TextFragments) == 0 && !file.IsNew:
			return refuse("changes nothing but the mode of %s", at)
		}
		given[at] = true
		changed := filePatch{path: at, isNew: file.IsNew}
		for _, fragment := range file.TextFragments {
			changed.hunks = append(changed.hunks, newHunk(fragment))
		}
		for _, h := range changed.hunks {
			switch {
			case len(h.old) == 0 && !changed.isNew:
				return refuse("%s: %s has no line by which it can be placed", at, h.header)
			case !wholeLines(h.old) || !wholeLines(h.new):
				return refuse("%s: %s has a line without a newline that is not the end of a file", at, h.header)
			}
		}
		patch.files = append(patch.files, changed)
	}
	return patch, nil
}

// stripPrefixes takes off the prefixes a/ and b/, which are left where no line "diff --git" stands before the diff. No
// folder of this module has these names.
func stripPrefixes(file *gitdiff.File) {
	for _, name := range []*string{&file.OldName, &file.NewName} {
		for _, prefix := range []string{"a/", "b/"} {
			if below, has := strings.CutPrefix(*name, prefix); has {
				*name = below
				break
			}
		}
	}
}

func newHunk(fragment *gitdiff.TextFragment) hunk {
	h := hunk{header: strings.TrimSpace(fragment.Header())}
	for _, line := range fragment.Lines {
		if line.Old() {
			h.old = append(h.old, line.Line)
		}
		if line.New() {
			h.new = append(h.new, line.Line)
		}
	}
	return h
}

// wholeLines reports whether these can be lines of a file, as [Tree.Apply] cuts them: each ends with a newline, but for
// the last, which is not empty then.
func wholeLines(lines []string) bool {
	for i, line := range lines {
		if !strings.HasSuffix(line, "\n") && (line == "" || i < len(lines)-1) {
			return false
		}
	}
	return true
}

// Paths returns the files that the patch changes, in its order.
func (p Patch) Paths() []string {
	paths := make([]string, 0, len(p.files))
	for _, file := range p.files {
		paths = append(paths, file.path)
	}
	return paths
}

// WriteHash adds what the patch changes to a hash: of each file, which lines become which.
func (p Patch) WriteHash(sum hash.Hash) {
	for _, file := range p.files {
		for _, h := range file.hunks {
			_, _ = fmt.Fprintf(sum, "%q %q %q\n", file.path, h.old, h.new) // writing to a hash never fails
		}
	}
}
