// axe's rules, on every kind of page, narrow and wide, in both themes. What a theme changes is
// colour, so the second theme of a width is looked at for contrast alone.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { open } from "../lib/browser.mjs";
import { check, must } from "../lib/runner.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const run = (options) => self.axe.run(document, options);

export default async function ({ browser, sites }) {
  const seen = new Set();
  for (const site of [...sites].filter(({ name }) => name !== "real").reverse()) {
    for (const { kind, url } of site.pages) {
      // A kind that both sites have is looked at where there is more of it.
      if (seen.has(kind)) continue;
      seen.add(kind);
      await check(`axe: ${site.name} ${kind}`, async () => {
        const found = [];
        for (const [width, first, second] of [[360, "light", "dark"], [1440, "dark", "light"]]) {
          const { page, close } = await open(browser, { viewport: { width, height: 900 }, colorScheme: first, bypassCSP: true });
          await page.goto(url);
          await page.evaluate(axe);
          // The size of what can be pressed is a rule that has to be asked for.
          const all = { runOnly: { type: "tag", values: TAGS }, rules: { "target-size": { enabled: true } }, resultTypes: ["violations"] };
          const contrast = { runOnly: { type: "rule", values: ["color-contrast"] }, resultTypes: ["violations"] };
          for (const [scheme, options] of [[first, all], [second, contrast]]) {
            await page.emulateMedia({ colorScheme: scheme });
            const { violations } = await page.evaluate(run, options);
            for (const { id, help, nodes } of violations) {
              found.push(`${width} ${scheme}: ${id} (${help}): ${nodes.length} × ${nodes[0].html.slice(0, 160)} ${nodes[0].failureSummary.slice(0, 240)}`);
            }
          }
          await close();
        }
        must(found.length === 0, found.join("\n"));
      });
    }
  }
}
