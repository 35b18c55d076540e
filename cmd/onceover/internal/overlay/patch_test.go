package overlay

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// song has lines that occur once and a line that occurs twice.
const song = "one\ntwo\nagain\nthree\nfour\nagain\nfive\n"

const rename = `What it does, in words.

--- a/song.txt
+++ b/song.txt
@@ -1,3 +1,3 @@
 one
-two
+zwei
 again
`

func parsed(t testing.TB, name, content string) Patch {
	t.Helper()
	patch, err := ParsePatch(name, []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	return patch
}

func TestPatchesArePlacedByTheirLines(t *testing.T) {
	for _, test := range []struct{ name, file, want string }{
		{"where it was", song, strings.Replace(song, "two", "zwei", 1)},
		{"further down", "zero\nhalf\n" + song, strings.Replace("zero\nhalf\n"+song, "two", "zwei", 1)},
		{"around it all is new", "one\ntwo\nagain\n", "one\nzwei\nagain\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tree := treeOf(t, map[string]string{"song.txt": test.file})
			edits, err := tree.Apply(nil, parsed(t, "rename", rename))
			if err != nil || edits["song.txt"] != test.want {
				t.Errorf("%q, %v; want %q", edits["song.txt"], err, test.want)
			}
		})
	}
}

func TestPatchesCompose(t *testing.T) {
	tree := treeOf(t, map[string]string{"song.txt": song})
	first, err := tree.Apply(nil, parsed(t, "first", rename))
	if err != nil {
		t.Fatal(err)
	}
	before := maps.Clone(first)
	second, err := tree.Apply(first, parsed(t, "second", `diff --git a/song.txt b/song.txt
--- a/song.txt
+++ b/song.txt
@@ -2,1 +2,2 @@
-zwei
+deux
+and a half
@@ -70,2 +71,1 @@ func far() {
 again
-five
diff --git a/new/verse.txt b/new/verse.txt
new file mode 100644
--- /dev/null
+++ b/new/verse.txt
@@ -0,0 +1,2 @@
+six
+seven
\ No newline at end of file
`))
	if err != nil {
		t.Fatal(err)
	}
	want := Edits{"song.txt": "one\ndeux\nand a half\nagain\nthree\nfour\nagain\n", "new/verse.txt": "six\nseven"}
	if !maps.Equal(second, want) || !maps.Equal(first, before) {
		t.Errorf("edits %q after %q, want %q after %q", second, first, want, before)
	}
	if got := second.Paths(); !slices.Equal(got, []string{"new/verse.txt", "song.txt"}) {
		t.Errorf("paths %q", got)
	}
}

func TestStalePatchesNamePatchFileAndHunk(t *testing.T) {
	tree := treeOf(t, map[string]string{"song.txt": song})
	head := "--- a/song.txt\n+++ b/song.txt\n"
	for _, test := range []struct{ name, patch, want string }{
		{"lines that are gone", head + "@@ -1,2 +1,2 @@\n one\n-drei\n+three\n",
			`patch p does not fit song.txt any more: hunk 1 (@@ -1,2 +1,2 @@) its lines, from "one" on, occur nowhere; write it anew`},
		{"two places", head + "@@ -1,2 +1,2 @@\n one\n-two\n+zwei\n@@ -3,1 +3,1 @@\n-again\n+encore\n",
			`hunk 2 (@@ -3,1 +3,1 @@) its lines, from "again" on, occur at 2 places`},
		{"part of a line", head + "@@ -1,1 +1,1 @@\n-tw\n+zw\n", "occur nowhere"},
		{"no newline any more", head + "@@ -7,1 +7,1 @@\n-five\n\\ No newline at end of file\n+six\n", "occur nowhere"},
		{"overlapping", head + "@@ -1,2 +1,2 @@\n one\n-two\n+zwei\n@@ -2,2 +2,2 @@\n-two\n+deux\n again\n", "hunk 2 (@@ -2,2 +2,2 @@) it belongs where another"},
		{"no file", "--- a/poem.txt\n+++ b/poem.txt\n@@ -1,1 +1,1 @@\n-a\n+b\n", "patch p does not fit poem.txt any more: there is no such file"},
		{"file that is there", "--- /dev/null\n+++ b/song.txt\n@@ -0,0 +1,1 @@\n+b\n", "song.txt any more: it is to be new, but is there"},
	} {
		t.Run(test.name, func(t *testing.T) {
			edits, err := tree.Apply(nil, parsed(t, "p", test.patch))
			var stale *StalePatchError
			if !errors.As(err, &stale) || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, %v; want %q", edits, err, test.want)
			}
		})
	}
}

