  // ---- the timeline: a lane for each process, rows for each subject, time from left to right ----------------------------

  const AXIS = 40, CURVE = 92, LANE = 42, ROW = 19;
  const scroll = $("scroll"), names = $("names");
  let x, svg, stops = [], drawn = [], labels = [];

  // about gives an element a text that is shown when it is pointed at.
  function about(e, at, who, text, more) {
    e.dataset.about = drawn.length;
    drawn.push({ at, who, text, more: more || "" });
    return e;
  }

  const times = (item) => item.count ? `${item.count} ×, until ${clock(item.until)}` : "";

  function drawLanes() {
    const messages = messagesShown(), events = eventsShown(), subjects = subjectsShown();
    x = scale(moments(messages, events, subjects), view.zoom);
    const lanes = [];
    let y = AXIS;
    const add = (lane, height) => { lanes.push({ ...lane, y, height }); y += height; };
    if (data.curve) add({ kind: "curve", name: "failing", note: "continuations" }, CURVE);
    const busy = new Set();
    for (const m of messages) { busy.add(m.from); busy.add(m.to); }
    for (const e of events) busy.add(e.lane);
    for (const actor of data.actors) if (busy.has(actor.name)) add({ kind: "actor", name: actor.name, actor }, LANE);
    for (const s of subjects) {
      const rows = rowsOf(s);
      if (rows.length) add({ kind: "subject", name: s.id, note: s.group, rows }, 9 + ROW * rows.length);
    }
    const height = y + 4;
    scroll.classList.remove("vertical");
    scroll.replaceChildren();
    names.hidden = false;
    svg = el(scroll, "svg", { width: x.width, height, viewBox: `0 0 ${x.width} ${height}`, "aria-hidden": "true" });
    defs(svg);
    drawNames(lanes, height);
    if (horizon() > data.end) el(svg, "rect", { class: "after", x: x(data.end), y: AXIS, width: x(horizon()) - x(data.end), height: height - AXIS });
    if (data.jump) el(svg, "rect", { class: "too-late-zone", x: x(data.jump.at), y: AXIS, width: Math.max(x(data.end) - x(data.jump.at), 1), height: height - AXIS });
    drawIdle(height);
    drawAxis();
    const at = {};
    for (const lane of lanes) {
      el(svg, "line", { class: lane.kind === "actor" ? "rule" : "rule strong", x1: 0, x2: x.width, y1: lane.y, y2: lane.y });
      if (lane.kind === "actor") at[lane.name] = lane.y + lane.height / 2;
    }
    for (const lane of lanes) {
      if (lane.kind === "curve") drawCurve(lane);
      if (lane.kind === "actor") drawLife(lane);
      if (lane.kind === "subject") drawRows(lane);
    }
    for (const m of messages) drawMessage(m, at);
    drawEvents(events, at);
    if (data.jump) drawTooLate(height);
    if (data.message) drawViolation(lanes, at);
    keepInSight();
  }

  function defs(root) {
    const d = el(root, "defs");
    const hatch = el(d, "pattern", { id: "hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
    el(hatch, "line", { class: "hatch-line", x1: 0, y1: 0, x2: 0, y2: 7 });
    for (const [name, number] of routes) {
      const m = el(d, "marker", { id: `head-${number}`, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto", markerUnits: "userSpaceOnUse" });
      el(m, "path", { style: `fill: ${colour(name, number)}`, d: "M0 0L8 4L0 8z" });
    }
  }

  function drawNames(lanes, height) {
    names.style.height = `${height}px`;
    names.replaceChildren();
    const put = (style, y, height, title) => {
      const e = html(names, "div", style);
      e.style.top = `${y}px`;
      e.style.height = `${height}px`;
      e.title = title;
      return e;
    };
    for (const lane of lanes) {
      if (lane.kind !== "subject") {
        const e = put(lane.kind === "curve" ? "band" : "lane", lane.y, lane.height, lane.name);
        html(e, "span", "", lane.name);
        if (lane.note) html(e, "small", "", lane.note);
        continue;
      }
      put("band", lane.y, lane.height, lane.name);
      lane.rows.forEach((row, i) => {
        const e = put(`row${row.other ? " other" : ""}`, lane.y + 5 + i * ROW, ROW - 2, row.label);
        if (i === 0) html(e, "b", "", lane.name + (lane.note ? ` · ${lane.note}` : ""));
        html(e, "span", "", row.label);
      });
    }
  }

  // drawIdle marks the stretches that are cut short.
  function drawIdle(height) {
    for (let i = 1; i < x.times.length; i++) {
      const gap = x.times[i] - x.times[i - 1];
      if (gap < 1000) continue;
      const left = x.places[i - 1] + 3, width = x.places[i] - x.places[i - 1] - 6;
      if (width < 2) continue;
      const band = el(svg, "rect", { class: "cut", x: left, y: AXIS, width, height: height - AXIS });
      about(band, x.times[i - 1], "", `Nothing of this is drawn for ${span(gap)}.`);
      const label = span(gap);
      if (width > label.length * 6) el(svg, "text", { class: "axis", x: left + width / 2, y: 33, "text-anchor": "middle" }, label);
    }
  }

  function drawAxis() {
    let last = -Infinity;
    for (let i = 0; i < x.times.length; i++) {
      const text = clock(x.times[i]);
      if (x.places[i] - last < 12 || x.places[i] > x.width - RIGHT + 4) continue;
      el(svg, "text", { class: "axis", x: x.places[i], y: 14 }, text);
      el(svg, "line", { class: "rule strong", x1: x.places[i], x2: x.places[i], y1: 18, y2: 24 });
      last = x.places[i] + text.length * 6.3;
    }
  }

  function drawTooLate(height) {
    const left = x(data.jump.at);
    const line = el(svg, "line", { class: "too-late", x1: left, x2: left, y1: AXIS, y2: height, id: "jump-line", "data-mark": "late" });
    about(line, data.jump.at, "Too late from here on", data.jump.text);
    const before = left > x(data.end) - 130 && left > 130;
    el(svg, "text", { class: "flag halo", x: before ? left - 6 : left + 6, y: AXIS + 14, "text-anchor": before ? "end" : "start" }, "too late from here");
  }

  // drawViolation ends the run on the lane that the violation is about: the row of the subject that changed last and still
  // lasts, or the process that did the last step.
  function drawViolation(lanes, at) {
    const right = x(data.end);
    let y = at[data.actor];
    const bands = lanes.filter((l) => l.kind === "subject");
    const lane = bands.find((l) => l.name === data.focus) || bands.find((l) => data.involved.includes(l.name) || data.involved.includes(l.note));
    if (lane) {
      let latest = -1;
      lane.rows.forEach((row, i) => {
        const bar = row.other ? null : row.bars[row.bars.length - 1];
        if (bar && bar.open && bar.from >= latest) { latest = bar.from; y = lane.y + 5 + i * ROW + 8; }
      });
    }
    if (y === undefined) y = AXIS + 20;
    const g = el(svg, "g", { id: "violation", "data-mark": "effect" });
    el(g, "line", { class: "violation", x1: right, x2: right, y1: AXIS, y2: y });
    el(g, "path", { class: "lost", d: `M${right - 6} ${y - 6}l12 12m0 -12l-12 12` });
    el(g, "text", { class: "violation-flag halo", x: right + 9, y: y + 4 }, "violation");
    el(g, "line", { class: "hit", x1: right, x2: right, y1: AXIS, y2: y + 6 });
    about(g, data.end, "The violation", data.message);
    stops.push({ x: right, y, at: data.end, actor: data.actor, about: Number(g.dataset.about) });
    stops.sort((a, b) => a.x - b.x);
  }

  // label writes a text that stays in sight, as long as what it names does.
  function label(attributes, left, right, text) {
    labels.push({ e: el(svg, "text", { ...attributes, x: left }, text), left, right: right - text.length * 6.1 });
  }

  function keepInSight() {
    for (const l of labels) l.e.setAttribute("x", Math.max(l.left, Math.min(scroll.scrollLeft + 4, l.right)));
  }
