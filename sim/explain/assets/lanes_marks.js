  // ---- what stands on the lanes: the curve, outages, states, messages and events ----------------------------------------

  function drawCurve(lane) {
    const top = lane.y + 24, bottom = lane.y + lane.height - 8;
    const y = (share) => bottom - share * (bottom - top);
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
        about(mark, p.at, `${percent(p.share)} of the sampled continuations fail in the same way`,
          `after step ${p.step}, ${name === "calm" ? "if nothing more goes wrong" : "with the misfortunes of the profile"} (95 %: ${percent(p.low)} to ${percent(p.high)}).`, p.what);
      }
    }
    for (const share of [0, 1]) {
      el(svg, "line", { class: "rule strong", x1: LEFT, x2: x(data.end), y1: y(share), y2: y(share) });
      label({ class: "axis halo", y: y(share) - 3 }, LEFT + 2, x(data.end) - 10, percent(share));
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

  function drawRows(lane) {
    const end = horizon();
    lane.rows.forEach((row, i) => {
      const y = lane.y + 5 + i * ROW;
      if (row.title) label({ class: "other-name halo", y: y + 12 }, LEFT, x(end), `${data.other.name}: ${data.other.sentence}`);
      for (const b of row.bars) {
        const left = x(b.from), width = Math.max(x(Math.min(b.to, end)) - left, 3);
        const e = el(svg, "rect", { class: `bar${row.other ? " other" : ""}`, x: left, y, width, height: 16, ...(row.other ? {} : { style: `fill: ${colour(b.style, row.track)}` }) });
        about(e, b.from, row.other ? `${lane.name}, ${data.other.name}` : lane.name, `${b.text || b.label}, for ${span(b.to - b.from)}${b.open ? ", to the end of the run" : ""}.`);
        if (width > b.label.length * 6.1 + 8) label({ class: `bar-text${row.other ? " other" : ""}`, y: y + 12 }, left + 5, left + width - 3, b.label);
      }
    });
  }

  // messageText is what is known of a message: who, what, and how it went.
  function messageText(m) {
    const gone = !m.lost && m.arrives > data.end;
    const what = `${m.answer ? "answer to " : ""}${m.name}${m.about ? " of " + m.about : ""}${m.copy ? ", delivered a second time" : ""}.`;
    const how = m.lost ? "It is lost on its way." : gone ? "It is still on its way when the run ends." : `It takes ${span(m.arrives - m.sent)}.`;
    return [`${m.from} → ${m.to}`, what, [how, times(m)].filter(Boolean).join(" ")];
  }

  function drawMessage(m, at) {
    const y1 = at[m.from], y2 = at[m.to];
    if (y1 === undefined || y2 === undefined) return;
    const x1 = x(m.sent), end = Math.min(m.arrives, data.end);
    let x2 = x(end), to = y2;
    if (m.lost) { to = y1 + (y2 - y1) * 0.55; x2 = Math.max(x1 + 10, x1 + (x2 - x1) * 0.55); }
    const g = el(svg, "g", matches(m.name, m.about, m.from, m.to) ? {} : { class: "dim" });
    about(g, m.sent, ...messageText(m));
    const number = routes.get(m.route || "");
    el(g, "line", { class: `message${m.answer ? " answer" : ""}`, style: `stroke: ${colour(m.route, number)}`, x1, y1, x2, y2: to, ...(m.lost ? {} : { "marker-end": `url(#head-${number})` }) });
    if (m.lost) el(g, "path", { class: "lost", d: `M${x2 - 4} ${to - 4}l8 8m0 -8l-8 8` });
    el(g, "line", { class: "hit", x1, y1, x2, y2: to });
    if (m.count) el(g, "text", { class: "times halo", x: (x1 + x2) / 2 + 4, y: (y1 + to) / 2 + 3 }, `${m.count} ×`);
  }

  // eventText is what is known of an event besides its text.
  const eventText = (e) => [`step ${e.step}`, e.needed ? "needed: without it this does not happen" : "", faultSentence(e.kind), times(e)].filter(Boolean).join(" · ");

  function drawEvents(events, at) {
    stops = [];
    const labelled = {}; // how far, by lane
    for (const e of [...events].sort((a, b) => Number(a.fault || false) - Number(b.fault || false))) { // faults on top
      const y = at[e.lane];
      if (y === undefined) continue;
      const found = matches(e.text, e.lane, e.subject);
      const cx = x(e.at), g = el(svg, "g", { ...(found ? {} : { class: "dim" }), ...(e.needed ? { "data-mark": "cause" } : {}) });
      about(g, e.at, e.lane, e.text, eventText(e));
      if (e.fault) {
        const r = e.needed ? 9 : 7;
        el(g, "path", { class: `dot fault${e.needed ? " needed" : ""}`, d: `M${cx} ${y - r}l${r} ${r}l${-r} ${r}l${-r} ${-r}z` });
        el(g, "text", { class: "mark-text", x: cx, y: y + 3 }, e.needed ? "!!" : "!");
        const width = e.short.length * 6;
        if (e.needed && cx >= (labelled[e.lane] || 0)) {
          const flip = cx + width > x.width - RIGHT && cx > width + 10;
          el(g, "text", { class: "fault-label halo", x: flip ? cx - 10 : cx + 10, y: y - 9, "text-anchor": flip ? "end" : "start" }, e.short);
          labelled[e.lane] = cx + width + 14;
        }
      } else if (e.change) {
        el(g, "rect", { class: "dot change", x: cx - 3.5, y: y - 3.5, width: 7, height: 7 });
      } else {
        el(g, "circle", { class: "dot", cx, cy: y, r: 3.2 });
      }
      if (e.count) el(g, "text", { class: "times halo", x: cx + 6, y: y + 14 }, `${e.count} ×`);
      stops.push({ x: cx, y, at: e.at, actor: e.actor, about: Number(g.dataset.about), found, fault: e.fault });
    }
    stops.sort((a, b) => a.x - b.x);
  }
