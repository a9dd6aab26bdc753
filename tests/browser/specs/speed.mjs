// How fast a page is there on a slow line and a slow processor, as Lighthouse emulates them.

import { open } from "../lib/browser.mjs";
import { check, measured, must } from "../lib/runner.mjs";

// 1.6 Mbit/s down, 750 kbit/s up, 150 ms there and back.
const SLOW_4G = { offline: false, latency: 150, downloadThroughput: (1.6e6 / 8) * 0.9, uploadThroughput: (750e3 / 8) * 0.9 };
const SLOWER = 4;

// Opens a page: when the largest thing was painted, and how much the layout shifted.
async function visit(browser, url) {
  const { page, context, close } = await open(browser, { viewport: { width: 412, height: 823 } });
  await page.addInitScript(() => {
    self.paint = 0;
    self.shift = 0;
    new PerformanceObserver((list) => { for (const entry of list.getEntries()) self.paint = entry.startTime; }).observe({ type: "largest-contentful-paint", buffered: true });
    new PerformanceObserver((list) => { for (const entry of list.getEntries()) self.shift += entry.hadRecentInput ? 0 : entry.value; }).observe({ type: "layout-shift", buffered: true });
  });
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", SLOW_4G);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  await page.goto(url, { waitUntil: "load" });
  await page.waitForFunction(() => self.paint > 0);
  const [paint, shift] = await page.evaluate(() => [self.paint, self.shift]);
  await close();
  return { paint, shift };
}

export default async function ({ browser, sites }) {
  const wanted = ["home", "all", "list", "module", "recipe", "changes", "search"];
  for (const { name, pages } of sites.filter(({ name }) => name !== "rich")) {
    for (const { kind, url } of pages.filter(({ kind }) => wanted.includes(kind))) {
      await check(`speed: the largest paint of ${name} ${kind} within 1.5 s on slow 4G, shifting nothing`, async () => {
        const { paint, shift, all } = await measured(() => visit(browser, url), "paint", 1500);
        must(paint < 1500, `${all} ms`);
        must(shift < 0.05, `the layout shifts by ${shift.toFixed(3)}`);
        return `${Math.round(paint)} ms, shift ${shift.toFixed(3)}`;
      });
    }
  }
}
