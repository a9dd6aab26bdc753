// What every page shares: data files that also load from file://, the theme, copying, and
// how old the sources are. A data file is a script that calls `warecat.data(name, value)`;
// no other file is fetched. Words that people read stand in the page.
(() => {
  "use strict";
  const d = document, html = d.documentElement, words = d.body.dataset, root = html.dataset.root || "";
  const waiting = {}, kept = {}, said = d.getElementById("said");
  const make = (tag, set) => Object.assign(d.createElement(tag), set);
  self.warecat = {
    root,
    // Called by data files.
    data: (name, value) => { if (waiting[name]) waiting[name](value); },
    // Loads `_data/<name>.js` once; gives a promise of its value.
    load: (name, version) => kept[name] = kept[name] || new Promise((done, failed) => {
      waiting[name] = done;
      d.head.append(make("script", {
        src: root + "_data/" + name + ".js" + (version ? "?" + version : ""),
        onerror: () => { delete kept[name]; failed(new Error(name)); },
      }));
    }),
    // Gives a button that copies an element's text, and says so.
    copyButton: (from) => {
      // What it holds when it is copied: commands change with the build that is chosen.
      const text = () => from.textContent.trim(), title = words.copy + " " + text().slice(0, 24);
      const button = make("button", { type: "button", className: "copy", title, ariaLabel: title });
      const tell = (word, now) => { button.classList.toggle("done", now); said.textContent = word; };
      const done = () => { tell(words.copied, true); setTimeout(tell, 2e3, "", false); };
      // The old way works where the page is not from a secure place.
      const select = () => { getSelection().selectAllChildren(from); if (d.execCommand("copy")) done(); };
      button.onclick = () => navigator.clipboard ? navigator.clipboard.writeText(text()).then(done, select) : select();
      return button;
    },
  };

  // The theme: what the system says, light, or dark.
  const toggle = d.querySelector(".theme"), themes = ["", "light", "dark"];
  if (toggle) {
    const show = (step) => {
      const at = (Math.max(themes.indexOf(html.dataset.theme), 0) + step) % 3;
      html.dataset.theme = themes[at];
      toggle.title = toggle.ariaLabel = toggle.textContent + toggle.dataset.names.split(",")[at];
    };
    toggle.onclick = () => {
      show(1);
      try { localStorage.theme = html.dataset.theme; } catch { /* for this page only */ }
    };
    show(0);
  }

  // A button beside each id and command that is on view.
  const add = (within) => within.querySelectorAll(".id, .cid, .cmd").forEach((code) => {
    if (!code.closest("details:not([open])") && code.nextSibling?.type !== "button") code.after(warecat.copyButton(code));
  });
  add(d);
  d.addEventListener("toggle", (event) => add(event.target), true);

  // Sources that were read long ago.
  d.querySelectorAll(".as-of time").forEach((time) => {
    const days = Math.floor((Date.now() - Date.parse(time.dateTime)) / 864e5);
    if (days > 60) time.after(" ", make("span", { className: "kind some", textContent: days + words.old }));
  });
})();
