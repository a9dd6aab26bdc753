// "Which build fits me": the controls. The rule itself comes with its data, in
// `_data/targets.js`, when they are used.
(() => {
  "use strict";
  const d = document, box = d.querySelector(".fit");
  if (!box) return;
  const [cpu, acc, rel, info] = ["cpu", "acc", "rel", "info"].map((id) => d.getElementById("fit-" + id));
  const out = box.querySelector("output"), KEY = "warecat-machine";
  const items = new Map(box.dataset.labels.split("\n").filter((row) => row).map((row) => [row.split("\t")[0], row.split("\t")]));
  const make = (tag, textContent, className = "") => Object.assign(d.createElement(tag), { textContent, className });
  let T, kept = {};
  try { kept = JSON.parse(localStorage.getItem(KEY)) || kept; } catch { /* kept nowhere, then */ }

  const show = () => {
    out.replaceChildren();
    if (!T || !cpu.value) return;
    try { localStorage.setItem(KEY, JSON.stringify({ cpu: cpu.value, acc: acc ? acc.value : kept.acc })); } catch { /* nor here */ }
    // The items of a release are the rows of its table on this page.
    const wares = new Map([...d.getElementById(rel.value).querySelectorAll(".items tbody tr")].map((row) => [row.cells[0].textContent, row.querySelector("code").textContent]));
    const found = T.choose(cpu.value, acc && acc.value, [...items.values()].filter(([label]) => wares.has(label)));
    const ware = make("code", wares.get(found.item), "cid");
    if (found.item !== null) out.append(make("b", found.item), " ", ware, " ", warecat.copyButton(ware));
    out.append(...found.why.map((line) => make("p", line)));
    use(found.item, ware.textContent);
  };
  // "Use it" shows the lines of this item, where it is of the same release.
  const use = (item, ware) => d.querySelectorAll(".tools").forEach((tools) => {
    if (item === null || tools.dataset.release !== rel.value) return;
    const lines = [...tools.querySelectorAll("[data-item]")];
    lines.forEach((line) => line.hidden = line.dataset.item !== item);
    // T-25: only a word that no shell reads anything into.
    const fine = [item, ware].every((word) => /^[a-z\d][\w.+\-/:@]*$/i.test(word));
    tools.querySelectorAll("[data-of]").forEach((part) => {
      part.closest("div").hidden = !fine;
      if (fine) part.textContent = part.dataset.of === "item" ? item : ware;
    });
  });
  const load = () => warecat.load("targets", box.dataset.version).then((value) => {
    if (T) return;
    T = value;
    let group;
    for (const [value, , , , , , label, also] of T.targets) {
      if (!group || group.label !== label) cpu.append(group = Object.assign(d.createElement("optgroup"), { label }));
      group.append(Object.assign(make("option", also ? `${value} (${also})` : value), { value }));
    }
    if (kept.cpu && T.targets.some(([name]) => name === kept.cpu)) cpu.value = kept.cpu;
    if (acc && [...acc.options].some((option) => option.value === kept.acc)) acc.value = kept.acc;
    show();
  }, () => out.textContent = "The list of processors could not be read.");
  box.hidden = false;
  box.previousElementSibling.hidden = true;
  for (const use of ["focusin", "pointerenter"]) box.addEventListener(use, load);
  box.addEventListener("change", show);
  info.oninput = () => load().then(() => {
    const name = info.value.trim() && T.detect(info.value);
    if (name) cpu.value = name;
    show();
    if (info.value.trim()) out.prepend(make("p", name ? `This is ${name}.` : "No processor was recognised in this."));
  });
  if (kept.cpu) load();
})();
