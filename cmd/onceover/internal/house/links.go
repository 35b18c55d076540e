package house

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// A document is a Markdown file, taken apart as far as its references need it.
type document struct {
	path    string
	anchors map[string]bool
	links   []reference // targets of links and pictures
	spans   []reference // code within sentences
	blocks  []reference // lines of blocks of code
}

// A reference is a text of a file that names something else.
type reference struct {
	line int
	text string
}

var (
	heading    = regexp.MustCompile(`^#{1,6}\s+(.*?)\s*#*$`)
	codeSpan   = regexp.MustCompile("`([^`]+)`")
	inlineLink = regexp.MustCompile(`\]\(\s*<?([^)\s>]+)>?[^)]*\)`)
	definition = regexp.MustCompile(`^\s{0,3}\[[^\]]+\]:\s*<?([^\s>]+)>?`)
	attribute  = regexp.MustCompile(`\b(?:href|src|srcset|id|name)="([^"]*)"`)
	hidden     = regexp.MustCompile(`(?s)<!--.*?-->`)
)

// readDocument takes a Markdown file apart.
func readDocument(name, text string) *document {
	d := &document{path: name, anchors: make(map[string]bool)}
	// Comments are for authors. Their lines stay, so that places are right.
	text = hidden.ReplaceAllStringFunc(text, func(c string) string { return strings.Repeat("\n", strings.Count(c, "\n")) })
	fence := ""
	for i, line := range strings.Split(text, "\n") {
		if mark := fenceOf(line); mark != "" && (fence == "" || strings.HasPrefix(mark, fence)) {
			if fence == "" {
				fence = mark
			} else {
				fence = ""
			}
			continue
		}
		if fence != "" {
			d.blocks = append(d.blocks, reference{i + 1, line})
			continue
		}
		if match := heading.FindStringSubmatch(line); match != nil {
			d.addAnchor(match[1])
		}
		for _, match := range codeSpan.FindAllStringSubmatch(line, -1) {
			d.spans = append(d.spans, reference{i + 1, match[1]})
		}
		line = codeSpan.ReplaceAllString(line, "`")
		for _, pattern := range []*regexp.Regexp{inlineLink, definition} {
			for _, match := range pattern.FindAllStringSubmatch(line, -1) {
				d.links = append(d.links, reference{i + 1, match[1]})
			}
		}
		for _, match := range attribute.FindAllStringSubmatch(line, -1) {
			if strings.HasPrefix(match[0], "id=") || strings.HasPrefix(match[0], "name=") {
				d.anchors[match[1]] = true
				continue
			}
			target, _, _ := strings.Cut(match[1], " ") // A srcset may have a size behind.
			d.links = append(d.links, reference{i + 1, target})
		}
	}
	return d
}

// fenceOf returns the mark of a line that begins or ends a block of code.
func fenceOf(line string) string {
	line = strings.TrimLeft(line, " ")
	for _, mark := range []string{"```", "~~~"} {
		if strings.HasPrefix(line, mark) {
			return line[:len(line)-len(strings.TrimLeft(line, mark[:1]))]
		}
	}
	return ""
}

// addAnchor adds the anchor that GitHub makes of a heading. Headings of the same text are numbered.
func (d *document) addAnchor(heading string) {
	var b strings.Builder
	for _, r := range strings.ToLower(heading) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			b.WriteRune(r)
		case r == ' ':
			b.WriteByte('-')
		}
	}
	anchor := b.String()
	for n := 1; d.anchors[anchor]; n++ {
		anchor = b.String() + "-" + strconv.Itoa(n)
	}
	d.anchors[anchor] = true
}

// Code returns the code in a Markdown text: what stands between backquotes, and the lines of blocks of code.
func Code(text string) []string {
	d := readDocument("", text)
	var code []string
	for _, r := range slices.Concat(d.spans, d.blocks) {
		code = append(code, r.text)
	}
	return code
}

// DeadReferences returns what the Markdown files of a tree refer to and does not exist, each as a line that begins with
// the place:
//
//   - the target of a link or picture, if it is a path in the tree or an anchor
//   - a path in the tree between backquotes: one that begins with a folder of the tree's top, or the name of a Go file
//   - a target of the Makefile between backquotes, such as make bench
//
// What links to other sites refer to is not looked at.
func DeadReferences(tree fs.FS, files []string) ([]string, error) {
	known, err := readTree(tree)
	if err != nil {
		return nil, err
	}
	documents := make(map[string]*document)
	for _, name := range files {
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return nil, err
		}
		documents[name] = readDocument(name, string(text))
	}
	var dead []string
	for _, name := range files {
		d := documents[name]
		for _, link := range d.links {
			if why := known.checkLink(documents, d, link.text); why != "" {
				dead = append(dead, fmt.Sprintf("%s:%d: link to %s: %s", name, link.line, link.text, why))
			}
		}
		for _, span := range d.spans {
			if why := known.checkSpan(span.text); why != "" {
				dead = append(dead, fmt.Sprintf("%s:%d: `%s`: %s", name, span.line, span.text, why))
			}
		}
	}
	return dead, nil
}

