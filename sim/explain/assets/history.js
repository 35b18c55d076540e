  // ---- the history: a line for each caller, a bar for each operation ----------------------------------------------------

  // drawHistory draws the operations over the order of their calls and answers, without the time in between.
  function drawHistory() {
    const { operations, breaks } = data.history, root = $("drawing");
    root.replaceChildren();
    const callers = [...new Set(operations.map((o) => o.actor))];
    const points = [...new Set(operations.flatMap((o) => o.returned ? [o.called, o.returned] : [o.called]))].sort((a, b) => a - b);
    const NAME = 8 + 6.4 * Math.max(...callers.map((c) => c.length)), STEP = 26, HEIGHT = 34;
    const place = (moment) => NAME + 12 + points.indexOf(moment) * STEP;
    const end = NAME + 12 + points.length * STEP;

    // Operations of one caller that overlap stand below each other.
    const lanes = [];
    for (const caller of callers) {
      const levels = [];
      for (const [index, o] of operations.entries()) {
        if (o.actor !== caller) continue;
        let level = levels.findIndex((until) => until < o.called);
        if (level < 0) level = levels.push(0) - 1;
        levels[level] = o.returned || Infinity;
        lanes.push({ index, o, caller, level, first: caller });
      }
    }
    let y = 6;
    const tops = new Map();
    for (const caller of callers) {
      tops.set(caller, y);
      y += HEIGHT * (1 + Math.max(...lanes.filter((l) => l.caller === caller).map((l) => l.level)));
    }
    const picture = el(root, "svg", { width: end + 20, height: y + 6 });
    for (const caller of callers) {
      const top = tops.get(caller);
      el(picture, "line", { class: "rule", x1: 0, x2: end + 20, y1: top - 3, y2: top - 3 });
      el(picture, "text", { x: 8, y: top + HEIGHT / 2 + 1 }, caller);
    }
    for (const { index, o, caller, level } of lanes) {
      const top = tops.get(caller) + level * HEIGHT + 2, left = place(o.called), broken = index === breaks;
      const right = o.returned ? Math.max(place(o.returned), left + 14) : end;
      const g = el(picture, "g", {});
      el(g, "title", {}, `${o.actor}: ${o.text}${o.place ? `, place ${o.place}` : ", no place"}`);
      el(g, "rect", { class: `operation${broken ? " broken" : ""}`, x: left, y: top, width: right - left, height: HEIGHT - 12, rx: 4 });
      if (!o.returned) el(g, "line", { class: "open-end", x1: end, x2: end + 16, y1: top + 11, y2: top + 11 });
      el(g, "text", { class: broken ? "broken-text" : "place", x: left + 4, y: top + 15 }, broken ? "✕" : o.place ? String(o.place) : "–");
      const room = Math.floor((right - left - 26) / 6);
      if (room > 6) el(g, "text", { x: left + 24, y: top + 15 }, o.text.length > room ? o.text.slice(0, room - 1) + "…" : o.text);
    }
  }

  if (data.history) {
    $("history").addEventListener("toggle", () => { if ($("history").open) drawHistory(); });
  }
