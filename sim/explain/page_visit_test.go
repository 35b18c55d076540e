package explain

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp"
)

// bothWidths is what a reader does on every screen.
var bothWidths = []visited{
	{"the title is the verdict", `document.querySelector("h1").textContent.startsWith("a message with a <b>") && document.title.startsWith("a message")`},
	{"the review that it is about is shown first", `document.getElementById("filter-subject").value !== ""`},
	{"a chip leads to its mark in the story and shows it in the timeline, and the mark leads back", `(() => {
		for (const id of ["cause", "late", "effect"]) {
			const chip = document.getElementById("chip-" + id);
			if (!chip) return false;
			if (chip.tagName !== "A") continue; // of a cause without a moment
			chip.click();
			const mark = document.getElementById("mark-" + id);
			if (location.hash !== "#mark-" + id || !mark || document.getElementById("detail").textContent.includes("Nothing chosen")) return false;
			mark.querySelector("a.back").click();
			if (location.hash !== "#chip-" + id) return false;
		}
		return true;
	})()`},
	{"a time of the story leads to the timeline, and the chosen event back to the story", `(() => {
		document.querySelector("#story button.time").click();
		return document.activeElement.id === "scroll" && document.querySelectorAll("#scroll .is-chosen, #scroll circle.chosen").length === 1 &&
			document.querySelector("#story .is-linked") !== null;
	})()`},
	{"arrow keys move from event to event", `(() => {
		const scroll = document.getElementById("scroll"), detail = document.getElementById("detail");
		const press = (key) => { scroll.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })); return detail.textContent; };
		press("Home");
		const first = press("ArrowRight"), second = press("ArrowRight");
		return first !== second && press("ArrowLeft") === first;
	})()`},
	{"a search finds and dims, Enter goes on, and Escape clears", `(() => {
		const input = document.getElementById("search"), detail = document.getElementById("detail");
		const rows = () => [...document.querySelectorAll("#trace tbody tr")].filter((row) => !row.hidden).length;
		const all = rows();
		input.value = "store";
		input.dispatchEvent(new Event("input", { bubbles: true }));
		const first = detail.textContent, dimmed = document.querySelectorAll("#scroll .dim").length, found = document.getElementById("found").textContent;
		input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
		const second = detail.textContent, few = rows();
		input.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
		return first !== second && dimmed > 0 && /^[0-9]+ of [0-9]+$/.test(found) && few < all && rows() === all && input.value === "" &&
			document.querySelectorAll("#scroll .dim").length === 0;
	})()`},
	{"the trace is filtered by review and process", `(() => {
		const rows = () => [...document.querySelectorAll("#trace tbody tr")].filter((row) => !row.hidden).length;
		const choose = (id, value) => { const e = document.getElementById(id), was = e.value; e.value = value; e.dispatchEvent(new Event("change")); return was; };
		const few = rows(), was = choose("filter-subject", ""), all = rows();
		choose("filter-actor", "worker-1");
		const ofOne = rows();
		choose("filter-actor", "");
		choose("filter-subject", was);
		return few <= all && ofOne < all && rows() === few;
	})()`},
	{"a command is copied", `(() => {
		const all = [...document.querySelectorAll("[data-copy]")];
		return all.length === 2 && all.every((button) => {
			const want = document.getElementById(button.dataset.copy).textContent;
			button.click();
			return getSelection().toString() === want && want.length > 0 && /^(Copied|Selected)$/.test(button.textContent);
		});
	})()`},
	{"the other run is there, in grey", `document.getElementById("other").textContent.length > 10 &&
		(document.querySelectorAll("#scroll rect.bar.other").length > 0 || document.querySelectorAll("#scroll .flagged.other").length === 1)`},
	{"each word of the story that the list has is explained where it stands", `(() => {
		const word = document.querySelector("#story .term");
		word.dispatchEvent(new PointerEvent("pointerenter", { clientX: 50, clientY: 50 }));
		const tip = document.getElementById("tip"), shown = !tip.hidden && tip.textContent.startsWith(word.textContent + ": ");
		word.dispatchEvent(new PointerEvent("pointerleave"));
		return shown && tip.hidden && document.querySelectorAll("#glossary dt").length > 10;
	})()`},
	{"the history is one line first, a table, and a drawing with names", `(() => {
		const details = document.getElementById("history");
		if (document.getElementById("linearizable").textContent.length < 20 || details.open) return false;
		details.open = true;
		details.dispatchEvent(new Event("toggle"));
		const names = [...document.querySelectorAll("#drawing svg > text")].map((e) => e.textContent);
		return names.length > 0 && names.every((name) => /^(app|worker|client)/.test(name)) && document.querySelectorAll(".operations tbody tr").length === document.querySelectorAll("#drawing rect").length;
	})()`},
}

