  // ---- words and faults explained where they stand ----------------------------------------------------------------------

  // sentences has what the lists at the end of the page explain.
  const sentences = new Map();
  for (const list of ["glossary", "faults"]) {
    for (const term of $(list)?.querySelectorAll("dt") || []) sentences.set(term.textContent, term.nextElementSibling.textContent);
  }

  function faultSentence(kind) { return kind && sentences.get(kind) || ""; }

  // explainWords marks the words of the lists in a part of the page, each at its first place. Pointing at one, or moving the
  // focus to it, shows its sentence. This is for the eye alone: nothing is decided by a word.
  function explainWords(part) {
    if (!part || !sentences.size) return;
    const words = [...sentences.keys()].sort((a, b) => b.length - a.length).map((w) => w.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const pattern = new RegExp(`(?<![\\w.-])(?:${words.join("|")})(?![\\w-])`, "g"), known = new Set();
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT), texts = [];
    while (walker.nextNode()) if (!walker.currentNode.parentElement.closest("button, select, time, summary, .term")) texts.push(walker.currentNode);
    for (const text of texts) {
      const found = [...text.data.matchAll(pattern)].filter((m) => !known.has(m[0]) && known.add(m[0]));
      for (const match of found.reverse()) {
        const word = text.splitText(match.index);
        word.splitText(match[0].length);
        const e = document.createElement("span");
        e.className = "term";
        e.tabIndex = 0;
        word.replaceWith(e);
        e.append(word);
        const show = (event) => {
          tip.replaceChildren();
          html(tip, "b", "", match[0]);
          tip.append(": " + sentences.get(match[0]));
          const box = e.getBoundingClientRect();
          showTip(event.clientX || box.left, event.clientY || box.bottom);
        };
        e.addEventListener("pointerenter", show);
        e.addEventListener("focus", show);
        for (const away of ["pointerleave", "blur"]) e.addEventListener(away, () => { tip.hidden = true; });
      }
    }
  }
