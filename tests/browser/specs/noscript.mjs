// Scripts off: every page says all that it has to say, and leads on.

import { open } from "../lib/browser.mjs";
import { check, must } from "../lib/runner.mjs";

export default async function ({ browser, sites, site }) {
  for (const { name, pages } of sites.filter(({ name }) => name !== "real")) {
    await check(`noscript: every kind of page of ${name} says something, and shows nothing that needs a script`, async () => {
      const { page, close } = await open(browser, { javaScriptEnabled: false });
      for (const { kind, url } of pages) {
        await page.goto(url);
        const text = await page.locator("main").innerText();
        must(text.length > 60, `${kind} says only ${JSON.stringify(text)}`);
        must((await page.locator("h1").count()) === 1, `${kind} has no h1`);
        must(!(await page.locator(".theme").isVisible()), `${kind} shows a button that does nothing`);
        must((await page.locator(".copy:visible").count()) === 0, `${kind} shows copy buttons`);
        must((await page.locator("main a[href], header a[href]").count()) > 1, `${kind} leads nowhere`);
      }
      await close();
      return `${pages.length} pages`;
    });
  }
  await check("noscript: from home to a module by links alone", async () => {
    const { page, close } = await open(browser, { javaScriptEnabled: false });
    await page.goto(site("rich").url);
    await page.getByRole("navigation", { name: "Site" }).getByRole("link", { name: "Browse" }).click();
    await page.getByRole("link", { name: "All modules, A to Z" }).click();
    await page.getByRole("link", { name: "GROMACS", exact: true }).click();
    must((await page.locator("h1").innerText()).startsWith("GROMACS"), "another page");
    must((await page.locator("pre").first().innerText()).length > 10, "no command");
    await close();
  });
}
