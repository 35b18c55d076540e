package house

import (
	"slices"
	"strings"
	"testing"
)

func TestTidy(t *testing.T) {
	for _, test := range []struct {
		name       string
		files      []File
		documented bool
		want       []string // the beginning of each finding
	}{
		{
			name: "everything has a comment",
			files: []File{{"good.go", []byte(`// Package good is tidy.
package good

// Limits of the package.
const (
	Least = 1
	Most  = 9
)

// Kind is one of them.
type Kind int

// The kinds.
var First, Second Kind

const (
	// Low and High are the ends.
	Low = iota
	High
)

type (
	// Pair is two.
	Pair[A, B any] struct { a A; b B }
	hidden struct{}
)

// String names the kind.
func (k *Kind) String() string { return "" }

func (hidden) Exported() {}
`)}},
			documented: true,
		},
		{
			name: "names without comments",
			files: []File{{"bad.go", []byte(`// Package bad is not tidy.
package bad

const Limit, least = 1, 2

type Kind int

// Types share no comment.
type (
	A int
	B int
)

func New() Kind { return 0 }

//go:noinline
func (k *Kind) Exported() {}

func (p *Pair[A, B]) First() {}

// Pair is two.
type Pair[A, B any] struct{}
`)}},
			documented: true,
			want: []string{
				"bad.go:4:7: Limit is exported", "bad.go:6:6: Kind", "bad.go:10:2: A", "bad.go:11:2: B",
				"bad.go:14:6: New", "bad.go:17:16: Exported", "bad.go:19:22: First",
			},
		},
		{
			name:  "names may go without where it is not asked for",
			files: []File{{"main.go", []byte("// Command main does it.\npackage main\n\nfunc Run() {}\n")}},
		},
		{
			name:  "no package comment",
			files: []File{{"a.go", []byte("//go:build linux\n\npackage a\n")}, {"b.go", []byte("package a\n")}},
			want:  []string{"a.go:3:1: package a has no comment"},
		},
		{
			name:  "a test does not document the package",
			files: []File{{"a_test.go", []byte("// Package a is described here.\npackage a\n")}, {"b.go", []byte("package a\n")}},
			want:  []string{"b.go:1:1: package a has no comment"},
		},
		{
			name:  "unless there is nothing else",
			files: []File{{"a_test.go", []byte("// Package a is described here.\npackage a\n")}},
		},
		{
			name:       "tests need no comments",
			files:      []File{{"a.go", []byte("// Package a is described here.\npackage a\n")}, {"a_test.go", []byte("package a\n\nfunc Helper() {}\n")}},
			documented: true,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Tidy(test.files, test.documented)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.EqualFunc(got, test.want, strings.HasPrefix) {
				t.Errorf("found:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(test.want, "\n\t"))
			}
		})
	}
}

func TestTidyNamesAFileThatDoesNotParse(t *testing.T) {
	_, err := Tidy([]File{{"broken.go", []byte("package")}}, true)
	if err == nil || !strings.Contains(err.Error(), "broken.go") {
		t.Errorf("got error %v, want one that names broken.go", err)
	}
}
