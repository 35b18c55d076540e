package house

import (
	"slices"
	"strings"
	"testing"
)

func TestSize(t *testing.T) {
	file := func(path string, lines int, beginning ...string) File {
		text := strings.Join(append(beginning, "package sized"), "\n") + "\n"
		return File{path, []byte(text + strings.Repeat("\n", lines-strings.Count(text, "\n")))}
	}
	full := file("full.go", FileLinesMax)
	for _, test := range []struct {
		name  string
		files []File
		wrong []string
	}{
		{"at the bounds", []File{full, file("least.go", FileLinesMin), file("a_test.go", FileLinesMax), file("b_test.go", FileLinesMin)}, nil},
		{"too long", []File{file("long.go", FileLinesMax+1)}, []string{"long.go"}},
		{"a test that is too long", []File{full, file("long_test.go", FileLinesMax+1)}, []string{"long_test.go"}},
		{"too short", []File{full, file("short.go", FileLinesMin-1)}, []string{"short.go"}},
		{"tests that are too short", []File{full, file("a_test.go", 3), file("b_test.go", 3)}, []string{"a_test.go", "b_test.go"}},
		{"comment of the package", []File{full, file("doc.go", 2)}, nil},
		{"all of the code", []File{file("doc.go", 2), file("small.go", 3), file("small_test.go", 3)}, nil},
		{"for one system", []File{full, file("free_linux.go", 3), file("free_linux_test.go", 3), file("long_test.go", 100)}, nil},
		{"for other systems", []File{full, file("free_other.go", 5, "//go:build !linux", ""), file("b.go", 6, "// Text.", "", "//go:build !linux", "")}, nil},
		{"a directive that is no constraint", []File{full, file("made.go", 5, "//go:generate true", "")}, []string{"made.go"}},
		{"for tests and documentation", []File{full, file("export_test.go", 3), file("contract_test.go", 3), file("example_test.go", 3), file("example_world_test.go", 3)}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var wrong []string
			for path, why := range Size(test.files) {
				wrong = append(wrong, path)
				if !strings.HasPrefix(why, "has ") {
					t.Errorf("%s: unexpected reason: %s", path, why)
				}
			}
			slices.Sort(wrong)
			if !slices.Equal(wrong, test.wrong) {
				t.Errorf("wrong: %q, want %q", wrong, test.wrong)
			}
		})
	}
}
