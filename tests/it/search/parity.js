// Answers queries as the browser does: `node parity.js SCRIPT DATA QUERIES`, where DATA is a
// folder of data files and QUERIES a JSON list of [query, order]. Prints a JSON list.
const fs = require("fs");
const path = require("path");
const [script, data, queries] = process.argv.slice(2);
const values = {};
globalThis.self = globalThis;
self.warecat = { root: "", data: (name, value) => { values[name] = value; } };
const load = file => (0, eval)(fs.readFileSync(file, "utf8"));
load(script);
for (const file of fs.readdirSync(data).sort()) load(path.join(data, file));
const S = self.warecat.search;
let isWhole = false;
const answer = ([text, sort]) => {
  // How many releases there are is not known from names.
  const q = Object.assign(S.parse(text), { sort: isWhole ? sort : "" });
  const start = performance.now();
  const { hits, counts } = S.run(q);
  const ms = performance.now() - start;
  return { q, hits, counts, ms, near: hits.length ? [] : S.near(q) };
};
const all = JSON.parse(fs.readFileSync(queries, "utf8"));
S.openNames(values["search-names"]);
const early = all.map(answer);
S.openFacets(values["search-facets"]);
S.openTexts(values.search.texts.map((_, i) => values["search-text-" + i]));
isWhole = true;
const names = S.docs().map(d => [d.name, d.title, d.url, d.releases, d.newest]);
console.log(JSON.stringify({ names, early, late: all.map(answer) }));
