  // ---- the sequence diagram: what a narrow window has instead of lanes, time from top to bottom -------------------------

  const EARLIER = 60; // how many rows are drawn at first, at most

  // steps returns the rows in the order of time. More zoom shows more of them: changes and misfortunes, then the calls, then
  // everything.
  function steps() {
    const list = [];
    for (const e of eventsShown()) if (view.detail > 1 || e.fault || e.change || e.life || !e.minor) list.push({ at: e.at, step: e.step, event: e });
    if (view.detail > 0) {
      for (const m of messagesShown()) if (view.detail > 1 || m.lost || !m.answer && m.route !== "store") list.push({ at: m.sent, step: m.step, message: m });
    }
    return list.sort((a, b) => a.at - b.at || a.step - b.step);
  }

  function drawSequence() {
    stops = [];
    scroll.replaceChildren();
    scroll.classList.add("vertical");
    names.hidden = true;
    let list = steps();
    const busy = new Set();
    for (const { event, message } of list) {
      if (event) busy.add(event.lane);
      else { busy.add(message.from); busy.add(message.to); }
    }
    const actors = data.actors.map((a) => a.name).filter((name) => busy.has(name));
    const place = (name) => (actors.indexOf(name) + 0.5) / actors.length * 100;
    const from = beginning(), first = list.findIndex((item) => item.at >= from);
    const hidden = view.earlier ? 0 : Math.max(0, Math.min(first < 0 ? 0 : first - 12, list.length - EARLIER));
    list = list.slice(hidden);

    const root = html(scroll, "div", "sequence"), heads = html(root, "div", "heads"), lines = html(root, "div", "lifelines");
    actors.forEach((name, i) => {
      const head = html(heads, "span", "", name);
      head.style.left = `${place(name)}%`;
      if (actors.length > 5 && i % 2) head.style.top = "1.05rem"; else if (actors.length > 5) head.style.top = ".1rem";
      html(lines, "i").style.left = `${place(name)}%`;
    });
    defs(el(root, "svg", { width: 0, height: 0, style: "position: absolute" }));
    if (hidden) {
      const button = html(root, "button", "button earlier", `${hidden} steps before this`);
      button.type = "button";
      button.addEventListener("click", () => { view.earlier = true; draw(); });
    }
    let last = null, late = !data.jump;
    for (const item of list) {
      if (!late && item.at > data.jump.at) { late = true; flagged(root, "too late from here", "late"); }
      if (last !== null && item.at - last >= 1000) html(html(root, "div", "gap"), "span", "", `${span(item.at - last)} pass`);
      last = item.at;
      drawStep(root, item, place);
    }
    if (!late) flagged(root, "too late from here", "late");
    if (data.message) {
      if (data.end - last >= 1000) html(html(root, "div", "gap"), "span", "", `${span(data.end - last)} pass`);
      const end = flagged(root, `violation at ${clock(data.end)}`, "effect");
      end.classList.add("end");
      end.id = "violation";
      about(end, data.end, "The violation", data.message);
      stops.push({ e: end, at: data.end, actor: data.actor, about: Number(end.dataset.about) });
    }
    if (data.other) flagged(root, `${data.other.name}: ${data.other.sentence}`, "other").classList.add("other");
  }

  function flagged(root, text, mark) {
    const e = html(root, "div", "flagged");
    e.dataset.mark = mark;
    html(e, "span", "", text);
    return e;
  }

  function drawStep(root, { event, message }, place) {
    const item = event || message;
    const found = event ? matches(event.text, event.lane, event.subject) : matches(message.name, message.about, message.from, message.to);
    const row = html(root, "div", `step${item.fault ? " is-fault" : ""}${item.needed ? " is-needed" : ""}${found ? "" : " dim"}`);
    const picture = el(row, "svg", { "aria-hidden": "true" });
    const caption = html(row, "div", "caption");
    html(caption, "span", "when", clock(event ? event.at : message.sent));
    if (event) {
      if (event.needed) row.dataset.mark = "cause";
      const at = `${place(event.lane)}%`;
      if (event.fault) el(el(picture, "svg", { x: at, overflow: "visible" }), "path", { class: `dot fault${event.needed ? " needed" : ""}`, d: "M0 1l7 7l-7 7l-7 -7z" });
      else el(picture, "circle", { class: `dot${event.change ? " change" : ""}`, cx: at, cy: 8, r: 4 });
      html(caption, "span", "what", `${event.lane} ${event.text}${event.count ? ` (${event.count} ×)` : ""}${event.needed ? " — needed" : ""}`);
      about(row, event.at, event.lane, event.text, eventText(event));
    } else {
      const number = routes.get(message.route || ""), a = place(message.from), b = place(message.to);
      const to = message.lost ? a + (b - a) * 0.6 : b;
      el(picture, "line", { class: `message${message.answer ? " answer" : ""}`, style: `stroke: ${colour(message.route, number)}`, x1: `${a}%`, x2: `${to}%`, y1: 8, y2: 8, ...(message.lost ? {} : { "marker-end": `url(#head-${number})` }) });
      if (message.lost) el(el(picture, "svg", { x: `${to}%`, overflow: "visible" }), "path", { class: "lost", d: "M-4 4l8 8m0 -8l-8 8" });
      html(caption, "span", "what", `${message.answer ? "answer to " : ""}${message.name}${message.about ? " of " + message.about : ""}${message.copy ? ", a second time" : ""}${message.lost ? ", lost" : ""}${message.count ? ` (${message.count} ×)` : ""}`);
      about(row, message.sent, ...messageText(message));
    }
    stops.push({ e: row, at: item.at ?? item.sent, actor: event ? event.actor : message.from, about: Number(row.dataset.about), found, fault: item.fault });
  }
