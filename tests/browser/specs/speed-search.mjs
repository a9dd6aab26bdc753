// How fast the first result is there after a key, on a processor four times slower, and how
// much was transferred before it.

import { open } from "../lib/browser.mjs";
import { check, must, skip } from "../lib/runner.mjs";

const SLOWER = 4;

// Notes how long each key takes until what it found is painted.
function watch() {
  self.took = [];
  addEventListener("keydown", (event) => {
    const begun = event.timeStamp;
    const look = () => {
      if (document.querySelector("[role=listbox]:not([hidden]) [role=option]")) return requestAnimationFrame(() => self.took.push(performance.now() - begun));
      if (performance.now() - begun < 2000) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, true);
}

export default async function ({ browser, sites }) {
  for (const { name, url, kinds } of sites.filter(({ name }) => name !== "rich")) {
    if (!kinds.search) {
      skip(`speed: search of ${name}`, "the site has no search page");
      continue;
    }
    await check(`speed: the first result of ${name} within 100 ms of the key, on a processor ${SLOWER} times slower`, async () => {
      const { page, context, close } = await open(browser);
      const session = await context.newCDPSession(page);
      await session.send("Network.enable");
      let bytes = 0;
      session.on("Network.loadingFinished", ({ encodedDataLength }) => { bytes += encodedDataLength; });
      await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
      await page.addInitScript(watch);
      await page.goto(url, { waitUntil: "load" });
      const names = page.waitForResponse((response) => response.url().includes("search-names"));
      await page.locator("input[name=q]").first().focus();
      await (await names).finished();
      await page.waitForFunction(() => self.warecat.search?.docs()?.length > 0);
      await page.keyboard.press("g");
      await page.waitForFunction(() => self.took.length === 1);
      const before = bytes;
      for (const key of name === "real" ? "romacs" : "cc") {
        const count = await page.evaluate(() => self.took.length);
        await page.keyboard.press(key);
        await page.waitForFunction((count) => self.took.length > count, count);
      }
      const took = await page.evaluate(() => self.took);
      const worst = Math.round(Math.max(...took));
      must(took[0] < 100, `${Math.round(took[0])} ms for the first key; ${worst} ms for the slowest`);
      must(before <= 150_000, `${before} bytes before it`);
      await close();
      return `${Math.round(took[0])} ms, at worst ${worst} ms for a key, after ${(before / 1000).toFixed(1)} kB`;
    });
  }
}
