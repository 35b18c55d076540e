  // ---- the page's data, and how times and elements are written --------------------------------------------------------

  // Times are in milliseconds of virtual time.
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const pad = (n, width) => String(n).padStart(width, "0");

  // clock writes a moment as the story does: 02:03.120, and from an hour on 39 h 02:03.120.
  function clock(ms) {
    const whole = Math.floor(Math.round(ms * 1000) / 1000);
    const rest = `${pad(Math.floor(whole / 60000) % 60, 2)}:${pad(Math.floor(whole / 1000) % 60, 2)}.${pad(whole % 1000, 3)}`;
    return whole < 3600000 ? rest : `${Math.floor(whole / 3600000)} h ${rest}`;
  }

  // span writes a duration in the unit that fits: 12 ms, 3.4 s, 5 min 9 s, 39 h 2 min.
  function span(ms) {
    if (ms < 1) return `${Math.round(ms * 1000)} µs`;
    if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
    if (ms < 59950) return `${ms < 9950 ? (ms / 1000).toFixed(1) : Math.round(ms / 1000)} s`;
    const seconds = Math.round(ms / 1000), minutes = Math.round(ms / 60000);
    if (seconds < 3600) return seconds % 60 ? `${Math.floor(seconds / 60)} min ${seconds % 60} s` : `${seconds / 60} min`;
    return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
  }

  const percent = (share) => `${Math.round(share * 100)} %`;

  // el adds an SVG element to its parent, html an element of HTML.
  function el(parent, name, attributes, text) {
    const e = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes || {})) e.setAttribute(key, value);
    if (text !== undefined) e.textContent = text;
    parent.appendChild(e);
    return e;
  }

  function html(parent, name, style, text) {
    const e = document.createElement(name);
    if (style) e.className = style;
    if (text !== undefined) e.textContent = text;
    parent.appendChild(e);
    return e;
  }
