// The rule of `warecat resolve --target`, word for word that of src/model/target; a test
// holds the two together. The data file `_data/targets.js` is this, called with its data:
// both are read only when a visitor uses the chooser.
(T) => {
"use strict";
// What a processor descends from, and how specific it is.
const by = new Map(T.targets.map((t) => [t[0], t]));
const words = (text) => text ? text.split(" ") : [];
const up = (name, found = new Set()) => {
  for (const parent of words(by.get(name)[1])) up(parent, found.add(parent));
  return found;
};
const depth = (name) => up(name).size * 1e3 + words(by.get(name)[3]).length;

// How good an accelerator's build is: 0 where it uses none, below 0 where it does not fit.
const gpu = (built, there) => {
  if (!built) return 0;
  if (!there) return -1;
  if (built === there) return 1e4;
  const [b, t] = [built, there].map((name) => +(/^nvidia\/cc(\d+)$/.exec(name) || [])[1]);
  const runs = b <= t && (b / 10 | 0) === (t / 10 | 0) && !T.integrated.includes(b) && !T.integrated.includes(t);
  return runs ? b : -2;
};

// `items`: [label, processor, accelerator, platform], in their order; a label that is
// for no target stands alone.
const choose = (cpu, acc, items) => {
  const older = up(cpu);
  let best, top = -1;
  const judged = items.map((item) => {
    const [label, built, had, platform] = item;
    if (built === undefined) return [label, "none"];
    if (built !== cpu && !older.has(built)) return [label, "cpu"];
    const a = gpu(had, acc);
    if (a < 0) return [label, a < -1 ? "accelerator" : "needs"];
    const rank = a * 1e6 + (built === cpu ? 9e5 : depth(built)) + (platform ? 0 : .5);
    if (rank > top) [best, top] = [item, rank];
    return [label, a ? "less" : "plain"];
  });
  const say = (key, gaps) => T.say[key].replace(/\{(\w+)\}/g, (_, gap) => gaps[gap]);
  const why = [];
  if (best) {
    const [item, built, had] = best, gaps = { item, for: built, cpu, acc, had };
    why.push(say(!by.get(built)[1] ? "generic" : built === cpu ? "exact" : "ancestor", gaps));
    if (acc) why.push(say(!had ? "without" : had === acc ? "same" : "earlier", gaps));
  } else why.push(say("nothing", { cpu }));
  for (const key of ["plain", "less", "needs", "accelerator", "cpu", "none"]) {
    const list = judged.filter(([label, is]) => best && label === best[0] ? 0 : (is === "plain" && !(best && best[2]) ? "less" : is) === key);
    const more = list.length - 6, first = list.slice(0, 6).map(([label]) => label).join(", ");
    if (list.length) why.push(say(key, { list: more > 0 ? `${first} and ${more} more` : first }));
  }
  return { item: best ? best[0] : null, why };
};

// The microarchitecture that a /proc/cpuinfo, or a line of flags, is of.
const detect = (text) => {
  const said = {};
  let any;
  for (const line of text.split("\n")) {
    const at = line.indexOf(":"), key = line.slice(0, at).trim();
    if (at < 0 && any) break;
    if (at >= 0 && (any = 1) && !(key in said)) said[key] = line.slice(at + 1).trim();
  }
  const flags = new Set((any ? said.flags || said.Features || "" : text).split(/\s+/));
  const power = /^POWER(\d{0,4})/.exec(said.cpu);
  let family, vendor, own;
  if (power) family = "ppc64le";
  else if (/^rv64/.test(said.isa)) {
    family = "riscv64";
    own = said.uarch === "sifive,u74-mc" ? "u74mc" : said.uarch === "spacemit,x60" || said["model name"] === "Spacemit(R) X60" ? "x60" : 0;
  } else {
    family = flags.has("lm") ? "x86_64" : flags.has("asimd") ? "aarch64" : flags.has("sse2") ? "x86_64" : 0;
    const code = said["CPU implementer"];
    vendor = said.vendor_id || (code ? T.arm[code] || "generic" : family === "aarch64" ? "ARM" : flags.has("sse4a") ? "AuthenticAMD" : "GenuineIntel");
  }
  const able = T.targets.filter(([name, parents, maker, features, , generation, group]) => {
    const any = maker === "generic";
    if (group.split(" ")[0] !== family) return;
    if (power) return generation <= +power[1];
    if (own !== undefined) return any || own === name;
    if (any && family === "aarch64") return !parents;
    return (any || maker === vendor) && words(features).every((flag) => flags.has(flag));
  });
  const most = (list) => list.map((t) => [depth(t[0]), t[0]]).sort((a, b) => b[0] - a[0] || (a[1] < b[1] ? 1 : -1)).map((t) => t[1])[0];
  const level = most(able.filter((t) => t[2] === "generic"));
  let fine = able.filter((t) => up(t[0]).has(level));
  const part = fine.filter((t) => t[4] && t[4] === said["CPU part"]);
  if (part.length) fine = part;
  return most(fine) || level;
};
return { targets: T.targets, choose, detect };
}
