  // ---- what is pointed at, and chosen ---------------------------------------------------------------------------------

  const tip = $("tip"), detail = $("detail"), narrow = window.matchMedia("(max-width: 43.75rem)");
  let chosen = -1;

  // draw draws what is shown, as lanes or, in a narrow window, as a sequence diagram.
  function draw() {
    drawn = [];
    labels = [];
    if (narrow.matches) drawSequence(); else drawLanes();
    choose(-1);
  }

  function fill(target, item) {
    target.replaceChildren();
    html(target, "span", "when", clock(item.at));
    html(target, "b", "", item.who ? item.who + " " : "");
    target.append(item.text, item.more ? " · " + item.more : "");
  }

  function showTip(clientX, clientY) {
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    const left = Math.min(Math.max(8, clientX + 14), window.innerWidth - box.width - 8);
    const below = clientY + 18 + box.height < window.innerHeight;
    tip.style.left = `${left}px`;
    tip.style.top = `${below ? clientY + 18 : Math.max(4, clientY - box.height - 12)}px`;
  }

  // choose marks one event, in the timeline and in the story.
  function choose(index) {
    scroll.querySelector("circle.chosen")?.remove();
    for (const e of scroll.querySelectorAll(".is-chosen")) e.classList.remove("is-chosen");
    chosen = index;
    tip.hidden = true;
    if (index < 0 || index >= stops.length) { link(null); return; }
    const stop = stops[index];
    if (stop.e) stop.e.classList.add("is-chosen");
    else el(svg, "circle", { class: "chosen", cx: stop.x, cy: stop.y, r: 12 });
    fill(detail, drawn[stop.about]);
    reveal(stop);
    link(stop);
  }

  function reveal(stop) {
    if (stop.e) {
      const top = stop.e.offsetTop;
      if (top < scroll.scrollTop + 50 || top > scroll.scrollTop + scroll.clientHeight - 60) scroll.scrollTop = top - scroll.clientHeight / 2;
      return;
    }
    const margin = Math.min(90, scroll.clientWidth / 4);
    if (stop.x < scroll.scrollLeft + margin || stop.x > scroll.scrollLeft + scroll.clientWidth - margin) scroll.scrollLeft = stop.x - scroll.clientWidth / 2;
  }

  // goTo chooses the event that is nearest to a moment; of those at the same moment, one of the actor, and a misfortune if
  // that is what is looked for.
  function goTo(ms, actor, fault) {
    const distance = (s) => Math.abs(s.at - ms) + (actor && s.actor !== actor ? 0.0005 : 0) + (Boolean(s.fault) !== Boolean(fault) ? 0.0002 : 0);
    let best = -1;
    for (let i = 0; i < stops.length; i++) if (best < 0 || distance(stops[i]) < distance(stops[best])) best = i;
    choose(best);
  }

  scroll.addEventListener("pointermove", (event) => {
    const target = event.target.closest("[data-about]");
    if (!target || narrow.matches || scroll.classList.contains("dragging")) { tip.hidden = true; return; }
    fill(tip, drawn[target.dataset.about]);
    showTip(event.clientX, event.clientY);
  });
  scroll.addEventListener("pointerleave", () => { tip.hidden = true; });
  scroll.addEventListener("click", (event) => {
    const target = event.target.closest("[data-about]");
    if (!target) return;
    const index = stops.findIndex((s) => s.about === Number(target.dataset.about));
    if (index >= 0) choose(index); else fill(detail, drawn[target.dataset.about]);
    if (target.dataset.mark) $(`mark-${target.dataset.mark}`)?.scrollIntoView({ block: "nearest" });
  });
  scroll.addEventListener("keydown", (event) => {
    const move = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: narrow.matches ? 1 : 0, ArrowUp: narrow.matches ? -1 : 0 }[event.key];
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
    if (event.pointerType === "mouse" && event.button === 0 && !narrow.matches) drag = { from: event.clientX, at: scroll.scrollLeft };
  });
  window.addEventListener("pointermove", (event) => {
    if (!drag) return;
    if (Math.abs(event.clientX - drag.from) > 4) scroll.classList.add("dragging");
    scroll.scrollLeft = drag.at - (event.clientX - drag.from);
  });
  window.addEventListener("pointerup", () => { drag = null; scroll.classList.remove("dragging"); });
