  // ---- start --------------------------------------------------------------------------------------------------------------

  for (const s of data.subjects) html($("filter-subject"), "option", "", s.id + (s.group ? ` · ${s.group}` : "")).value = s.id;
  for (const a of data.actors) html($("filter-actor"), "option", "", a.name).value = a.name;
  $("filter-subject").value = view.subject;

  const routineCount = [...data.events, ...data.messages].reduce((n, item) => n + (item.routine ? item.count || 1 : 0), 0);
  $("show-routine").textContent = `Routine (${routineCount.toLocaleString("en")})`;
  $("show-routine").title = "heartbeats, sweeps and purges: what is done again and again and is about nobody";
  $("show-routine").hidden = routineCount === 0;

  legend();
  filterTrace();
  fitFailure();
  for (const part of ["title", "more", "too-late", "other", "story"]) explainWords($(part));

  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth === width) return; // a phone that shows or hides its address bar
    width = window.innerWidth;
    fitFailure();
  });
