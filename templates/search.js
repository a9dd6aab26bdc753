// Search: the index and the ranking of `warecat search` (src/search, which docs/search.md
// explains), read from data files. A test holds both to the same results. Bytes are few
// here: `d` is a document, `f` a filter or a facet, `q` a query, `w` a word, `i` a place.
(() => {
  "use strict";
  const W = self.warecat, HIDDEN = /[\s\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;
  const FIELDS = "source kind arch target accelerator toolchain licence category maintainer replay signed extension".split(" ");
  const ALSO = { license: "licence", family: "arch", gpu: "accelerator" };
  let docs, facets, texts;

  // query.rs
  const parse = text => {
    let q = { words: [], filters: [] }, tokens = [""], at = 0, quoted;
    for (const c of [...text].slice(0, 200)) {
      if (c == '"') quoted = !quoted;
      else if (!HIDDEN.test(c)) tokens[at] += c;
      else if (!quoted) tokens[++at] = "";
      else if (!/^$| $/.test(tokens[at])) tokens[at] += " ";
    }
    for (let t of tokens) {
      t = t.replace(/ $/, "").toLowerCase();
      const m = /^(-?)([^:]*):(?!:) *(.+)$/.exec(t), field = m && (ALSO[m[2]] || m[2]);
      if (FIELDS.includes(field)) add(q, field, m[3], !!m[1]);
      else if (t && q.words.length < 8) q.words.push(t);
    }
    return q;
  };
  const find = (q, field, value) => q.filters.find(f => f.field == field && f.value == value);
  const add = (q, field, value, not) => {
    if (!q.filters.some(f => f.field == field && f.value == value && f.not == not) && q.filters.length < 64) q.filters.push({ field, value, not });
  };

  // spelling.rs
  const spell = text => {
    const s = text.toLowerCase().replace(/::|[_ .]/g, "-");
    return [s, ...s.includes("+") ? [s.replace(/\+/g, "-plus")] : [], ...s.includes("++") ? [s.replace(/\+\+/g, "pp"), s.replace(/\+\+/g, "xx")] : []];
  };
  const alike = (names, scope) => {
    const kind = /(?:^|\/)ext\/(python|r|perl|ruby|octave)$/.exec(scope);
    return names.flatMap(s => [s, ...kind ? [kind[1].replace("thon", "") + "-" + s] : [], ...(/^(?:py|r|perl|ruby|lua|octave)-(.*)/s.exec(s) || []).slice(1)]);
  };

  // src/site/search/data.rs
  const openNames = data => {
    let title = "";
    docs = [];
    for (const line of data.titles.split("\n").filter(l => l)) {
      const [head, ...places] = line.split("\t");
      title = title.slice(0, head.charCodeAt() - 48) + head.slice(1);
      const lower = title.toLowerCase(), names = spell(title);
      for (const place of places) {
        const [at, part] = place.split(":"), scope = data.scopes[parseInt(at, 36)];
        const name = (scope && scope + "/") + (part || lower.replace(/::|[_ ]/g, "-").replace(/\+/g, "-plus").replace(/[^a-z0-9.-]/g, "").replace(/^[-.]+|[-.]+$/g, ""));
        docs.push({ title, lower, names, alike: alike(names, scope), name, url: W.root + (data.odd[name] || name + "/index.html") });
      }
    }
  };
  const openFacets = data => {
    facets = data.facets;
    for (const f of facets) f.lower = f.values.map(v => v.toLowerCase());
    docs.forEach((d, i) => d.releases = data.releases[i]);
    for (const [i, ...held] of data.holds) docs[i].holds = held;
  };
  const openTexts = shards => {
    let last, i = 0;
    for (const s of shards) s.texts.forEach((t, at) => {
      const d = docs[i++], [summary, rest] = (last = t || last).split("\n");
      Object.assign(d, { summary, low: summary.toLowerCase(), rest: rest.toLowerCase(), newest: s.newest[at] });
    });
    texts = 1;
  };

  // rank.rs
  const named = (d, w) => {
    if (d.lower == w.text || d.name == w.text) return 0;
    if (w.names.some(n => d.alike.includes(n))) return 1;
    const at = d.lower.indexOf(w.text);
    if (at >= 0) return at ? 3 : 2;
    return w.names.some(n => d.names.some(m => m.includes(n))) || w.path && d.name.includes(w.text) ? 4 : -1;
  };
  const word = text => ({ text, names: spell(text), path: /[/.]/.test(text) });
  const letter = (text, at) => text.charCodeAt(at) > 127 || /[0-9a-z]/i.test(text.charAt(at));
  const stands = (text, w) => {
    for (let at = -w.length; (at = text.indexOf(w, at + w.length)) >= 0;)
      if (!letter(text, at - 1) && !(w.length < 3 && letter(text, at + w.length))) return 1;
  };
  const run = q => {
    const ranks = docs.map(() => 0), keys = [];
    for (const text of q.words) {
      const w = word(text), at = docs.map(d => named(d, w));
      docs.forEach((d, i) => {
        if (ranks[i] < 0) return;
        const rank = at[i] >= 0 ? at[i] : texts && stands(d.low, text) ? 5 : (d.holds || []).some(h => at[h] >= 0) || texts && stands(d.rest, text) ? 6 : -1;
        ranks[i] = rank < 0 ? rank : ranks[i] + rank;
      });
    }
    for (const f of q.filters) if (f.field == "extension") {
      const w = word(f.value), at = docs.map(d => named(d, w));
      docs.forEach((d, i) => { if ((d.holds || []).some(h => at[h] == 0 || at[h] == 1) == f.not) ranks[i] = -1; });
    }
    const wants = (facets || []).map(f => wanted(f, q));
    ranks.forEach((rank, i) => {
      const failed = wants.filter(w => !w.ok[w.of[i]]);
      if (rank < 0 || failed[1]) return;
      for (const w of failed[0] ? failed : wants) for (const v of w.sets[w.of[i]]) w.counts[v]++;
      const key = q.sort == "name" ? 0 : q.sort == "releases" ? 1e6 - docs[i].releases : q.words[0] ? rank * 256 + Math.min(docs[i].lower.length, 255) : 0;
      if (!failed[0]) keys.push(key * 2 ** 24 + i);
    });
    return { hits: [...Float64Array.from(keys).sort()].map(k => k % 2 ** 24), counts: wants.map(w => w.counts) };
  };
  const wanted = ({ id, of, sets, lower }, q) => {
    let want = [], some;
    for (const f of q.filters) if (f.field == id) {
      some = some || !f.not;
      lower.forEach((v, i) => {
        const is = lower.includes(f.value) ? v == f.value : v.startsWith(f.value) && /[-/.]/.test(v[f.value.length]) || v.endsWith("-" + f.value);
        if (is && want[i] !== false) want[i] = !f.not;
      });
    }
    return { of, sets, counts: lower.map(() => 0), ok: sets.map(s => s.every(v => want[v] !== false) && (!some || s.some(v => want[v]))) };
  };

  // near.rs
  const near = q => {
    const a = [...q.words.join("-")], most = Math.ceil(a.length / 3), found = [];
    if (a.length > 1 && a.length < 41) docs.forEach((d, i) => {
      const b = [...d.lower];
      if (docs[i - 1]?.lower == d.lower || Math.abs(b.length - a.length) > most) return;
      const far = distance(a, b);
      if (far <= most) found.push([far, i]);
    });
    return found.sort((x, y) => x[0] - y[0] || x[1] - y[1]).slice(0, 5).map(x => docs[x[1]].title);
  };
  const distance = (a, b) => {
    const d = [];
    for (let i = 0; i <= a.length; i++) {
      d[i] = [i];
      for (let j = 1; j <= b.length; j++)
        d[i][j] = i ? Math.min(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]), i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] ? d[i - 2][j - 2] + 1 : 99) : j;
    }
    return d[a.length][b.length];
  };

  let names, rest, manifest;
  const loadNames = () => names = names || W.load("search").then(m => W.load("search-names", (manifest = m).names)).then(openNames);
  const loadRest = () => rest = rest || loadNames().then(() => W.load("search-facets", manifest.facets)).then(openFacets);
  const loadTexts = () => Promise.all(manifest.texts.map((hash, i) => W.load("search-text-" + i, hash))).then(openTexts);
  W.search = { parse, run, near, openNames, openFacets, openTexts, docs: () => docs };
  if (!self.document) return;

  const el = (tag, props, ...inner) => {
    const made = document.createElement(tag);
    for (const p in props) p in made && !/^aria/.test(p) ? made[p] = props[p] : made.setAttribute(p, props[p]);
    made.append(...inner);
    return made;
  };
  const count = n => n.toLocaleString("en") + (n == 1 ? " module" : " modules");

  // The suggestions below a search box: a combobox as WAI-ARIA's practices have it.
  const combobox = (input, at) => {
    let active = -1, shown = [];
    const id = "hits-" + at, status = el("span", { role: "status", className: "vh" });
    const list = el("ul", { role: "listbox", id, "aria-label": "Modules", hidden: true, onmousedown: e => e.preventDefault() });
    const set = (name, value) => input.setAttribute(name, value);
    const mark = to => {
      active = to;
      [...list.children].forEach((li, i) => li.setAttribute("aria-selected", i == to));
      set("aria-activedescendant", to < 0 ? "" : id + "-" + to);
    };
    const open = yes => {
      list.hidden = !yes;
      set("aria-expanded", !!yes);
      mark(-1);
    };
    const show = () => {
      const q = parse(input.value), { hits } = docs && q.words[0] ? run({ words: q.words, filters: [] }) : { hits: [] };
      shown = hits.slice(0, 8).map(i => docs[i]);
      list.replaceChildren(...shown.map((d, i) => el("li", { role: "option", id: id + "-" + i, onclick: () => go(i) }, el("b", {}, d.title), " ", el("small", {}, d.name))));
      status.textContent = docs && q.words[0] ? count(hits.length) : "";
      open(shown[0]);
    };
    const go = i => location.href = shown[i].url;
    set("role", "combobox");
    set("aria-autocomplete", "list");
    set("aria-controls", id);
    open();
    input.form.append(list, status);
    input.onfocus = () => loadNames().then(() => document.activeElement == input && show());
    input.oninput = show;
    input.onblur = () => open();
    input.onkeydown = e => {
      const n = list.hidden ? 0 : shown.length, step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
      if (e.key == "Escape") n ? open() : input.value = "";
      else if (step && n) mark((active + 1 + step + n + 1) % (n + 1) - 1);
      else if (step) show();
      else if (e.key == "Enter" && active >= 0) go(active);
      else return;
      e.preventDefault();
    };
  };

  // The search page: its state is its URL.
  const page = main => {
    const $ = what => main.querySelector(what), input = $("[name=q]"), sort = $("[name=sort]"), list = $("ol"), side = $("[data-facets]"), status = $("[role=status]");
    const open = { source: 1, kind: 1, arch: 1 }, whole = {};
    let chosen, most;
    const read = () => {
      const url = new URLSearchParams(location.search);
      chosen = { filters: [] };
      for (const field of FIELDS) for (const v of url.getAll(field)) add(chosen, field, v.replace(/^-/, "").toLowerCase(), v[0] == "-");
      input.value = url.get("q") || "";
      sort.value = url.get("sort") || "";
      most = 20;
      show();
    };
    const write = how => {
      const url = new URLSearchParams();
      if (input.value.trim()) url.set("q", input.value.trim());
      for (const f of chosen.filters) url.append(f.field, (f.not ? "-" : "") + f.value);
      if (sort.value) url.set("sort", sort.value);
      if ("?" + url != (location.search || "?")) history[how + "State"](0, "", location.pathname + "?" + url);
      most = 20;
      show();
    };
    const asked = () => {
      const q = parse(input.value);
      for (const f of chosen.filters) add(q, f.field, f.value, f.not);
      return Object.assign(q, { sort: sort.value });
    };
    // Turns a value on or off; what was typed as a filter becomes a choice.
    const choose = (field, value, not) => {
      const q = asked(), had = find(q, field, value);
      q.filters = field ? q.filters.filter(f => f != had) : [];
      if (field && had?.not != not) add(q, field, value, not);
      chosen = q;
      input.value = q.words.map(w => w.includes(" ") ? `"${w}"` : w).join(" ");
      write("push");
    };
    const button = (id, text, onclick, props) => el("button", { type: "button", id, onclick, ...props }, text);
    const show = () => {
      if (!facets) return;
      const q = asked(), { hits, counts } = run(q), any = q.words[0] || q.filters[0], focus = document.activeElement.id;
      list.replaceChildren(...any ? hits.slice(0, most).map(hit) : []);
      if (any && hits.length > most) list.append(el("li", {}, button("more", "Show more", () => { most += 50; show(); })));
      status.textContent = !any ? count(docs.length) + " to search" : hits[0] >= 0 ? count(hits.length) : texts ? "Nothing found" : "Searching…";
      if (any && texts && !hits.length) list.append(el("li", {}, "Did you mean: ", ...near(q).flatMap(n => [el("a", { href: "?q=" + encodeURIComponent(n) }, n), " "]), "fewer words or filters?"));
      side.replaceChildren(...q.filters[0] ? [button("clear", "Clear all filters", () => choose())] : [], ...facets.map((f, i) => group(f, counts[i], q)));
      if (focus && document.activeElement == document.body) (document.getElementById(focus) || input).focus();
    };
    const hit = i => {
      const d = docs[i];
      return el("li", {}, el("h3", {}, el("a", { href: d.url }, d.title), " ", el("small", {}, d.name)), el("p", {}, d.summary || ""),
        el("small", {}, (d.newest ? "newest " + d.newest + ", " : "") + d.releases + (d.releases == 1 ? " release" : " releases")));
    };
    const group = (f, counts, q) => {
      const id = "f-" + f.id, had = f.lower.map(v => find(q, f.id, v)), order = [...counts.keys()].filter(i => counts[i] || had[i]).sort((a, b) => counts[b] - counts[a] || a - b);
      const box = el("details", { hidden: !order.length, open: open[f.id] || had.some(h => h), ontoggle: () => open[f.id] = box.open }, el("summary", { id }, f.label),
        el("ul", {}, ...order.slice(0, whole[id] || 10).map(i => el("li", {},
          el("label", {}, el("input", { type: "checkbox", id: id + i, checked: had[i]?.not === false, onchange: () => choose(f.id, f.lower[i], false) }), " ", f.values[i], " ", el("small", {}, "" + counts[i])),
          button(id + "-" + i, "not", () => choose(f.id, f.lower[i], true), { "aria-pressed": !!had[i]?.not, "aria-label": "Leave out " + f.values[i] })))));
      if (order.length > (whole[id] || 10)) box.append(button(id + "-all", "All " + order.length, () => { whole[id] = 1e4; show(); }));
      return box;
    };
    input.form.onsubmit = e => { e.preventDefault(); write("push"); };
    input.oninput = () => write("replace");
    input.onkeydown = e => { if (e.key == "Escape") { e.preventDefault(); input.value = ""; write("replace"); } };
    sort.onchange = () => write("push");
    self.onpopstate = read;
    main.hidden = false;
    read();
    loadRest().then(show).then(loadTexts).then(show).catch(() => status.textContent = "The data to search could not be loaded.");
  };

  const main = document.querySelector("[data-search]"), inputs = [...document.querySelectorAll("form[role=search] [name=q]")], lost = document.querySelector("[data-lost] [name=q]");
  inputs.filter(i => !main?.contains(i)).forEach(combobox);
  if (main) page(main);
  if (lost) lost.value = location.pathname.replace(/\/(index\.html)?$/, "").split("/").pop().replace(/%\w\w/g, " ");
  document.addEventListener("keydown", e => {
    const box = main ? main.querySelector("[name=q]") : inputs[0];
    if (e.key != "/" || e.ctrlKey || e.metaKey || e.altKey || !box || /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName)) return;
    e.preventDefault();
    box.focus();
    box.select();
  });
})();
