// "Use it": a tab for each tool, and buttons that copy. Without this script all panels
// are there, one below the other. The pattern is "Tabs" of the ARIA authoring practices.
(() => {
  "use strict";
  const d = document, KEY = "warecat-tool";
  const make = (tag, set, aria) => {
    const made = Object.assign(d.createElement(tag), set);
    for (const name in aria) made.setAttribute(name, aria[name]);
    return made;
  };
  for (const pre of d.querySelectorAll(".use pre")) pre.before(warecat.copyButton(pre.firstChild));
  let kept;
  try { kept = localStorage[KEY]; } catch {}
  d.querySelectorAll(".tools").forEach((box, n) => {
    const panels = [...box.children];
    const show = (at) => tabs.forEach((tab, i) => {
      tab.setAttribute("aria-selected", i === at);
      tab.tabIndex = i === at ? 0 : -1;
      panels[i].hidden = i !== at;
    });
    const pick = (at) => {
      show(at);
      tabs[at].focus();
      try { localStorage[KEY] = panels[at].dataset.tool; } catch {}
    };
    const tabs = panels.map((panel, i) => {
      const head = panel.firstElementChild, id = panel.id = `tool-${n}-${i}`;
      head.hidden = true;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", "tab-" + id);
      return make("button", { type: "button", id: "tab-" + id, textContent: head.textContent, onclick: () => pick(i) }, { role: "tab", "aria-controls": id });
    });
    const list = make("div", { className: "tabs", onkeydown: (event) => {
      const at = tabs.indexOf(event.target), last = tabs.length - 1;
      const to = { ArrowRight: at < last ? at + 1 : 0, ArrowLeft: at ? at - 1 : last, Home: 0, End: last }[event.key];
      if (to >= 0) pick(to), event.preventDefault();
    } }, { role: "tablist", "aria-label": "Tools" });
    list.append(...tabs);
    box.prepend(list);
    show(Math.max(0, panels.findIndex((panel) => panel.dataset.tool === kept)));
  });
})();
