// Below a path of the host: every kind of page, and all that it links, is there.

import { open } from "../lib/browser.mjs";
import { url as encoded } from "../lib/kinds.mjs";
import { check, must } from "../lib/runner.mjs";
import { serve } from "../lib/server.mjs";

export default async function ({ browser, site }) {
  const { folder, pages } = site("rich");
  const server = await serve(folder, "/a/b/");
  await check("prefix: below /a/b/, every kind of page and each link of its header is there", async () => {
    const { page, complaints, requests, close } = await open(browser);
    for (const { kind, path } of pages) {
      await page.goto(server.url + encoded(path));
      must(complaints.length === 0, `${kind}: ${complaints.join("\n")}`);
      const links = await page.locator("header a, .crumbs a").evaluateAll((all) => all.map((a) => a.href));
      for (const link of new Set(links)) {
        must(link.startsWith(server.url), `${kind} leads out of the site: ${link}`);
        must((await page.request.get(link)).ok(), `${kind} links ${link}, which is not there`);
      }
    }
    must(requests.every((asked) => asked.startsWith(server.url)), "something was asked for outside of the prefix");
    must(server.missing.length === 0, `not there: ${server.missing}`);
    await close();
    return `${pages.length} pages`;
  });
  await server.close();
}
