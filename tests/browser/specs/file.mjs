// From `file://`, as out of an archive: the same pages, with their style and their script.

import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { open } from "../lib/browser.mjs";
import { check, must } from "../lib/runner.mjs";

export default async function ({ browser, sites }) {
  for (const site of sites.filter(({ name }) => name !== "real")) {
    await check(`file: every kind of page of ${site.name}, without a complaint`, async () => {
      const { page, requests, complaints, close } = await open(browser);
      for (const { kind, path } of site.pages) {
        // Where the site knows its path, this one page has links for a server's root.
        if (kind === "not-found" && site.name === "example") continue;
        await page.goto(pathToFileURL(join(site.folder, path)).href);
        must((await page.evaluate(() => getComputedStyle(document.body).marginTop)) === "0px", `${kind} has no style`);
        must(await page.evaluate(() => typeof self.warecat === "object"), `${kind} has no script`);
        const elsewhere = requests.filter((asked) => !asked.startsWith(pathToFileURL(site.folder).href));
        must(elsewhere.length === 0, `${kind} asked ${elsewhere}`);
        must(complaints.length === 0, `${kind}: ${complaints.join("\n")}`);
      }
      await close();
      return `${site.pages.length} pages`;
    });
    await check(`file: from home of ${site.name} to a module by links`, async () => {
      const { page, close } = await open(browser);
      await page.goto(pathToFileURL(join(site.folder, "index.html")).href);
      await page.getByRole("navigation", { name: "Site" }).getByRole("link", { name: "Browse" }).click();
      await page.locator("main a[href$='_all/index.html']").first().click();
      await page.locator(".list th a").first().click();
      // The address is the new one before the page is there.
      await page.waitForLoadState("load");
      await page.locator("h1").first().waitFor();
      must((await page.locator("h1").count()) === 1 && page.url().startsWith("file:"), page.url());
      await close();
    });
  }
}
