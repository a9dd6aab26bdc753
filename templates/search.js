// Search: the index and the ranking of `warecat search` (src/search, which docs/search.md
// explains), read from data files. A test holds both to the same results. Bytes are few
// here: `d` is a document, `f` a filter or a facet, `q` a query, `w` a word, `i` a place.
(() => {
  "use strict";
  const W = self.warecat, D = self.document;
  let docs, fields, facets, texts;

  // query.rs
  const parse = text => {
    const q = { words: [], filters: [] }, tokens = [""];
    let at = 0, quoted;
    for (const c of [...text].slice(0, 200))
      if (c == '"') quoted = !quoted;
      else if (!/[\p{White_Space}\p{Cc}]/u.test(c)) tokens[at] += c;
      else if (!quoted) tokens[++at] = "";
      else if (!/^$| $/.test(tokens[at])) tokens[at] += " ";
    for (let t of tokens) {
      t = t.replace(/ $/, "").toLowerCase();
      const m = /^(-?)([^:]*):(?!:) *(.+)$/.exec(t), field = m && fields.get(m[2]);
      if (field) add(q, field, m[3], !!m[1]);
      else if (t && q.words.length < 8) q.words.push(t);
    }
    return q;
  };
  const find = (q, field, value) => q.filters.find(f => f.field == field && f.value == value);
  const add = (q, field, value, not) => q.filters.length > 63 || q.filters.some(f => f.field == field && f.value == value && f.not == not) || q.filters.push({ field, value, not });

  // spelling.rs
  const spell = text => {
    const s = text.toLowerCase().replace(/::|[_ .]/g, "-"), all = [s];
    if (s.includes("+")) all.push(s.replace(/\+/g, "-plus"));
    if (s.includes("++")) all.push(s.replace(/\+\+/g, "pp"), s.replace(/\+\+/g, "xx"));
    return all;
  };
  // As lines of one text, which is faster than a list.
  const aliases = (names, kind) => {
    let all = "\n";
    for (const s of names) {
      all += s + "\n";
      if (kind) all += kind[1] + "-" + s + "\n";
      if (/^(py|r|perl|ruby|lua|octave)-/.test(s)) all += s.slice(s.indexOf("-") + 1) + "\n";
    }
    return all;
  };

  // src/site/search/data.rs
  const openNames = data => {
    const kinds = data.scopes.map(s => /(?:^|\/)ext\/(py|r|perl|ruby|octave)(thon)?$/.exec(s));
    let title = "";
    docs = [];
    fields = new Map(data.fields);
    for (const line of data.titles.split("\n").filter(l => l)) {
      const [head, ...places] = line.split("\t");
      title = title.slice(0, head.charCodeAt() - 48) + head.slice(1);
      const lower = title.toLowerCase(), names = spell(title), last = lower.replace(/::|[_ ]/g, "-").replace(/\+/g, "-plus").replace(/[^a-z0-9.-]/g, "").replace(/^[-.]+|[-.]+$/g, "");
      for (const place of places) {
        const [at, part] = place.split(":"), n = parseInt(at, 36), scope = data.scopes[n], name = (scope && scope + "/") + (part || last);
        docs.push({ title, lower, name, names: aliases(names, kinds[n]), url: W.root + (data.odd[name] || name + "/index.html") });
      }
    }
  };
  const openFacets = data => {
    facets = data.facets;
    for (const f of facets) f.names = [...(f.lower = f.values.map(v => v.toLowerCase())).entries()].map(([i, v]) => [v, i]).concat(f.also);
    docs.forEach((d, i) => d.releases = data.releases[i]);
    for (const [i, ...held] of data.holds) docs[i].holds = held;
  };
  const openTexts = shards => {
    let last, i = 0;
    for (const s of shards) s.texts.forEach((t, at) => {
      const [summary, rest] = (last = t || last).split("\n");
      Object.assign(docs[i++], { summary, low: summary.toLowerCase(), rest: rest.toLowerCase(), newest: s.newest[at] });
    });
    texts = 1;
  };

  // rank.rs
  const letter = (text, at) => text.charCodeAt(at) > 127 || /[0-9a-z]/i.test(text.charAt(at));
  const ranks = text => {
    const names = spell(text), path = /[/.]/.test(text);
    return docs.map(d => {
      if (d.lower == text || d.name == text) return 0;
      if (names.some(n => d.names.includes("\n" + n + "\n"))) return 1;
      const at = d.lower.indexOf(text);
      if (at >= 0) return at ? letter(d.lower, at - 1) ? 4 : 3 : 2;
      return names.some(n => d.names.includes(n)) || path && d.name.includes(text) ? 5 : 9;
    });
  };
  const stands = (text, w) => {
    for (let at = -w.length; (at = text.indexOf(w, at + w.length)) >= 0;)
      if (!letter(text, at - 1) && !(w.length < 3 && letter(text, at + w.length))) return 1;
  };
  const run = q => {
    const sums = docs.map(() => 0), keys = [];
    for (const w of q.words) {
      const rank = ranks(w);
      docs.forEach((d, i) => sums[i] += rank[i] < 9 ? rank[i] : texts && stands(d.low, w) ? 6 : d.holds?.some(h => rank[h] < 9) || texts && stands(d.rest, w) ? 7 : NaN);
    }
    for (const f of q.filters) if (f.field == "extension") {
      const rank = ranks(f.value);
      docs.forEach((d, i) => { if (!d.holds?.some(h => rank[h] < 2) != f.not) sums[i] = NaN; });
    }
    const wants = (facets || []).map(f => wanted(f, q));
    sums.forEach((sum, i) => {
      const failed = wants.filter(w => !w.ok[w.of[i]]);
      if (isNaN(sum) || failed[1]) return;
      for (const w of failed[0] ? failed : wants) for (const v of w.sets[w.of[i]]) w.counts[v]++;
      const key = q.sort == "name" ? 0 : q.sort == "releases" ? 1e6 - docs[i].releases : q.words[0] ? sum * 256 + Math.min(docs[i].lower.length, 255) : 0;
      if (!failed[0]) keys.push(key * 2 ** 24 + i);
    });
    return { hits: Array.from(Float64Array.from(keys).sort(), k => k % 2 ** 24), counts: wants.map(w => w.counts) };
  };
  const wanted = ({ id, of, sets, lower, names }, q) => {
    let want = [], some;
    for (const { field, value, not } of q.filters) if (field == id) {
      some = some || !not;
      const there = names.some(n => n[0] == value);
      for (const [v, i] of names) {
        const is = there ? v == value : v.startsWith(value) && /[-/.]/.test(v[value.length]) || v.endsWith(value) && /[-/]/.test(v[v.length - value.length - 1]);
        if (is && want[i] !== false) want[i] = !not;
      }
    }
    return { of, sets, counts: lower.map(() => 0), ok: sets.map(s => s.every(v => want[v] !== false) && (!some || s.some(v => want[v]))) };
  };

  // near.rs
  const near = q => {
    const a = [...q.words.join("-")], most = Math.ceil(a.length / 3), found = [];
    if (a[1] && !a[40]) docs.forEach((d, i) => {
      const b = [...d.lower];
      if (docs[i - 1]?.lower == d.lower || Math.abs(b.length - a.length) > most) return;
      const far = distance(a, b);
      if (far <= most) found.push([far, i]);
    });
    return found.sort((x, y) => x[0] - y[0] || x[1] - y[1]).slice(0, 5).map(x => docs[x[1]].title);
  };
  const distance = (a, b) => {
    let row = [...b, 0].map((_, j) => j);
    a.forEach((c, i) => {
      const last = row;
      row = [i + 1];
      b.forEach((e, j) => row.push(Math.min(last[j + 1] + 1, row[j] + 1, last[j] + (c != e))));
    });
    return row.pop();
  };

  let names, manifest;
  const load = (name, hash) => W.load("search" + name, hash);
  const loadNames = () => names = names || load("").then(m => load("-names", (manifest = m).names)).then(openNames).then(() => run(parse("a b")));
  W.search = { parse, run, near, openNames, openFacets, openTexts, docs: () => docs };
  if (!D) return;

  const el = (tag, props, ...inner) => {
    const made = D.createElement(tag);
    for (const p in props) p in made ? made[p] = props[p] : made.setAttribute(p, props[p]);
    made.append(...inner);
    return made;
  };
  const count = n => n.toLocaleString("en") + (n == 1 ? " module" : " modules");
  const label = d => [d.title, " ", el("small", {}, d.name)];

  // The suggestions below a search box: a combobox as WAI-ARIA's practices have it.
  const combobox = (input, at) => {
    let active, shown = [];
    const id = "hits-" + at, status = el("span", { role: "status", className: "vh" });
    const list = el("ul", { role: "listbox", id, "aria-label": "Modules", onmousedown: e => e.preventDefault() });
    const set = (name, value) => input.setAttribute("aria-" + name, value);
    const mark = to => {
      active = to;
      [...list.children].forEach((li, i) => li.setAttribute("aria-selected", i == to));
      set("activedescendant", to < 0 ? "" : id + "-" + to);
    };
    const open = yes => {
      list.hidden = !yes;
      set("expanded", !!yes);
      mark(-1);
    };
    const show = () => {
      const words = docs ? parse(input.value).words : [], hits = words[0] ? run({ words, filters: [] }).hits : [];
      shown = hits.slice(0, 8).map(i => docs[i]);
      list.replaceChildren(...shown.map((d, i) => el("li", { role: "option", id: id + "-" + i, onclick: () => go(i) }, ...label(d))));
      status.textContent = words[0] ? count(hits.length) : "";
      open(shown[0]);
    };
    const go = i => location.href = shown[i].url;
    input.setAttribute("role", "combobox");
    set("autocomplete", "list");
    set("controls", id);
    open();
    input.form.append(list, status);
    input.onfocus = () => loadNames().then(() => D.activeElement == input && show());
    input.oninput = show;
    input.onblur = () => open();
    input.onkeydown = e => {
      const n = list.hidden ? 0 : shown.length, step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
      if (e.key == "Escape") n ? open() : input.value = "";
      else if (step) n ? mark((active + step + n + 2) % (n + 1) - 1) : show();
      else if (e.key == "Enter" && active >= 0) go(active);
      else return;
      e.preventDefault();
    };
  };

  // The search page: its state is its URL.
  const page = main => {
    const $ = what => main.querySelector(what), input = $("[name=q]"), sort = $("select"), list = $("ol"), side = $(".side"), status = $("[role=status]");
    const open = { source: 1, kind: 1, arch: 1 };
    let chosen, most;
    const read = () => {
      const url = new URLSearchParams(location.search);
      chosen = { filters: [] };
      for (const [field, v] of url) if ([...fields.values()].includes(field)) add(chosen, field, v.replace(/^-/, "").toLowerCase(), v[0] == "-");
      input.value = url.get("q") || "";
      sort.value = url.get("sort") || "";
      show(20);
    };
    const write = how => {
      const url = new URLSearchParams(), q = input.value.trim();
      if (q) url.set("q", q);
      for (const f of chosen.filters) url.append(f.field, (f.not ? "-" : "") + f.value);
      if (sort.value) url.set("sort", sort.value);
      if ("?" + url != (location.search || "?")) history[how + "State"](0, "", location.pathname + "?" + url);
      show(20);
    };
    const asked = () => {
      const q = parse(input.value);
      for (const f of chosen.filters) add(q, f.field, f.value, f.not);
      return Object.assign(q, { sort: sort.value });
    };
    // Turns a value on or off, or all off; what was typed as a filter becomes a choice.
    const choose = (field, value, not) => {
      const q = chosen = asked(), had = find(q, field, value);
      q.filters = q.filters.filter(f => field && f != had);
      if (field && had?.not != not) add(q, field, value, not);
      input.value = q.words.map(w => w.includes(" ") ? `"${w}"` : w).join(" ");
      write("push");
    };
    const button = (id, text, onclick, props) => el("button", { type: "button", id, onclick, ...props }, text);
    const show = to => {
      most = to || most;
      const q = asked(), { hits, counts } = run(q), any = q.words[0] || q.filters[0], focus = D.activeElement.id;
      list.replaceChildren(...any ? hits.slice(0, most).map(hit) : []);
      if (any && hits.length > most) list.append(el("li", {}, button("more", "Show more", () => show(most + 50))));
      status.textContent = !any ? count(docs.length) + " to search" : hits.length || texts ? count(hits.length) : "Searching…";
      if (any && texts && !hits.length) list.append(el("li", {}, "Did you mean: ", ...near(q).flatMap(n => [el("a", { href: "?q=" + encodeURIComponent(n) }, n), ", "]), "or fewer words and filters?"));
      side.replaceChildren(...q.filters[0] ? [button("clear", "Clear all filters", () => choose())] : [], ...facets.map((f, i) => group(f, counts[i], q)));
      if (focus && D.activeElement == D.body) (D.getElementById(focus) || input).focus();
    };
    const hit = i => {
      const d = docs[i];
      return el("li", {}, el("h3", {}, el("a", { href: d.url }, ...label(d))), el("p", {}, d.summary || ""), el("small", {}, (d.newest ? d.newest + ", " : "") + d.releases + (d.releases == 1 ? " release" : " releases")));
    };
    const group = (f, counts, q) => {
      const id = "f-" + f.id, had = f.lower.map(v => find(q, f.id, v)), order = [...counts.keys()].filter(i => counts[i] || had[i]).sort((a, b) => counts[b] - counts[a] || a - b);
      const isOpen = open[f.id] = open[f.id] ?? had.some(h => h);
      return el("details", { hidden: !order.length, open: isOpen }, el("summary", { id, onclick: e => { e.preventDefault(); open[f.id] = !isOpen; show(); } }, f.label),
        el("ul", {}, ...order.slice(0, isOpen ? 50 : 0).map(i => el("li", {},
          el("label", {}, el("input", { type: "checkbox", id: id + i, checked: had[i]?.not === false, onchange: () => choose(f.id, f.lower[i], false) }), " ", f.values[i], " ", el("small", {}, counts[i])),
          button(id + "-" + i, "not", () => choose(f.id, f.lower[i], true), { "aria-pressed": !!had[i]?.not, "aria-label": "not " + f.values[i] })))));
    };
    main.hidden = false;
    side.parentNode.open = self.innerWidth > 767;
    loadNames().then(() => load("-facets", manifest.facets)).then(openFacets).then(() => {
      input.form.onsubmit = e => { e.preventDefault(); write("push"); };
      input.oninput = () => write("replace");
      input.onkeydown = e => { if (e.key == "Escape") { e.preventDefault(); input.value = ""; write("replace"); } };
      sort.onchange = () => write("push");
      self.onpopstate = read;
      read();
      return Promise.all(manifest.texts.map((hash, i) => load("-text-" + i, hash)));
    }).then(openTexts).then(() => show()).catch(() => status.textContent = "The data to search could not be loaded.");
  };

  const $ = what => D.querySelectorAll(what), [main] = $("[data-search]"), [lost] = $("[data-lost] [name=q]"), inputs = [...$("form[role=search] [name=q]")];
  inputs.filter(i => !main?.contains(i)).forEach(combobox);
  if (main) page(main);
  if (lost) lost.value = location.pathname.replace(/\/(index\.html)?$/, "").split("/").pop().replace(/%\w\w/g, " ");
  D.addEventListener("keydown", e => {
    const box = inputs.find(i => !main || main.contains(i));
    if (e.key != "/" || e.ctrlKey || e.metaKey || e.altKey || !box || /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName)) return;
    e.preventDefault();
    box.focus();
    box.select();
  });
})();
