package onceover_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "draw the pictures in docs/images anew; those of pages need Chromium")

const module = "github.com/onceover/onceover"

// layers are the rows of the drawing, from the top: each box is a package, or several of one kind together.
var layers = [][]string{
	{"cmd/onceover", "cmd/onceover/internal", "cmd/deterministic"},
	{"sim", "sim/generate", "sim/certify"},
	{"sim/explain", "sim/campaign", "sim/world", "sim/counter"},
	{"sim/run", "checker"},
	{"sim/kernel", "checker/times", "checker/model", "faults", "faults/pgwire", "faults/pgserver"},
	{"engine/enginetest", "engine/postgres", "engine/httpapi", "engine/live"},
	{"engine"},
}

// boxOf returns the box in which a package is drawn; empty for the module's root, which has no code.
func boxOf(path string) string {
	name := strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
	for _, together := range []string{"cmd/onceover/internal", "cmd/deterministic", "engine/postgres"} {
		if name == together || strings.HasPrefix(name, together+"/") {
			return together
		}
	}
	return name
}

// TestArchitectureDrawing draws the packages of the module and their imports, and compares the drawing with the one in
// docs. A package that stands in no layer, or imports one above it, fails the test.
func TestArchitectureDrawing(t *testing.T) {
	imports := boxImports(t)
	row := make(map[string]int)
	for i, layer := range layers {
		for _, box := range layer {
			row[box] = i
		}
	}
	for box, targets := range imports {
		if _, drawn := row[box]; !drawn {
			t.Errorf("package %s stands in no layer of the drawing: add it to layers", box)
		}
		for _, target := range targets {
			if row[target] < row[box] || row[target] == row[box] && position(target) <= position(box) {
				t.Errorf("%s imports %s, which is not below it", box, target)
			}
		}
	}
	for _, theme := range []theme{light, dark} {
		path := filepath.Join("docs", "images", "architecture-"+theme.name+".svg")
		drawing := draw(imports, theme)
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, drawing, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if kept, err := os.ReadFile(path); err != nil || !bytes.Equal(kept, drawing) {
			t.Errorf("%s is not what the imports are (%v): make pictures draws it anew", path, err)
		}
	}
}

// boxImports returns what each box imports, in order and each once, without what follows from other imports.
func boxImports(t *testing.T) map[string][]string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,GoFiles", "./...")
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	direct := make(map[string][]string)
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var p struct {
			ImportPath       string
			Imports, GoFiles []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		box := boxOf(p.ImportPath)
		if box == "" || len(p.GoFiles) == 0 {
			continue
		}
		direct[box] = append(direct[box], nil...)
		for _, path := range p.Imports {
			target := boxOf(path)
			if strings.HasPrefix(path, module+"/") && target != box && !slices.Contains(direct[box], target) {
				direct[box] = append(direct[box], target)
			}
		}
		slices.Sort(direct[box])
	}
	reduced := make(map[string][]string)
	for box, targets := range direct {
		reduced[box] = slices.DeleteFunc(slices.Clone(targets), func(target string) bool {
			return slices.ContainsFunc(targets, func(other string) bool { return other != target && reaches(direct, other, target) })
		})
	}
	return reduced
}

// reaches reports whether one box imports another, directly or not.
func reaches(imports map[string][]string, from, to string) bool {
	return slices.ContainsFunc(imports[from], func(next string) bool { return next == to || reaches(imports, next, to) })
}

// position is the place of a box in its layer.
func position(box string) int {
	for _, layer := range layers {
		if i := slices.Index(layer, box); i >= 0 {
			return i
		}
	}
	return -1
}

// A theme is the colours of a drawing.
type theme struct {
	name, background, text, line string
	fills                        map[string]string // by top-level folder
}

var (
	light = theme{"light", "#ffffff", "#1f2328", "#8c959f", map[string]string{
		"cmd": "#ddf4ff", "sim": "#dafbe1", "checker": "#fff8c5", "faults": "#ffebe9", "engine": "#fbefff",
	}}
	dark = theme{"dark", "#0d1117", "#e6edf3", "#6e7681", map[string]string{
		"cmd": "#0c2d6b", "sim": "#033a16", "checker": "#4b2900", "faults": "#67060c", "engine": "#3c1e70",
	}}
)

// draw returns the drawing as SVG.
func draw(imports map[string][]string, colours theme) []byte {
	const (
		width, boxWidth, boxHeight = 980, 176, 40
		top, step                  = 16, 84
	)
	type point struct{ x, y int }
	centre := make(map[string]point)
	for i, layer := range layers {
		gap := width / len(layer)
		for j, box := range layer {
			centre[box] = point{gap/2 + j*gap, top + boxHeight/2 + i*step}
		}
	}
	height := top + len(layers)*step - (step - boxHeight) + top
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" `+
		`font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="%s"/>`+"\n", width, height, colours.background)
	fmt.Fprintf(&b, `<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">`+
		`<path d="M0 0L8 4L0 8z" fill="%s"/></marker></defs>`+"\n", colours.line)
	for _, layer := range layers {
		for _, box := range layer {
			for _, target := range imports[box] {
				from, to := centre[box], centre[target]
				if from.y == to.y {
					arrow(&b, colours.line, point{from.x + boxWidth/2, from.y}, point{to.x - boxWidth/2, to.y}, 0)
					continue
				}
				arrow(&b, colours.line, point{from.x, from.y + boxHeight/2}, point{to.x, to.y - boxHeight/2}, (to.y-from.y-boxHeight)/2)
			}
		}
	}
	for _, layer := range layers {
		for _, box := range layer {
			folder, _, _ := strings.Cut(box, "/")
			c := centre[box]
			fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%d" height="%d" rx="6" fill="%s" stroke="%s"/>`+"\n",
				c.x-boxWidth/2, c.y-boxHeight/2, boxWidth, boxHeight, colours.fills[folder], colours.line)
			fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle" fill="%s">%s</text>`+"\n", c.x, c.y+5, colours.text, box)
		}
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// arrow draws an import, bent so that it leaves and arrives upright.
func arrow(b *bytes.Buffer, colour string, from, to struct{ x, y int }, bend int) {
	fmt.Fprintf(b, `<path d="M%d %dC%d %d %d %d %d %d" fill="none" stroke="%s" marker-end="url(#head)"/>`+"\n",
		from.x, from.y, from.x, from.y+bend, to.x, to.y-bend, to.x, to.y, colour)
}
