// Draws the timeline of the page from its embedded data. Times are in milliseconds of virtual time.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const scroll = $("scroll"), names = $("names"), tip = $("tip"), detail = $("detail");
  const AXIS = 40, CURVE = 92, LANE = 44, ROW = 19, LEFT = 14, RIGHT = 72;
  let subject = data.focus, zoom = 1, x, svg, stops = [], chosen = -1, drawn = [], labels = [];

  // ---- text -----------------------------------------------------------------------------------------------------

  function moment(ms) {
    const us = Math.round(ms * 1000);
    const pad = (n, width) => String(n).padStart(width, "0");
    return `${pad(Math.floor(us / 6e7), 2)}:${pad(Math.floor(us / 1e6) % 60, 2)}.${pad(Math.floor(us / 1000) % 1000, 3)}`;
  }

  function span(ms) {
    if (ms < 1) return `${Math.round(ms * 1000)} µs`;
    if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
    if (ms < 60000) return `${ms < 10000 ? (ms / 1000).toFixed(1) : Math.round(ms / 1000)} s`;
    return `${Math.floor(ms / 60000)} min ${Math.round(ms / 1000) % 60} s`;
  }

  const percent = (share) => `${Math.round(share * 100)} %`;

  // ---- drawing --------------------------------------------------------------------------------------------------

  const SVG = "http://www.w3.org/2000/svg";
  function el(parent, name, attributes, text) {
    const e = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes || {})) e.setAttribute(key, value);
    if (text !== undefined) e.textContent = text;
    parent.appendChild(e);
    return e;
  }

  // Routes have numbers, those of the world first, for what draws their arrows.
  const routes = new Map();
  for (const name of [...data.routes.map((r) => r.name), ...data.messages.map((m) => m.route || "")]) {
    if (!routes.has(name)) routes.set(name, routes.size);
  }

  // colour returns the colour of a style or a route: the one of its name, if the page has one, or else one of a few.
  function colour(name, number) {
    const other = `var(--c-${(number || 0) % 6})`;
    return /^[a-z-]+$/.test(name || "") ? `var(--c-${name}, ${other})` : other;
  }

  // about gives an element a text that is shown when it is pointed at.
  function about(e, at, who, text, more) {
    e.dataset.about = drawn.length;
    drawn.push({ at, who, text, more: more || "" });
    return e;
  }

  const shown = (item) => !subject || item.subject === subject || item.cause === subject;
  // What concerns no subject in particular is shown with one subject if it is a misfortune, or about the life of a process.
  const shownEvent = (e) => shown(e) || (!e.subject && (e.fault || e.life));

  // scale maps time to pixels. It grows with the logarithm of each gap between two moments at which something is drawn, so
  // that milliseconds stand apart and minutes of waiting take no room.
  function scale(moments) {
    const times = [...new Set(moments)].sort((a, b) => a - b);
    const places = [LEFT];
    for (let i = 1; i < times.length; i++) {
      const gap = times[i] - times[i - 1];
      places.push(places[i - 1] + zoom * (3 + 9 * Math.log10(1 + gap)) + (gap >= 1000 ? 8 : 0));
    }
    const place = (t) => {
      let low = 0, high = times.length - 1;
      if (t <= times[0]) return places[0];
      if (t >= times[high]) return places[high];
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (times[middle] <= t) low = middle; else high = middle;
      }
      return places[low] + (places[high] - places[low]) * (t - times[low]) / (times[high] - times[low]);
    };
    place.times = times;
    place.places = places;
    place.width = places[places.length - 1] + RIGHT;
    return place;
  }

  function moments(messages, events, actors, subjects) {
    const list = [0, data.end];
    for (const e of events) list.push(e.at);
    for (const m of messages) list.push(m.sent, Math.min(m.arrives, data.end));
    for (const s of subjects) for (const t of s.tracks) for (const b of t.bars) list.push(b.from, b.to);
    for (const a of actors) for (const o of a.outages) list.push(o.from, o.to);
    if (data.jump) list.push(data.jump.at);
    return list;
  }

  function draw() {
    const messages = data.messages.filter(shown), events = data.events.filter(shownEvent);
    const subjects = data.subjects.filter((s) => s.tracks.length && (!subject || s.id === subject));
    drawn = [];
    labels = [];
    x = scale(moments(messages, events, data.actors, subjects));

    const lanes = [];
    let y = AXIS;
    if (data.curve) { lanes.push({ kind: "curve", name: "failing", note: "continuations", y, height: CURVE }); y += CURVE; }
    const busy = new Set(data.actors.filter((a) => a.service).map((a) => a.name));
    for (const m of messages) { busy.add(m.from); busy.add(m.to); }
    for (const e of events) busy.add(e.lane);
    for (const actor of data.actors) {
      if (!busy.has(actor.name)) continue;
      lanes.push({ kind: "actor", name: actor.name, y, height: LANE, actor });
      y += LANE;
    }
    for (const s of subjects) {
      const rows = 9 + ROW * data.tracks.length;
      lanes.push({ kind: "subject", name: s.id, note: s.group, y, height: rows, subject: s });
      y += rows;
    }
    const height = y + 4;

    scroll.replaceChildren();
    svg = el(scroll, "svg", { width: x.width, height, viewBox: `0 0 ${x.width} ${height}`, "aria-hidden": "true" });
    defs(svg);
    drawNames(lanes, height);
    drawIdle(height);
    drawAxis();
    const at = {};
    for (const lane of lanes) {
      el(svg, "line", { class: lane.kind === "actor" ? "rule" : "rule strong", x1: 0, x2: x.width, y1: lane.y, y2: lane.y });
      if (lane.kind === "actor") at[lane.name] = lane.y + lane.height / 2;
    }
    drawTooLate(height);
    for (const lane of lanes) {
      if (lane.kind === "curve") drawCurve(lane);
      if (lane.kind === "actor") drawLife(lane);
      if (lane.kind === "subject") drawSubject(lane);
    }
    for (const m of messages) drawMessage(m, at);
    drawEvents(events, at);
    drawEnd(height);
    choose(-1);
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
    for (const lane of lanes) {
      const e = document.createElement("div");
      if (lane.kind !== "actor") e.className = "band";
      e.style.top = `${lane.y}px`;
      e.style.height = `${lane.height}px`;
      e.textContent = lane.name;
      if (lane.note) {
        const small = document.createElement("small");
        small.textContent = lane.note;
        e.appendChild(small);
      }
      names.appendChild(e);
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
      if (x.places[i] - last < 74 || x.places[i] > x.width - RIGHT - 20) continue;
      last = x.places[i];
      el(svg, "text", { class: "axis", x: last, y: 14 }, moment(x.times[i]));
      el(svg, "line", { class: "rule strong", x1: last, x2: last, y1: 18, y2: 24 });
    }
  }

  function drawTooLate(height) {
    if (!data.jump) return;
    const left = x(data.jump.at), right = x(data.end);
    el(svg, "rect", { class: "too-late-zone", x: left, y: AXIS, width: Math.max(right - left, 1), height: height - AXIS });
    const line = el(svg, "line", { class: "too-late", x1: left, x2: left, y1: AXIS, y2: height, id: "jump-line" });
    about(line, data.jump.at, "Too late from here on", data.jump.text);
    const before = left > x(data.end) - 130 && left > 130;
    el(svg, "text", { class: "flag", x: before ? left - 6 : left + 6, y: AXIS + 14, "text-anchor": before ? "end" : "start" }, "too late from here");
  }

  function drawEnd(height) {
    const right = x(data.end);
    const line = el(svg, "line", { class: "violation", x1: right, x2: right, y1: AXIS, y2: height });
    about(line, data.end, "The violation", data.message);
    el(svg, "path", { class: "lost", d: `M${right - 5} ${AXIS - 5}l10 10m0 -10l-10 10` });
    el(svg, "text", { class: "violation-flag", x: right + 9, y: AXIS - 6 }, "violation");
  }

  // label writes a text that stays in sight, as long as what it names does.
  function label(attributes, left, right, text) {
    labels.push({ e: el(svg, "text", { ...attributes, x: left }, text), left, right: right - text.length * 6.1 });
  }

  function keepInSight() {
    for (const l of labels) l.e.setAttribute("x", Math.max(l.left, Math.min(scroll.scrollLeft + 4, l.right)));
  }

  function drawCurve(lane) {
    const top = lane.y + 24, bottom = lane.y + lane.height - 8;
    const y = (share) => bottom - share * (bottom - top);
    for (const share of [0, 1]) {
      el(svg, "line", { class: "rule strong", x1: LEFT, x2: x(data.end), y1: y(share), y2: y(share) });
      label({ class: "axis halo", y: y(share) - 3 }, LEFT + 2, x(data.end) - 10, percent(share));
    }
    for (const name of ["stormy", "calm"]) {
      const points = data.curve[name];
      if (!points.length) continue;
      let d = `M${LEFT} ${y(points[0].share)}`;
      for (const p of points) d += `H${x(p.at)}V${y(p.share)}`;
      d += `H${x(data.end)}`;
      if (name === "calm") el(svg, "path", { class: "calm-area", d: `${d}V${y(0)}H${LEFT}Z` });
      el(svg, "path", { class: name, d });
      for (const p of points) {
        const mark = el(svg, "circle", { class: "hit", cx: x(p.at), cy: y(p.share), r: 4 });
        about(mark, p.at, `${percent(p.share)} of all continuations fail in the same way`,
          `after step ${p.step}, ${name === "calm" ? "if nothing more goes wrong" : "with the misfortunes of the profile"} (95 %: ${percent(p.low)} to ${percent(p.high)}).`, p.what);
      }
    }
  }

  function drawLife(lane) {
    const y = lane.y + lane.height / 2;
    el(svg, "line", { class: "life", x1: LEFT, x2: x(data.end), y1: y, y2: y });
    for (const o of lane.actor.outages) {
      const left = x(o.from), width = Math.max(x(o.to) - left, 3);
      const box = el(svg, "rect", { class: `outage ${o.label}`, x: left, y: y - 9, width, height: 18 });
      about(box, o.from, lane.name, `is ${o.label} for ${span(o.to - o.from)}${o.open ? ", to the end of the run" : ""}.`);
      if (width > 44) el(svg, "text", { class: "axis", x: left + width / 2, y: y + 4, "text-anchor": "middle" }, o.label);
    }
  }

  function drawSubject(lane) {
    for (const track of lane.subject.tracks) {
      const row = data.tracks.indexOf(track.name), y = lane.y + 5 + row * ROW;
      for (const b of track.bars) {
        const left = x(b.from), width = Math.max(x(b.to) - left, 3);
        const e = el(svg, "rect", { class: "bar", x: left, y, width, height: 16, style: `fill: ${colour(b.style, row)}` });
        about(e, b.from, lane.name, `${b.text || b.label}, for ${span(b.to - b.from)}${b.open ? ", to the end of the run" : ""}.`);
        if (width > b.label.length * 6.1 + 8) label({ class: "bar-text", y: y + 12 }, left + 5, left + width - 3, b.label);
      }
    }
  }

  function drawMessage(m, at) {
    const y1 = at[m.from], y2 = at[m.to];
    if (y1 === undefined || y2 === undefined) return;
    const x1 = x(m.sent), end = Math.min(m.arrives, data.end), gone = !m.lost && m.arrives > data.end;
    let x2 = x(end), to = y2;
    if (m.lost) { to = y1 + (y2 - y1) * 0.55; x2 = Math.max(x1 + 10, x1 + (x2 - x1) * 0.55); }
    const g = el(svg, "g", {});
    const what = `${m.answer ? "answer to " : ""}${m.name}${m.about ? " of " + m.about : ""}${m.copy ? ", delivered a second time" : ""}`;
    const how = m.lost ? "It is lost on its way." : gone ? "It is still on its way when the run ends." : `It takes ${span(m.arrives - m.sent)}.`;
    about(g, m.sent, `${m.from} → ${m.to}`, what + ".", how);
    const number = routes.get(m.route || "");
    el(g, "line", { class: `message${m.answer ? " answer" : ""}`, style: `stroke: ${colour(m.route, number)}`, x1, y1, x2, y2: to, ...(m.lost ? {} : { "marker-end": `url(#head-${number})` }) });
    if (m.lost) el(g, "path", { class: "lost", d: `M${x2 - 4} ${to - 4}l8 8m0 -8l-8 8` });
    el(g, "line", { class: "hit", x1, y1, x2, y2: to });
  }

  function drawEvents(events, at) {
    stops = [];
    const labelled = {}; // how far, by lane
    for (const e of [...events].sort((a, b) => Number(a.fault || false) - Number(b.fault || false))) { // faults on top
      const y = at[e.lane];
      if (y === undefined) continue;
      const cx = x(e.at), g = el(svg, "g", {});
      about(g, e.at, e.lane, e.text, `step ${e.step}${e.needed ? " · needed: without it this does not happen" : ""}`);
      if (e.fault) {
        const r = e.needed ? 9 : 7;
        el(g, "path", { class: `dot fault${e.needed ? " needed" : ""}`, d: `M${cx} ${y - r}l${r} ${r}l${-r} ${r}l${-r} ${-r}z` });
        el(g, "text", { class: "mark-text", x: cx, y: y + 3 }, e.needed ? "!!" : "!");
        const width = e.short.length * 6;
        if (e.needed && cx >= (labelled[e.lane] || 0)) {
          const flip = cx + width > x.width - RIGHT;
          el(svg, "text", { class: "fault-label", x: flip ? cx - 10 : cx + 10, y: y - 9, "text-anchor": flip ? "end" : "start" }, e.short);
          labelled[e.lane] = cx + width + 14;
        }
      } else if (e.change) {
        el(g, "rect", { class: "dot change", x: cx - 3.5, y: y - 3.5, width: 7, height: 7 });
      } else {
        el(g, "circle", { class: "dot", cx, cy: y, r: 3.2 });
      }
      stops.push({ x: cx, y, about: Number(g.dataset.about) });
    }
    stops.sort((a, b) => a.x - b.x);
  }

  // ---- what is pointed at, and chosen -----------------------------------------------------------------------------

  function fill(target, item) {
    target.replaceChildren();
    const when = document.createElement("span"), who = document.createElement("b");
    when.className = "when";
    when.textContent = moment(item.at);
    who.textContent = item.who ? item.who + " " : "";
    target.append(when, who, item.text, item.more ? " · " + item.more : "");
  }

  function showTip(item, clientX, clientY) {
    fill(tip, item);
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    const left = Math.min(Math.max(8, clientX + 14), window.innerWidth - box.width - 8);
    const below = clientY + 18 + box.height < window.innerHeight;
    tip.style.left = `${left}px`;
    tip.style.top = `${below ? clientY + 18 : Math.max(4, clientY - box.height - 12)}px`;
  }

  function choose(index) {
    svg.querySelector(".chosen")?.remove();
    chosen = index;
    tip.hidden = true;
    if (index < 0) return;
    const stop = stops[index];
    el(svg, "circle", { class: "chosen", cx: stop.x, cy: stop.y, r: 12 });
    fill(detail, drawn[stop.about]);
    reveal(stop.x);
  }

  function reveal(place) {
    const margin = Math.min(90, scroll.clientWidth / 4);
    if (place < scroll.scrollLeft + margin || place > scroll.scrollLeft + scroll.clientWidth - margin) scroll.scrollLeft = place - scroll.clientWidth / 2;
  }

  function goTo(ms) {
    let best = -1;
    for (let i = 0; i < stops.length; i++) if (best < 0 || Math.abs(drawn[stops[i].about].at - ms) < Math.abs(drawn[stops[best].about].at - ms)) best = i;
    choose(best);
    scroll.scrollLeft = x(ms) - scroll.clientWidth / 2;
  }

  scroll.addEventListener("pointermove", (event) => {
    const target = event.target.closest("[data-about]");
    if (!target || scroll.classList.contains("dragging")) { tip.hidden = true; return; }
    showTip(drawn[target.dataset.about], event.clientX, event.clientY);
  });
  scroll.addEventListener("pointerleave", () => { tip.hidden = true; });
  scroll.addEventListener("click", (event) => {
    const target = event.target.closest("[data-about]");
    if (target) fill(detail, drawn[target.dataset.about]);
  });
  scroll.addEventListener("keydown", (event) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (move) choose(Math.min(Math.max(chosen + move, 0), stops.length - 1));
    else if (event.key === "Home") choose(0);
    else if (event.key === "End") choose(stops.length - 1);
    else return;
    event.preventDefault();
  });

  scroll.addEventListener("scroll", keepInSight, { passive: true });

  // Dragging with a mouse pans; fingers scroll by themselves.
  let drag = null;
  scroll.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button === 0) drag = { from: event.clientX, at: scroll.scrollLeft };
  });
  window.addEventListener("pointermove", (event) => {
    if (!drag) return;
    if (Math.abs(event.clientX - drag.from) > 4) scroll.classList.add("dragging");
    scroll.scrollLeft = drag.at - (event.clientX - drag.from);
  });
  window.addEventListener("pointerup", () => { drag = null; scroll.classList.remove("dragging"); });

  // ---- controls ---------------------------------------------------------------------------------------------------

  function rezoom(next) {
    const centre = (scroll.scrollLeft + scroll.clientWidth / 2) / x.width;
    zoom = Math.min(Math.max(next, 0.05), 12);
    draw();
    scroll.scrollLeft = centre * x.width - scroll.clientWidth / 2;
  }

  function fit() {
    for (let i = 0; i < 6; i++) { // what is added per idle stretch does not zoom
      const surplus = x.width - scroll.clientWidth;
      if (Math.abs(surplus) < 4) break;
      zoom = Math.min(Math.max(zoom * Math.max(0.05, (scroll.clientWidth - RIGHT) / (x.width - RIGHT)), 0.02), 12);
      x = scale(x.times);
    }
    draw();
  }

  $("zoom-in").addEventListener("click", () => rezoom(zoom * 1.5));
  $("zoom-out").addEventListener("click", () => rezoom(zoom / 1.5));
  $("zoom-fit").addEventListener("click", fit);
  $("to-jump")?.addEventListener("click", () => goTo(data.jump.at));
  scroll.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    rezoom(zoom * Math.exp(-event.deltaY / 300));
  }, { passive: false });

  function filter(id) {
    subject = id;
    for (const chip of $("filters").children) chip.setAttribute("aria-pressed", String(chip.dataset.subject === id));
    for (const row of $("trace").tBodies[0].rows) row.hidden = Boolean(id && row.dataset.subject && row.dataset.subject !== id);
    zoom = 1;
    draw();
    if (x.width < scroll.clientWidth) fit();
    if (data.jump) scroll.scrollLeft = x(data.jump.at) - scroll.clientWidth / 2;
    else scroll.scrollLeft = x.width;
  }

  function chip(id, label, note) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.subject = id;
    button.textContent = label;
    if (note) {
      const group = document.createElement("span");
      group.className = "group";
      group.textContent = " " + note;
      button.appendChild(group);
    }
    button.addEventListener("click", () => filter(id));
    $("filters").appendChild(button);
  }

  function legend() {
    const item = (paint, text) => {
      const li = document.createElement("li"), s = el(li, "svg", { width: 30, height: 16, "aria-hidden": "true" });
      paint(s);
      li.append(text);
      $("legend").appendChild(li);
    };
    const arrow = (route, more) => (s) => { el(s, "line", { class: `message ${more || ""}`, style: `stroke: ${colour(route, routes.get(route))}`, x1: 2, y1: 8, x2: 27, y2: 8, "marker-end": `url(#head-${routes.get(route)})` }); };
    const diamond = (needed, mark) => (s) => { el(s, "path", { class: `dot fault ${needed}`, d: "M15 0l8 8l-8 8l-8 -8z" }); el(s, "text", { class: "mark-text", x: 15, y: 11 }, mark); };
    const outage = (label) => (s) => el(s, "rect", { class: `outage ${label}`, x: 1, y: 1, width: 28, height: 14 });
    for (const route of data.routes) item(arrow(route.name), route.text || route.name);
    if (data.messages.length) {
      const some = [...routes.keys()][Math.min(1, routes.size - 1)];
      if (!data.routes.length) item(arrow(some), "message");
      item(arrow(some, "answer"), "answer");
      item((s) => { el(s, "line", { class: "message", style: `stroke: ${colour(some, routes.get(some))}`, x1: 2, y1: 8, x2: 18, y2: 8 }); el(s, "path", { class: "lost", d: "M14 4l8 8m0 -8l-8 8" }); }, "lost");
    }
    item(diamond("", "!"), "fault");
    item(diamond("needed", "!!"), "fault that is needed");
    if (data.actors.some((a) => !a.service)) {
      item(outage("down"), "process down");
      item(outage("paused"), "paused");
    }
    if (data.events.some((e) => e.change)) item((s) => el(s, "rect", { class: "dot change", x: 11, y: 4.5, width: 7, height: 7 }), "changes something that lasts");
    item((s) => el(s, "rect", { class: "cut", x: 1, y: 1, width: 28, height: 14 }), "idle, cut short");
    if (data.curve) {
      item((s) => el(s, "line", { class: "calm", x1: 2, x2: 28, y1: 8, y2: 8 }), "failing continuations, if nothing more goes wrong");
      item((s) => el(s, "line", { class: "stormy", x1: 2, x2: 28, y1: 8, y2: 8 }), "with more misfortunes");
    }
  }

  if (data.subjects.length) chip("", `All ${data.noun || "subject"}s`);
  for (const s of data.subjects) chip(s.id, s.id, s.group);
  for (const button of document.querySelectorAll("[data-at]")) {
    button.addEventListener("click", () => {
      goTo(Number(button.dataset.at));
      scroll.scrollIntoView({ block: "center" });
      scroll.focus({ preventScroll: true });
    });
  }
  $("history")?.addEventListener("toggle", () => {
    const frame = $("drawn-history");
    if (!frame.srcdoc) frame.srcdoc = data.history;
  });
  legend();
  filter(subject);
  window.addEventListener("resize", () => { if (x.width < scroll.clientWidth) fit(); });
})();
