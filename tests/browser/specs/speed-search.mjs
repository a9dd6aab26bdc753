// How fast the first result is there after a key, on a processor four times slower, and how
// much was transferred before it.

import { open } from "../lib/browser.mjs";
import { check, measured, must, skip } from "../lib/runner.mjs";

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

// Types a word into the box of the first page, once its data is there: how long each key took,
// and what was transferred before the first result.
async function round(browser, url, word) {
  const { page, context, close } = await open(browser);
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  let bytes = 0;
  session.on("Network.loadingFinished", ({ encodedDataLength }) => { bytes += encodedDataLength; });
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  await page.addInitScript(watch);
  await page.goto(url, { waitUntil: "load" });
  await page.locator("input[name=q]").first().focus();
  await page.waitForFunction(() => self.warecat.search?.docs()?.length > 0);
  let before;
  for (const key of word) {
    const count = await page.evaluate(() => self.took.length);
    await page.keyboard.press(key);
    await page.waitForFunction((count) => self.took.length > count, count);
    before ??= bytes;
  }
  const took = await page.evaluate(() => self.took);
  await close();
  return { first: took[0], worst: Math.max(...took), before };
}

export default async function ({ browser, sites }) {
  for (const { name, url, kinds } of sites.filter(({ name }) => name !== "rich")) {
    if (!kinds.search) {
      skip(`speed: search of ${name}`, "the site has no search page");
      continue;
    }
    await check(`speed: the first result of ${name} within 100 ms of the key, on a processor ${SLOWER} times slower`, async () => {
      const word = name === "real" ? "gromacs" : "gcc";
      const { first, worst, before, all } = await measured(() => round(browser, url, word), "first", 100);
      must(first < 100, `${all} ms for the first key`);
      must(before <= 150_000, `${before} bytes before it`);
      return `${Math.round(first)} ms, at worst ${Math.round(worst)} ms for a later key, after ${(before / 1000).toFixed(1)} kB`;
    });
  }
}
