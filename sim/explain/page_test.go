package explain

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

var update = flag.Bool("update", false, "write the golden files")

// crashing is a world in which a run fails when a process crashes after the first review is there.
type crashing struct {
	*world.Deployment
	message string
}

func (c crashing) Run(spec run.Spec) run.Result {
	trace := spec.Trace
	var first string
	var last run.Line
	failed := false
	spec.Trace = func(line run.Line) {
		if failed {
			return
		}
		if line.Class == run.Mutation && first == "" {
			first = line.Subject
		}
		failed = line.Class == run.Life && strings.HasPrefix(line.Text, "crashes") && first != ""
		last = line
		if trace != nil {
			trace(line)
		}
	}
	outcome := c.Deployment.Run(spec)
	if failed {
		outcome.Verdict = run.Violated
		outcome.Violation = &run.Violation{Property: "no-stuck", At: last.At, Subject: first, Subjects: []string{first, "R1"}, Cause: "a process crashed", Message: c.message}
	}
	return outcome
}

// failing returns the first seed that fails, and its world.
func failing(t testing.TB, message string) (crashing, run.Spec) {
	t.Helper()
	w := crashing{world.New(), message}
	t.Cleanup(w.Close)
	for seed := uint64(1); seed < 100; seed++ {
		spec := run.Spec{Seed: seed, Profile: "default"}
		if w.Run(spec).Verdict == run.Violated {
			return w, spec
		}
	}
	t.Fatal("no seed fails")
	return w, run.Spec{}
}

func build(t testing.TB, message string) string {
	t.Helper()
	w, spec := failing(t, message)
	f, err := Explain(context.Background(), w, spec, Options{Minimise: true, Steps: 200_000, PointOfNoReturn: true, Moments: 6, Branches: 6, Pictures: true})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.HTML(&out, "onceover replay 1 --bug '<b>'", "go test -sim.seed=1"); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestPageGolden pins what a reader sees before anything is drawn: from the title to the story.
func TestPageGolden(t *testing.T) {
	html := build(t, "app-1 crashed while R1 was there")
	from, to := strings.Index(html, "<header>"), strings.Index(html, `<section class="timeline-column"`)
	if from < 0 || to < 0 {
		t.Fatal("the page has no header or no timeline")
	}
	got := regexp.MustCompile(`(?m)^\s*\n`).ReplaceAllString(html[from:to], "")
	got = regexp.MustCompile(`<dt>version</dt><dd>[^<]*`).ReplaceAllString(got, "<dt>version</dt><dd>VERSION")
	path := filepath.Join("testdata", "page_header.html")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the page begins differently than %s; go test ./sim/explain -update writes it anew:\n%s", path, got)
	}
}

// TestPageEscapes: whatever stands in the text of an error stays text, in the page and in the data of its script.
func TestPageEscapes(t *testing.T) {
	const evil = `</script><script>alert(1)</script><img src=x onerror="alert(2)">'"` + "\u2028" + `<!--`
	html := build(t, evil)
	for _, bad := range []string{"<script>alert", "<img", "</script><script>alert", "<!--", "\u2028<", "'<b>'"} {
		if strings.Contains(html, bad) {
			t.Errorf("the page holds %q unescaped", bad)
		}
	}
	if !strings.Contains(html, "&lt;/script&gt;&lt;script&gt;alert(1)") {
		t.Error("the message is not on the page")
	}
}

// TestPageNeedsNothing: no address outside the page, one policy that forbids the network, and a size that opens at
// once.
func TestPageNeedsNothing(t *testing.T) {
	html := build(t, "a message")
	outside := regexp.MustCompile(`(?i)(src|href)\s*=|url\((?:[^#])|@import|https?://`)
	for _, found := range outside.FindAllStringIndex(html, -1) {
		context := html[found[0]:min(found[1]+40, len(html))]
		inside := strings.HasPrefix(context, `href="#`)
		if !inside && !strings.Contains(context, "http://www.w3.org/2000/svg") { // a name, not an address
			t.Errorf("the page refers to something outside: %q", context)
		}
	}
	if !strings.Contains(html, `content="default-src &#39;none&#39;; base-uri`) && !strings.Contains(html, `content="default-src 'none'; base-uri`) {
		t.Error("the page has no policy that forbids the network")
	}
	if size := len(html); size > 2<<20 {
		t.Errorf("the page has %d bytes, want at most 2 MiB", size)
	}
}
