package onceover_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// The failure of the README: its page is what the pictures show.
var pictured = []string{"replay", "122", "--bug", "start-resets-live+era", "--minimise"}

// TestPictures takes the pictures of the README and of the documents from a real failure, in light and dark. It does so
// with -update only: how a browser draws letters differs from machine to machine. Without it, it looks whether they are
// there.
func TestPictures(t *testing.T) {
	pictures := []struct {
		name     string
		selector string // of what is shown; empty for the top of the page
		height   int64
	}{
		{"page", "", 860},
		{"timeline", "section[aria-labelledby=timeline-title]", 0},
	}
	if !*update {
		for _, picture := range pictures {
			for _, scheme := range []string{"light", "dark"} {
				if _, err := os.Stat(filepath.Join("docs", "images", picture.name+"-"+scheme+".png")); err != nil {
					t.Errorf("%v: make pictures takes it", err)
				}
			}
		}
		return
	}
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("pictures are taken in Chromium: %v", err)
	}
	directory := t.TempDir()
	file := filepath.Join(directory, "failure.html")
	arguments := append([]string{"run", "./cmd/onceover"}, pictured...)
	// The page shows the command that replays the run: a name that a reader could have, in a directory that is ignored.
	if err := os.MkdirAll("out", 0o755); err != nil {
		t.Fatal(err)
	}
	arguments = append(arguments, "--html", file, "--out", filepath.Join("out", "default-122-min.json"))
	output, err := exec.CommandContext(t.Context(), "go", arguments...).CombinedOutput()
	if _, missing := os.Stat(file); missing != nil { // the exit code says that a property was violated
		t.Fatalf("no page: %v\n%s", err, output)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.ExecPath(browser))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	defer stop()
	for _, scheme := range []string{"light", "dark"} {
		ctx, closeTab := chromedp.NewContext(allocator)
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, picture := range pictures {
			content, err := shoot(ctx, file, picture.selector, picture.height)
			if err != nil {
				t.Fatalf("%s, %s: %v", picture.name, scheme, err)
			}
			if err := os.WriteFile(filepath.Join("docs", "images", picture.name+"-"+scheme+".png"), content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		closeTab()
	}
}

// shoot takes a picture of a page: of an element, or of its top.
func shoot(ctx context.Context, file, selector string, height int64) ([]byte, error) {
	const width = 1280
	if height == 0 {
		height = 900
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, height), chromedp.Navigate("file://"+file)); err != nil {
		return nil, err
	}
	if selector == "" {
		return chromedp.Run(ctx, chromedp.CaptureScreenshot())
	}
	return chromedp.Run(ctx, chromedp.Screenshot(selector))
}
