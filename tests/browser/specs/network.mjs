// Every kind of page: nothing is asked of another origin, nothing is missing, nothing is
// complained of, and hostile texts do nothing.

import { open } from "../lib/browser.mjs";
import { check, must } from "../lib/runner.mjs";

export default async function ({ browser, sites }) {
  for (const site of sites) {
    for (const { kind, url } of site.pages) {
      await check(`network: ${site.name} ${kind} asks only its own site, and nothing goes wrong`, async () => {
        const { page, requests, complaints, close } = await open(browser);
        const violations = [];
        await page.exposeFunction("violated", (text) => violations.push(text));
        await page.addInitScript(() => document.addEventListener("securitypolicyviolation", (event) => self.violated(`${event.violatedDirective} ${event.blockedURI}`)));
        await page.goto(url, { waitUntil: "networkidle" });
        const elsewhere = requests.filter((asked) => !asked.startsWith(site.url));
        must(elsewhere.length === 0, `asked ${elsewhere}`);
        // The page, two scripts, style, icon, and on the page to search on the data of it.
        must(requests.length <= (kind === "search" ? 40 : 5), `asked ${requests.length} times: ${requests}`);
        must(complaints.length === 0, complaints.join("\n"));
        must(violations.length === 0, violations.join("\n"));
        await close();
      });
    }
    await check(`network: ${site.name} had all that its pages asked for`, () => {
      must(site.server.missing.length === 0, [...new Set(site.server.missing)].join(", "));
    });
  }
}
