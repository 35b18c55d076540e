  // ---- time as pixels -------------------------------------------------------------------------------------------------

  const LEFT = 14, RIGHT = 76;

  // scale maps time to pixels. It grows with the logarithm of each gap between two moments at which something is drawn, so
  // that milliseconds stand apart and hours of waiting take no room.
  function scale(moments, zoom) {
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

  // moments are all times at which something is drawn.
  function moments(messages, events, subjects) {
    const end = horizon(), list = [0, data.end, end];
    const add = (...times) => { for (const t of times) if (t <= end) list.push(t); };
    for (const e of events) add(e.at, e.until || e.at);
    for (const m of messages) add(m.sent, m.until || m.sent, Math.min(m.arrives, data.end));
    for (const s of subjects) for (const row of rowsOf(s)) for (const b of row.bars) add(b.from, b.to);
    for (const a of data.actors) for (const o of a.outages) add(o.from, o.to);
    if (data.jump) add(data.jump.at);
    return list;
  }

  // fitting returns the zoom with which a stretch of time fills the window.
  function fitting(list, from, to, width) {
    let zoom = 1;
    for (let i = 0; i < 6; i++) {
      const x = scale(list, zoom), wide = x(to) - x(from);
      if (wide <= 0) break;
      zoom = Math.min(Math.max(zoom * (width - LEFT - RIGHT - 24) / wide, 0.02), 5);
    }
    return zoom;
  }
