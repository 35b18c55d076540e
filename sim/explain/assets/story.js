  // ---- story and timeline, linked in both directions --------------------------------------------------------------------

  const isFault = (row) => row.classList.contains("is-fault") || row.classList.contains("is-needed");
  const rows = [...document.querySelectorAll("#story tr[data-at]")];

  // link marks the entry of the story that is the chosen event, if there is one.
  function link(stop) {
    for (const row of rows) row.classList.remove("is-linked");
    if (!stop) return;
    const same = rows.filter((row) => Math.abs(Number(row.dataset.at) - stop.at) < 0.0005);
    const ofActor = same.filter((row) => row.dataset.actor === stop.actor);
    const row = ofActor.find((row) => isFault(row) === Boolean(stop.fault)) || ofActor[0] || same.find((row) => !row.dataset.actor);
    if (!row) return;
    row.classList.add("is-linked");
    const column = row.closest(".story-column"), box = row.getBoundingClientRect(), within = column.getBoundingClientRect();
    if (column.scrollHeight > column.clientHeight) {
      if (box.top < within.top + 10 || box.bottom > within.bottom - 10) column.scrollTop += box.top - within.top - column.clientHeight / 2;
    }
  }

  // An entry leads to the timeline: by its time, and in a wide window by pointing at it.
  for (const row of rows) {
    row.addEventListener("pointerenter", () => {
      if (window.matchMedia("(min-width: 1100px)").matches) goTo(Number(row.dataset.at), row.dataset.actor, isFault(row));
    });
  }
  for (const button of document.querySelectorAll("#story button.time")) {
    button.addEventListener("click", () => {
      goTo(Number(button.dataset.at), button.dataset.actor, isFault(button.closest("tr")));
      if (!window.matchMedia("(min-width: 1100px)").matches) scroll.scrollIntoView({ block: "center" });
      scroll.focus({ preventScroll: true });
    });
  }

  // A chip leads to its mark in the story, as a link does, and shows it in the timeline too.
  for (const chip of document.querySelectorAll("a.chip")) {
    chip.addEventListener("click", () => {
      goTo(Number(chip.dataset.at), "", chip.id === "chip-cause");
      const place = $(chip.getAttribute("href").slice(1));
      if (place) place.classList.add("is-linked");
    });
  }