func TestParsePatch(t *testing.T) {
	patch := parsed(t, "rename", rename)
	if patch.Text != "What it does, in words.\n\n" || !slices.Equal(patch.Paths(), []string{"song.txt"}) {
		t.Errorf("text %q, paths %q", patch.Text, patch.Paths())
	}
	if patch := parsed(t, "words", "Nothing but words.\n"); patch.Text != "Nothing but words.\n" || len(patch.Paths()) != 0 {
		t.Errorf("text %q, paths %q", patch.Text, patch.Paths())
	}
	for _, test := range []struct{ name, patch, want string }{
		{"wrong count", "--- a/song.txt\n+++ b/song.txt\n@@ -1,3 +1,3 @@\n-one\n+two\n", "patch p: is no unified diff: "},
		{"hunk without file", "@@ -1,1 +1,1 @@\n-one\n+two\n", "is no unified diff"},
		{"deletion", "--- a/song.txt\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-one\n", "deletes song.txt"},
		{"renaming", "diff --git a/song.txt b/poem.txt\nsimilarity index 100%\nrename from song.txt\nrename to poem.txt\n", "renames or copies song.txt"},
		{"mode", "diff --git a/song.txt b/song.txt\nold mode 100644\nnew mode 100755\n", "nothing but the mode"},
		{"outside", "--- a/../song.txt\n+++ b/../song.txt\n@@ -1,1 +1,1 @@\n-one\n+two\n", `changes "../song.txt": allowed are paths inside`},
		{"nowhere", "--- a/song.txt\n+++ b/song.txt\n@@ -1,0 +1,1 @@\n+two\n", "has no line by which it can be placed"},
		{"twice", rename + strings.TrimPrefix(rename, "What it does, in words.\n\n"), "changes song.txt twice"},
		{"an empty line that does not end", "--- a/n\n+++ b/n\n@@ -1,2 +1,1 @@\n-two\n \n\\ No newline at end of file\n", "not the end of a file"},
		{"a line that does not end, in the middle", "--- a/n\n+++ b/n\n@@ -1,2 +1,1 @@\n two\n\\ No newline at end of file\n-six\n", "not the end of a file"},
		{"binary", "diff --git a/a.png b/a.png\nindex 1..2 100644\nBinary files a/a.png and b/a.png differ\n", "a binary file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParsePatch("p", []byte(test.patch))
			var refused *PatchError
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// A hunk with lines that occur once is found among any other lines.
func TestUnrelatedLinesDoNotMatter(t *testing.T) {
	patch := parsed(t, "rename", rename)
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOf(rapid.StringMatching(`[a-z ]{0,3}`))
		above, below := text(lines.Draw(t, "above")), text(lines.Draw(t, "below"))
		got, err := patch.files[0].apply(above+song+below, "rename")
		if want := above + strings.Replace(song, "two", "zwei", 1) + below; err != nil || got != want {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	})
}

func text(lines []string) string {
	var out strings.Builder
	for _, line := range lines {
		out.WriteString(line + "\n")
	}
	return out.String()
}

// A text that can be read as a patch can be applied to its old lines, and the result is its new lines.
func FuzzParsePatch(f *testing.F) {
	f.Add([]byte(rename))
	f.Add([]byte("diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+six\n\\ No newline at end of file\n"))
	f.Add([]byte("Words only."))
	f.Fuzz(func(t *testing.T, content []byte) {
		patch, err := ParsePatch("p", content)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q has more than one line", err)
			}
			return
		}
		for _, file := range patch.files {
			for _, h := range file.hunks {
				single := filePatch{path: file.path, isNew: file.isNew, hunks: []hunk{h}}
				got, err := single.apply(strings.Join(h.old, ""), "p")
				if want := strings.Join(h.new, ""); err != nil || got != want {
					t.Fatalf("%q, %v; want %q", got, err, want)
				}
			}
		}
	})
}
