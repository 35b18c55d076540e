  // ---- what is shown: filters, and the rows of each subject -----------------------------------------------------------

  // view is what the reader has chosen. range is the stretch of time that fits into the window.
  const view = { subject: data.focus, actor: "", routine: false, text: "", zoom: 1, detail: 1, earlier: false };

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

  const ofSubject = (item) => !view.subject || item.subject === view.subject || item.cause === view.subject;

  function messagesShown() {
    return data.messages.filter((m) => (!m.routine ? ofSubject(m) : view.routine) && (!view.actor || m.from === view.actor || m.to === view.actor));
  }

  // What concerns no subject in particular is shown with one subject if it is a misfortune, or about the life of a process.
  function eventsShown() {
    return data.events.filter((e) => {
      if (view.actor && e.lane !== view.actor) return false;
      if (e.routine) return view.routine;
      return ofSubject(e) || (!e.subject && (e.fault || e.life));
    });
  }

  const subjectsShown = () => data.subjects.filter((s) => s.tracks.length && (!view.subject || s.id === view.subject));

  // matches reports whether the text that the reader searches for is in any of the texts.
  const matches = (...texts) => !view.text || texts.some((text) => text && text.toLowerCase().includes(view.text));

  const rowsMost = 8;

  // rowsOf returns the rows of a subject: one for its status, and one for each claim, lease and session. Of a track with
  // more than a few, those that do not last at the same time share a row. The other run follows, in grey.
  function rowsOf(subject) {
    const rows = [];
    for (const [number, { name }] of data.tracks.entries()) {
      const track = subject.tracks.find((t) => t.name === name);
      if (!track || !track.bars.length) continue;
      for (const bars of split(track.bars, number === 0)) rows.push({ label: bars.length === 1 ? bars[0].label : name, track: number, bars });
    }
    const other = data.other && data.other.subjects.find((s) => s.id === subject.id);
    if (!other) return rows;
    const grey = [];
    for (const track of other.tracks) {
      for (const bars of split(track.bars.filter((b) => b.from <= horizon()), true)) grey.push({ label: track.name, bars, other: true });
    }
    if (grey.length) rows.push({ label: data.other.name, bars: [], other: true, title: true }, ...grey);
    return rows;
  }

  function split(bars, together) {
    if (!bars.length) return [];
    if (together && bars.every((b, i) => !i || b.from >= bars[i - 1].to)) return [bars];
    if (!together && bars.length <= rowsMost) return bars.map((b) => [b]);
    const rows = [];
    for (const b of bars) {
      const free = rows.find((row) => row[row.length - 1].to <= b.from);
      if (free) free.push(b);
      else if (rows.length < rowsMost) rows.push([b]);
      else rows[rowsMost - 1].push(b);
    }
    return rows;
  }

  // horizon is where the picture ends: at the end of the run, or a little behind the last change of the other run.
  function horizon() {
    let last = data.end;
    if (!data.other || !data.focus) return last;
    for (const s of data.other.subjects) {
      if (s.id !== data.focus) continue;
      for (const track of s.tracks) for (const b of track.bars) if (b.open) last = Math.max(last, b.from + 1000);
    }
    return last;
  }

  // beginning is the moment at which the failure begins to happen: a few entries of the story before its first needed fault,
  // or before it was too late. Without them it is that of a late entry.
  function beginning() {
    const entries = [...document.querySelectorAll("#story tr[data-at]")].map((e) => Number(e.dataset.at));
    const turns = data.events.filter((e) => e.needed).map((e) => e.at);
    if (data.jump) turns.push(data.jump.at);
    const turn = Math.min(...turns), at = turns.length ? entries.findIndex((t) => t >= turn) : entries.length - 16;
    return Math.min(turn, entries[Math.max(0, (at < 0 ? entries.length : at) - 5)] ?? 0);
  }