// namedPath is a path within a text.
var namedPath = regexp.MustCompile(`(?:^|[\s("'=])((?:\./)?[.a-z]+(?:/[\w.*-]+)+)`)

// deadPaths returns the paths in a text that begin with a folder at the top of the tree and do not exist, each with the
// reason.
func (k *knownTree) deadPaths(text string) []string {
	var dead []string
	for _, match := range namedPath.FindAllStringSubmatch(text, -1) {
		name := strings.TrimRight(match[1], ".")
		if strings.HasSuffix(match[1], "/...") {
			name = match[1]
		}
		if why := k.checkPath(name); why != "" {
			dead = append(dead, name+": "+why)
		}
	}
	return dead
}

// knownTree is what references may name.
type knownTree struct {
	tree    fs.FS
	top     map[string]bool // folders at the top
	goFiles map[string]bool // names without a folder
	targets map[string]bool // of the Makefile
}

var target = regexp.MustCompile(`(?m)^([a-z][a-z0-9/-]*):`)

// readTree lists what references may name. Folders that hold no source are not walked.
func readTree(tree fs.FS) (*knownTree, error) {
	known := &knownTree{tree: tree, top: make(map[string]bool), goFiles: make(map[string]bool), targets: make(map[string]bool)}
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		if !entry.IsDir() {
			if path.Ext(name) == ".go" {
				known.goFiles[path.Base(name)] = true
			}
			return nil
		}
		if isSkipped(name) {
			return fs.SkipDir
		}
		if !strings.Contains(name, "/") {
			known.top[name] = true
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if makefile, err := fs.ReadFile(tree, "Makefile"); err == nil {
		for _, match := range target.FindAllSubmatch(makefile, -1) {
			known.targets[string(match[1])] = true
		}
	}
	return known, nil
}

// isSkipped reports whether a folder, by its path, is not part of the source.
func isSkipped(folder string) bool { return slices.Contains([]string{".git", "bin", "out"}, folder) }

// checkLink returns why the target of a link is dead, or "".
func (k *knownTree) checkLink(documents map[string]*document, from *document, link string) string {
	if strings.Contains(link, "://") || strings.HasPrefix(link, "mailto:") {
		return ""
	}
	file, anchor, _ := strings.Cut(link, "#")
	name := from.path
	if file != "" {
		name = path.Join(path.Dir(from.path), file)
		if !k.exists(name) {
			return "no such file"
		}
	}
	if anchor == "" {
		return ""
	}
	if d := documents[name]; d != nil && !d.anchors[anchor] {
		return "no such heading"
	}
	return ""
}

var (
	pathPattern = regexp.MustCompile(`^[\w.-]+(/[\w.*-]+)+/?$`)
	filePattern = regexp.MustCompile(`^\w+\.go$`)
	makePattern = regexp.MustCompile(`^make ([a-z][a-z-]*)`)
)

// checkSpan returns why code within a sentence names nothing, or "".
func (k *knownTree) checkSpan(span string) string {
	if match := makePattern.FindStringSubmatch(span); match != nil {
		if !k.targets[match[1]] {
			return "no such target of the Makefile"
		}
		return ""
	}
	if filePattern.MatchString(span) {
		if !k.goFiles[span] {
			return "no such file"
		}
		return ""
	}
	return k.checkPath(span)
}

// checkPath returns why a path of the tree does not exist, or "". It may end in "/...", have asterisks, or name an
// identifier of a package behind a point. What does not begin with a folder at the top is not looked at.
func (k *knownTree) checkPath(name string) string {
	name = strings.TrimPrefix(name, "./")
	folder, _, below := strings.Cut(name, "/")
	if !below || !k.top[folder] || !pathPattern.MatchString(name) {
		return ""
	}
	name = strings.TrimSuffix(strings.TrimSuffix(name, "/"), "/...")
	if strings.Contains(name, "*") {
		if found, err := fs.Glob(k.tree, name); err != nil || len(found) == 0 {
			return "no such files"
		}
		return ""
	}
	if before, is := cutIdentifier(name); is && k.exists(before) {
		return ""
	}
	if !k.exists(name) {
		return "no such file or package"
	}
	return ""
}

// cutIdentifier cuts the identifier off a path like sim/kernel.Process.
func cutIdentifier(name string) (before string, is bool) {
	folder, last := path.Split(name)
	before, identifier, _ := strings.Cut(last, ".")
	return folder + before, identifier != "" && unicode.IsUpper([]rune(identifier)[0])
}

// exists reports whether there is such a file or folder.
func (k *knownTree) exists(name string) bool {
	_, err := fs.Stat(k.tree, cmp.Or(name, "."))
	return err == nil
}
