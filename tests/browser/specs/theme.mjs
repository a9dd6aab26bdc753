// Light and dark: what the system says, what was chosen, and no flash of the other.

import { open, SCHEMES } from "../lib/browser.mjs";
import { check, must } from "../lib/runner.mjs";

const ground = () => getComputedStyle(document.body).backgroundColor;
const brightness = (colour) => colour.match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3;

// Notes the ground's colour of every frame from the first in which there is a body.
function watch() {
  self.grounds = [];
  const look = () => {
    if (document.body) self.grounds.push(getComputedStyle(document.body).backgroundColor);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

export default async function ({ browser, site }) {
  const { url } = site("rich");
  for (const colorScheme of SCHEMES) {
    await check(`theme: a new visitor whose system is ${colorScheme} gets that, with and without scripts`, async () => {
      for (const javaScriptEnabled of [true, false]) {
        const { page, close } = await open(browser, { colorScheme, javaScriptEnabled });
        await page.goto(url);
        const light = brightness(await page.locator("body").evaluate(ground)) > 128;
        must(light === (colorScheme === "light"), `scripts ${javaScriptEnabled}: the ground is ${light ? "light" : "dark"}`);
        await close();
      }
    });
  }
  await check("theme: the button goes from the system's to light to dark and round, and says so", async () => {
    const { page, close } = await open(browser, { colorScheme: "dark" });
    await page.goto(url);
    const button = page.getByRole("button", { name: /^Theme/ });
    const seen = [];
    for (let turn = 0; turn < 4; turn += 1) {
      seen.push([await button.getAttribute("aria-label"), brightness(await page.evaluate(ground)) > 128]);
      await button.focus();
      await page.keyboard.press("Enter");
    }
    const expected = [["Theme: as the system", false], ["Theme: light", true], ["Theme: dark", false], ["Theme: as the system", false]];
    must(JSON.stringify(seen) === JSON.stringify(expected), JSON.stringify(seen));
    await close();
  });
  await check("theme: a choice survives a reload and another page, without a flash, before our script came", async () => {
    const { page, context, close } = await open(browser, { colorScheme: "dark" });
    await page.goto(url);
    await page.getByRole("button", { name: /^Theme/ }).click();
    await context.addInitScript(watch);
    // The script of all pages never comes; the theme must not wait for it.
    await page.route("**/_assets/site.js", () => {});
    for (const path of ["", "_all/index.html"]) {
      await page.goto(url + path, { waitUntil: "commit" });
      await page.waitForFunction(() => self.grounds?.length > 3);
      const dark = (await page.evaluate(() => self.grounds)).filter((colour) => brightness(colour) < 128);
      must(dark.length === 0, `${path || "home"}: frames with the ground ${[...new Set(dark)]}`);
    }
    await close();
  });
  await check("theme: and would flash without the script in the head, so the check above can fail", async () => {
    const { page, context, close } = await open(browser, { colorScheme: "dark" });
    await page.goto(url);
    await page.getByRole("button", { name: /^Theme/ }).click();
    await context.addInitScript(watch);
    await page.route("**/_assets/*.js", (route) => route.abort());
    await page.goto(url, { waitUntil: "commit" });
    await page.waitForFunction(() => self.grounds?.length > 3);
    must((await page.evaluate(() => self.grounds)).some((colour) => brightness(colour) < 128), "no frame was dark");
    await close();
  });
}
