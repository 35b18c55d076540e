  // ---- controls: filters, search, zoom, keys, copying -------------------------------------------------------------------

  const inWidth = () => scroll.clientWidth || 800;

  // fit shows a stretch of time in the whole window.
  function fit(from, to) {
    view.zoom = fitting(moments(messagesShown(), eventsShown(), subjectsShown()), from, to, inWidth());
    draw();
    if (narrow.matches) { scroll.scrollTop = 0; return; }
    // A stretch that does not fit shows its end.
    const left = x(from) - 24;
    scroll.scrollLeft = x(to) + RIGHT - left > inWidth() + 1 ? x(to) + RIGHT - inWidth() : left;
    keepInSight();
  }

  // fitFailure shows what leads to the violation; a run that passes is shown whole.
  function fitFailure() {
    view.detail = 1;
    view.earlier = !data.message;
    if (!data.message) { // a run that passes is shown from its beginning
      fit(0, horizon());
      scroll.scrollLeft = 0;
      return;
    }
    fit(beginning(), data.end);
    if (narrow.matches) scroll.scrollTop = scroll.scrollHeight;
  }

  function zoomBy(factor) {
    if (narrow.matches) {
      view.detail = Math.min(Math.max(view.detail + (factor > 1 ? 1 : -1), 0), 2);
      draw();
      return;
    }
    const centre = (scroll.scrollLeft + inWidth() / 2) / x.width;
    view.zoom = Math.min(Math.max(view.zoom * factor, 0.02), 12);
    draw();
    scroll.scrollLeft = centre * x.width - inWidth() / 2;
    keepInSight();
  }

  function filterTrace() {
    for (const row of $("trace").tBodies[0].rows) {
      const other = view.subject && row.dataset.subject && row.dataset.subject !== view.subject || view.actor && row.dataset.actor && row.dataset.actor !== view.actor;
      row.hidden = Boolean(other || view.text && !matches(row.textContent));
    }
  }

  function search(text) {
    view.text = text.trim().toLowerCase();
    filterTrace();
    draw();
    const found = stops.filter((s) => s.found);
    $("found").textContent = view.text ? `${found.length} of ${stops.length}` : "";
    if (view.text && found.length) choose(stops.indexOf(found[0]));
  }

  function nextFound() {
    const after = stops.findIndex((s, i) => i > chosen && s.found);
    choose(after >= 0 ? after : stops.findIndex((s) => s.found));
  }

  function refilter() { filterTrace(); fitFailure(); }

  function clear() {
    tip.hidden = true;
    $("search").value = "";
    view.actor = $("filter-actor").value = "";
    search("");
  }

  $("filter-subject").addEventListener("change", (event) => { view.subject = event.target.value; refilter(); });
  $("filter-actor").addEventListener("change", (event) => { view.actor = event.target.value; refilter(); });
  $("search").addEventListener("input", (event) => search(event.target.value));
  $("show-routine").addEventListener("click", () => {
    view.routine = !view.routine;
    $("show-routine").setAttribute("aria-pressed", String(view.routine));
    refilter();
  });
  $("zoom-in").addEventListener("click", () => zoomBy(1.5));
  $("zoom-out").addEventListener("click", () => zoomBy(1 / 1.5));
  $("zoom-fit").addEventListener("click", fitFailure);
  $("zoom-all").addEventListener("click", () => { view.earlier = true; fit(0, horizon()); });
  scroll.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoomBy(Math.exp(-event.deltaY / 300));
  }, { passive: false });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "Escape") clear();
    else if (typing && event.key === "Enter") nextFound();
    else if (typing) return;
    else if (event.key === "+" || event.key === "=") zoomBy(1.5);
    else if (event.key === "-" || event.key === "−") zoomBy(1 / 1.5);
    else if (event.key === "0") fitFailure();
    else if (event.key === "/") { $("search").focus(); event.preventDefault(); }
  });

  // A page that is opened from a file may not use the clipboard's interface everywhere, so the text is selected and copied
  // as a reader would.
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", () => {
      const selection = window.getSelection();
      selection.selectAllChildren($(button.dataset.copy));
      button.textContent = document.execCommand("copy") ? "Copied" : "Selected";
    });
  }
