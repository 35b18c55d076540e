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
				complaints := listen(t, ctx)
				_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
					Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
				})
				if err != nil {
					t.Fatal(err)
				}
				if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate("file://"+file)); err != nil {
					t.Fatal(err)
				}
				visit(t, ctx)
				for _, complaint := range complaints() {
					t.Errorf("the browser complains: %s", complaint)
				}
			})
		}
	}
}

// listen collects what the browser complains of: errors of scripts, and loads that the page's policy has blocked.
func listen(t *testing.T, ctx context.Context) (complaints func() []string) {
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

// visit does what a reader does, and looks at what comes of it.
func visit(t *testing.T, ctx context.Context) {
	t.Helper()
	for _, check := range []struct{ what, script string }{
		{"the body is no wider than the window", `document.documentElement.scrollWidth <= innerWidth`},
		{"there is a lane for each actor and the review", `document.querySelectorAll("#names div").length >= 5`},
		{"the curve is drawn, and where it was too late", `document.querySelectorAll("#scroll path.calm").length === 1 && document.querySelectorAll("#jump-line").length === 1`},
		{"messages and events are drawn", `document.querySelectorAll("#scroll .message").length > 5 && document.querySelectorAll("#scroll .dot").length > 5`},
		{"the review that it is about is shown first", `document.querySelector("#filters [aria-pressed=true]").dataset.subject !== ""`},
		{"one review has fewer messages than all, and its own lane only", `(() => {
			const few = document.querySelectorAll("#scroll .message").length, lanes = document.querySelectorAll("#names div").length;
			document.querySelector("#filters button").click();
			return document.querySelectorAll("#scroll .message").length > few && document.querySelectorAll("#names div").length > lanes &&
				document.querySelector("#filters button").getAttribute("aria-pressed") === "true";
		})()`},
		{"the trace is filtered too", `(() => {
			const rows = () => [...document.querySelectorAll("#trace tbody tr")].filter((row) => !row.hidden).length;
			const all = rows();
			document.querySelector("#filters button:nth-child(2)").click();
			return rows() < all;
		})()`},
		{"pointing at something tells what it is", `(() => {
			const target = document.querySelector("#scroll .dot"), box = target.getBoundingClientRect();
			target.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, clientX: box.x + 2, clientY: box.y + 2 }));
			const tip = document.getElementById("tip");
			return !tip.hidden && /^\d\d:\d\d\.\d\d\d/.test(tip.textContent) && tip.getBoundingClientRect().right <= innerWidth;
		})()`},
		{"arrow keys move from event to event", `(() => {
			const scroll = document.getElementById("scroll"), detail = document.getElementById("detail");
			const press = (key) => { scroll.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })); return detail.textContent; };
			const first = press("ArrowRight"), second = press("ArrowRight");
			return first !== second && press("ArrowLeft") === first;
		})()`},
		{"a time of the story leads to the timeline", `(() => {
			document.querySelector(".story .time").click();
			return document.activeElement.id === "scroll" && document.querySelectorAll("#scroll .chosen").length === 1;
		})()`},
		{"it zooms, and shows all of it", `(() => {
			const svg = () => Number(document.querySelector("#scroll svg").getAttribute("width"));
			const before = svg();
			document.getElementById("zoom-in").click();
			const larger = svg() > before;
			document.getElementById("zoom-fit").click();
			return larger && svg() < before * 1.5;
		})()`},
		{"still no wider than the window", `document.documentElement.scrollWidth <= innerWidth`},
		{"the history is loaded when it is asked for", `(() => {
			const before = document.getElementById("drawn-history").srcdoc;
			document.getElementById("history").open = true;
			return before === "";
		})()`},
	} {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](check.script))
		if err != nil || !ok {
			t.Errorf("%s: %v (error %v)", check.what, ok, err)
		}
	}
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](`document.getElementById("drawn-history").srcdoc.includes("Porcupine")`)); err != nil {
		t.Errorf("the history: %v", err)
	}
}
