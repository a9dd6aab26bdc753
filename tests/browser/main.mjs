// Serves the sites, opens Chromium, and runs the specs.
//
// `node main.mjs FOLDER [NAME…]`: FOLDER holds `sites/`, and takes the pictures. Each spec is
// a file of `specs/` whose default export is given the browser and the sites.

import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { launch } from "./lib/browser.mjs";
import { kinds, url } from "./lib/kinds.mjs";
import { summary } from "./lib/runner.mjs";
import { serve } from "./lib/server.mjs";

const [out, ...wanted] = process.argv.slice(2);
const begun = performance.now();
const pictures = wanted.includes("--screenshots");

const sites = [];
for (const name of ["example", "rich", "real"].filter((name) => readdirSync(join(out, "sites")).includes(name))) {
  const folder = join(out, "sites", name);
  const found = kinds(name, folder);
  const server = await serve(folder);
  const at = Object.entries(found).map(([kind, path]) => ({ kind, path, url: server.url + url(path) }));
  sites.push({ name, folder, kinds: found, pages: at, server, url: server.url });
}
const browser = await launch();
const artefacts = join(out, "screenshots");
mkdirSync(artefacts, { recursive: true });
const given = { browser, sites, artefacts, pictures, site: (name) => sites.find((site) => site.name === name) };

const isAsked = (name) => (pictures ? name === "screenshots" : wanted.length === 0 || wanted.some((part) => name.includes(part)));
const names = readdirSync(new URL("specs", import.meta.url)).map((file) => file.replace(/\.mjs$/, "")).filter(isAsked).sort();
const run = async (name) => (await import(new URL(`specs/${name}.mjs`, import.meta.url))).default(given);
try {
  // Two at a time; but what is measured runs alone, and last.
  const waiting = names.filter((name) => !name.startsWith("speed"));
  const lane = async () => { while (waiting.length > 0) await run(waiting.shift()); };
  await Promise.all([lane(), lane()]);
  for (const name of names.filter((name) => name.startsWith("speed"))) await run(name);
} finally {
  await browser.close();
  await Promise.all(sites.map((site) => site.server.close()));
}
process.exitCode = summary((performance.now() - begun) / 1000) ? 0 : 1;
