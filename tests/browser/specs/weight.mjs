// How much a visitor downloads.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { pages } from "../lib/kinds.mjs";
import { check, must } from "../lib/runner.mjs";

const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

export default async function ({ sites }) {
  for (const { name, folder, pages: chosen } of sites) {
    const size = (path) => gzipSync(readFileSync(join(folder, path))).length;
    await check(`weight: style below 12,000 bytes and script below 20,000 (${name})`, () => {
      const bytes = ["site.css", "site.js", "theme.js"].map((file) => readFileSync(join(folder, "_assets", file)).length);
      must(bytes[0] < 12_000 && bytes[1] + bytes[2] < 20_000 && bytes[2] <= 300, bytes.join(", "));
      return `${bytes.join(", ")}`;
    });
    await check(`weight: the median page of ${name} is below 60 kB gzipped, with style and script`, () => {
      const all = pages(folder).filter((path) => !path.startsWith("_"));
      const step = Math.ceil(all.length / 400);
      const sizes = all.filter((_, at) => at % step === 0).map(size).sort((a, b) => a - b);
      const assets = ["_assets/site.css", "_assets/site.js", "_assets/theme.js"].map(size).reduce((a, b) => a + b);
      const median = sizes[sizes.length >> 1] + assets;
      must(median < 60_000, kb(median));
      return `${kb(median)}, ${kb(assets)} of it style and script; the largest of ${sizes.length} is ${kb(sizes.at(-1) + assets)}`;
    });
    await check(`weight: no chosen page of ${name} is above 250 kB gzipped`, () => {
      const [most, kind] = chosen.map(({ kind, path }) => [size(path), kind]).sort((a, b) => b[0] - a[0])[0];
      must(most < 250_000, `${kind}: ${kb(most)}`);
      return `${kind}, ${kb(most)}`;
    });
  }
}
