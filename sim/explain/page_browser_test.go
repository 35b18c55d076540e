package explain

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser returns the path of a Chromium. Where the tests must not skip anything, it has to be there.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no Chromium on PATH: the page has to be tested in one; apt-get install chromium")
	}
	t.Skip("no Chromium on PATH: apt-get install chromium")
	return ""
}

// TestPageInBrowser opens the page from a file, as a reader does, on a desk and on a phone, in light and dark.
func TestPageInBrowser(t *testing.T) {
	path := browser(t)
	file := filepath.Join(t.TempDir(), "failure.html")
	if err := os.WriteFile(file, []byte(build(t, "a message with a <b> and a very_long_word_"+strings.Repeat("x", 300))), 0o600); err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.ExecPath(path))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	for _, width := range []int64{1280, 400} {
		for _, scheme := range []string{"light", "dark"} {
			t.Run(fmt.Sprintf("%d %s", width, scheme), func(t *testing.T) {
				ctx, closeTab := chromedp.NewContext(allocator)
				defer closeTab()
				complaints := listen(t, ctx, "file://"+file)
				_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
					Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
				})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
					t.Fatal(err)
				}
				if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate("file://"+file)); err != nil {
					t.Fatal(err)
				}
				visit(t, ctx, bothWidths)
				if width == 400 {
					visit(t, ctx, onPhone)
				} else {
					visit(t, ctx, onDesk)
				}
				visit(t, ctx, []visited{{"the body is no wider than the window", `document.documentElement.scrollWidth <= innerWidth`}})
				measureContrast(t, ctx)
				for _, complaint := range complaints() {
					t.Errorf("the browser complains: %s", complaint)
				}
			})
		}
	}
}

// listen collects what the browser complains of: errors of scripts, loads that the page's policy has blocked, and every
// request but the one for the page itself.
func listen(t *testing.T, ctx context.Context, page string) (complaints func() []string) {
	t.Helper()
	var mutex sync.Mutex
	var list []string
	add := func(text string) {
		mutex.Lock()
		defer mutex.Unlock()
		list = append(list, text)
	}
	err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			add(e.ExceptionDetails.Text + " " + e.ExceptionDetails.Exception.Description)
		case *runtime.EventConsoleAPICalled:
			add("console." + string(e.Type))
		case *log.EventEntryAdded:
			add(e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if !strings.HasPrefix(e.Request.URL, page) {
				add("it asks for " + e.Request.URL)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return func() []string {
		mutex.Lock()
		defer mutex.Unlock()
		return list
	}
}

// A visited is something that a reader does, and what comes of it: a script that returns whether it is so.
type visited struct{ what, script string }

// visit does what a reader does, and looks at what comes of it.
func visit(t *testing.T, ctx context.Context, checks []visited) {
	t.Helper()
	for _, check := range checks {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](check.script))
		if err != nil || !ok {
			t.Errorf("%s: %v (error %v)", check.what, ok, err)
		}
	}
}