// onDesk is what there is in a wide window only.
var onDesk = []visited{
	{"routine is hidden until it is asked for", `(() => {
		const count = () => document.querySelectorAll("#scroll [data-about]").length, button = document.getElementById("show-routine");
		const few = count();
		button.click();
		const many = count();
		button.click();
		return /^Routine \([0-9,]+\)$/.test(button.textContent) && many > few && count() === few;
	})()`},
	{"the story stands beside the timeline", `(() => {
		const story = document.querySelector(".story-column").getBoundingClientRect(), timeline = document.querySelector(".timeline-column").getBoundingClientRect();
		return story.right <= timeline.left && Math.abs(story.top - timeline.top) < 50;
	})()`},
	{"there is a lane for each actor, and rows for the review", `document.querySelectorAll("#names .lane").length >= 3 && document.querySelectorAll("#names .row").length >= 1`},
	{"the curve is drawn, and where it was too late", `document.querySelectorAll("#scroll path.calm").length === 1 && document.querySelectorAll("#jump-line").length === 1`},
	{"messages and events are drawn", `document.querySelectorAll("#scroll .message").length > 5 && document.querySelectorAll("#scroll .dot").length > 5`},
	{"the violation is in sight when the page opens, and ends on a lane", `(() => {
		document.getElementById("zoom-fit").click();
		const mark = document.querySelector("#violation path").getBoundingClientRect(), window = document.getElementById("scroll").getBoundingClientRect();
		return mark.left >= window.left && mark.right <= window.right && mark.bottom <= window.bottom;
	})()`},
	{"keys zoom, and 0 goes back to the failure", `(() => {
		const width = () => Number(document.querySelector("#scroll svg").getAttribute("width"));
		const press = (key) => { document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })); return width(); };
		const fitted = press("0"), larger = press("+"), smaller = press("-");
		return larger > fitted && smaller < larger && press("0") === fitted;
	})()`},
	{"pointing at something describes it", `(() => {
		const target = document.querySelector("#scroll .dot"), box = target.getBoundingClientRect();
		target.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, clientX: box.x + 2, clientY: box.y + 2 }));
		const tip = document.getElementById("tip");
		return !tip.hidden && /^([0-9]+ h )?[0-9]{2}:[0-9]{2}[.][0-9]{3}/.test(tip.textContent) && tip.getBoundingClientRect().right <= innerWidth;
	})()`},
	{"every colour of a state is in the legend", `(() => {
		const fill = (e) => getComputedStyle(e).fill, legend = new Set([...document.querySelectorAll("#legend rect")].map(fill));
		document.getElementById("zoom-all").click();
		return [...document.querySelectorAll("#scroll rect.bar, #scroll rect.outage, #scroll rect.too-late-zone")].every((e) => legend.has(fill(e)));
	})()`},
}

// onPhone is what there is in a narrow window only.
var onPhone = []visited{
	{"the timeline is a sequence diagram", `document.querySelectorAll("#scroll .sequence .step").length > 3 && document.getElementById("scroll").scrollWidth <= document.getElementById("scroll").clientWidth`},
	{"it ends with the violation, which is in sight", `(() => {
		document.getElementById("zoom-fit").click();
		const mark = document.getElementById("violation").getBoundingClientRect(), window = document.getElementById("scroll").getBoundingClientRect();
		return mark.top >= window.top && mark.bottom <= window.bottom + 1;
	})()`},
	{"more zoom shows more", `(() => {
		const steps = () => document.querySelectorAll("#scroll .step").length;
		const some = steps();
		document.getElementById("zoom-in").click();
		const more = steps();
		document.getElementById("zoom-out").click();
		return more > some && steps() === some;
	})()`},
}

// contrastScript measures the contrast of every text on the page with what is behind it, and returns those below 4.5:1.
const contrastScript = `(() => {
	document.documentElement.style.scrollBehavior = "auto";
	for (const details of document.querySelectorAll("details")) details.open = true;
	const channels = (text) => { const m = text.match(/[0-9.]+/g); return m && m.map(Number); };
	const luminance = (c) => {
		const [r, g, b] = c.slice(0, 3).map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const opaque = (c) => c && (c.length < 4 || c[3] === 1);
	const ground = (e, text) => {
		const style = getComputedStyle(text);
		if (text.ownerSVGElement && text.classList.contains("halo")) return channels(style.stroke);
		const box = text.getBoundingClientRect();
		for (const under of document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2)) {
			if (under === text) { if (!under.ownerSVGElement && opaque(channels(getComputedStyle(under).backgroundColor))) return channels(getComputedStyle(under).backgroundColor); continue; }
			const s = getComputedStyle(under);
			const fill = under.ownerSVGElement ? (/^(rect|path|circle)$/.test(under.tagName) && !s.fill.startsWith("url") && s.fill !== "none" ? channels(s.fill) : null) : channels(s.backgroundColor);
			if (opaque(fill)) return fill;
		}
		return channels(getComputedStyle(document.body).backgroundColor);
	};
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), low = [], kinds = new Set();
	let measured = 0;
	while (walker.nextNode()) {
		const e = walker.currentNode.parentElement;
		if (!walker.currentNode.data.trim() || e.closest("script, style, noscript, option, [hidden], #trace tbody tr:nth-child(n+20)")) continue;
		// Of texts in elements of the same classes, one is measured; in drawings, where anything may be behind a text, all are.
		let kind = "";
		for (let up = e; up && up !== document.body; up = up.parentElement) kind += up.tagName + "." + (up.getAttribute("class") || "") + " ";
		if (!e.ownerSVGElement && kinds.has(kind)) continue;
		kinds.add(kind);
		e.scrollIntoView({ block: "center", inline: "center" });
		const box = e.getBoundingClientRect();
		if (!box.width || !box.height) continue;
		const style = getComputedStyle(e), colour = channels(e.ownerSVGElement ? style.fill : style.color), behind = ground(e, e);
		const [a, b] = [luminance(colour), luminance(behind)].sort((p, q) => q - p), ratio = (a + 0.05) / (b + 0.05);
		measured++;
		if (ratio < 4.5) low.push(ratio.toFixed(2) + " " + e.tagName + "." + (e.getAttribute("class") || "") + " " + walker.currentNode.data.trim().slice(0, 40));
	}
	return measured < 50 ? ["only " + measured + " texts measured"] : [...new Set(low)].slice(0, 20);
})()`

// measureContrast looks at every text of the page: it has to be readable for those who see less well.
func measureContrast(t *testing.T, ctx context.Context) {
	t.Helper()
	low, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](contrastScript))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range low {
		t.Errorf("contrast below 4.5:1: %s", text)
	}
}
