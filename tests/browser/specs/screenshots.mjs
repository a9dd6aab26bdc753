// Pictures of every kind of page, in both themes and three widths, to be looked at; and those
// that docs/design-system.md shows, when `--screenshots` asks for them.

import { execFileSync } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { open, SCHEMES, WIDTHS } from "../lib/browser.mjs";
import { check, must } from "../lib/runner.mjs";

// Longest picture, in pixels.
const LONGEST = 2600;
const DOCS = new URL("../../../docs/design/", import.meta.url).pathname;

// File → kind of page of the rich site, width, theme, and the height that is shown.
const SHOWN = {
  "home-light": ["home", 1440, "light", 900],
  "home-dark-phone": ["home", 360, "dark", 800],
  "module-light": ["module", 1440, "light", 1100],
  "module-dark": ["module", 1440, "dark", 1100],
  "module-phone": ["module", 360, "light", 1000],
  "recipe-tablet": ["recipe", 768, "light", 1000],
  "list-light": ["list", 1440, "light", 700],
  "replay-dark": ["replay", 1440, "dark", 800],
};

async function take(page, file, width, height) {
  await page.setViewportSize({ width, height });
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: file, animations: "disabled" });
}

export default async function ({ browser, sites, site, artefacts, pictures }) {
  if (pictures) {
    mkdirSync(DOCS, { recursive: true });
    for (const [name, [kind, width, colorScheme, height]] of Object.entries(SHOWN)) {
      await check(`screenshots: docs/design/${name}.png`, async () => {
        const { page, close } = await open(browser, { colorScheme });
        const { url } = site("rich").pages.find((page) => page.kind === kind);
        await page.goto(url);
        const file = join(DOCS, `${name}.png`);
        await take(page, file, width, height);
        execFileSync("convert", [file, "-strip", "+dither", "-colors", "48", "-define", "png:compression-level=9", `PNG8:${file}`]);
        const { size } = statSync(file);
        must(size <= 150_000, `${size} bytes`);
        await close();
        return `${size} bytes`;
      });
    }
    return;
  }
  // A kind that several sites have is taken once, of the one that has the most of it.
  const seen = new Set();
  const order = ["rich", "example", "real"].map(site).filter((found) => sites.includes(found));
  for (const { name, pages: all } of order) {
    const pages = all.filter(({ kind }) => !seen.has(kind) && seen.add(kind));
    await check(`screenshots: the kinds of pages of ${name}, ${SCHEMES.length} themes, ${WIDTHS.length} widths`, async () => {
      const { page, close } = await open(browser);
      for (const { kind, url } of pages) {
        await page.goto(url);
        for (const colorScheme of SCHEMES) {
          await page.emulateMedia({ colorScheme });
          for (const width of WIDTHS) {
            await page.setViewportSize({ width, height: 900 });
            const height = Math.min(await page.evaluate(() => document.documentElement.scrollHeight), LONGEST);
            await take(page, join(artefacts, `${name}-${kind}-${width}-${colorScheme}.png`), width, Math.max(height, 600));
          }
        }
      }
      await close();
      return `${pages.length * SCHEMES.length * WIDTHS.length} pictures in ${artefacts}`;
    });
  }
}
