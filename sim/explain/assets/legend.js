  // ---- the legend: everything that is drawn, in its colour --------------------------------------------------------------

  function legend() {
    const item = (paint, text) => {
      const li = html($("legend"), "li"), s = el(li, "svg", { width: 30, height: 16, "aria-hidden": "true" });
      paint(s);
      li.append(text);
    };
    const arrow = (route, more) => (s) => { el(s, "line", { class: `message ${more || ""}`, style: `stroke: ${colour(route, routes.get(route))}`, x1: 2, y1: 8, x2: 27, y2: 8, "marker-end": `url(#head-${routes.get(route)})` }); };
    const diamond = (needed, mark) => (s) => { el(s, "path", { class: `dot fault ${needed}`, d: "M15 0l8 8l-8 8l-8 -8z" }); el(s, "text", { class: "mark-text", x: 15, y: 11 }, mark); };
    const outage = (label) => (s) => el(s, "rect", { class: `outage ${label}`, x: 1, y: 1, width: 28, height: 14 });
    const bar = (style, number) => (s) => el(s, "rect", { class: "bar", style: `fill: ${colour(style, number)}`, x: 1, y: 1, width: 28, height: 14 });
    const box = (style) => (s) => el(s, "rect", { class: style, x: 1, y: 1, width: 28, height: 14 });
    const line = (style) => (s) => el(s, "line", { class: style, x1: 2, x2: 28, y1: 8, y2: 8 });

    const used = new Set(data.messages.map((m) => m.route || ""));
    for (const route of data.routes) if (used.has(route.name)) item(arrow(route.name), route.text || route.name);
    if (data.messages.length) {
      const some = [...routes.keys()][Math.min(1, routes.size - 1)];
      if (!data.routes.length) item(arrow(some), "message");
      item(arrow(some, "answer"), "answer");
      if (data.messages.some((m) => m.lost)) {
        item((s) => { el(s, "line", { class: "message", style: `stroke: ${colour(some, routes.get(some))}`, x1: 2, y1: 8, x2: 18, y2: 8 }); el(s, "path", { class: "lost", d: "M14 4l8 8m0 -8l-8 8" }); }, "lost");
      }
    }
    // States: each style once, and what is the only one of its track by the track's sentence.
    for (const [number, track] of data.tracks.entries()) {
      const styles = new Set();
      for (const s of data.subjects) for (const t of s.tracks) if (t.name === track.name) for (const b of t.bars) styles.add(b.style);
      for (const style of styles) item(bar(style, number), styles.size === 1 && track.text ? `${track.name}: ${track.text}` : style || track.name);
    }
    if (data.events.some((e) => e.fault && !e.needed)) item(diamond("", "!"), "fault");
    if (data.events.some((e) => e.needed)) item(diamond("needed", "!!"), "fault that is needed");
    const outages = new Set(data.actors.flatMap((a) => a.outages.map((o) => o.label)));
    for (const label of outages) item(outage(label), `process ${label}`);
    item((s) => el(s, "circle", { class: "dot", cx: 15, cy: 8, r: 3.2 }), "event");
    if (data.events.some((e) => e.change)) item((s) => el(s, "rect", { class: "dot change", x: 11, y: 4.5, width: 7, height: 7 }), "changes something that lasts");
    item((s) => el(s, "circle", { class: "chosen", cx: 15, cy: 8, r: 6 }), "chosen");
    item(box("cut"), "nothing drawn, cut short");
    if (data.message) item((s) => { el(s, "line", { class: "violation", x1: 15, x2: 15, y1: 0, y2: 8 }); el(s, "path", { class: "lost", d: "M10 3l10 10m0 -10l-10 10" }); }, "violation");
    if (data.jump) {
      item((s) => el(s, "line", { class: "too-late", x1: 15, x2: 15, y1: 0, y2: 16 }), "point of no return");
      item(box("too-late-zone"), "too late");
    }
    if (data.other) {
      item(box("bar other"), `the other run: ${data.other.name}`);
      if (horizon() > data.end) item(box("after"), "only the other run");
    }
    if (data.curve) {
      item(line("calm"), "failing continuations, if nothing more goes wrong");
      item(line("stormy"), "with more misfortunes");
    }
  }
