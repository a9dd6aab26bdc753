// By keyboard alone: the way past the header, and every stop seen, in order and marked.

import { open } from "../lib/browser.mjs";
import { check, must } from "../lib/runner.mjs";

// Most stops that are walked on one page.
const STOPS = 60;

// What has the focus: its name, and whether a person would see that it has.
function focused() {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const box = element.getBoundingClientRect();
  const [x, y] = [box.left + Math.min(box.width, innerWidth) / 2, box.top + Math.min(box.height / 2, 10)];
  const top = document.elementFromPoint(Math.min(Math.max(x, 0), innerWidth - 1), Math.max(y, 0));
  const style = getComputedStyle(element);
  return {
    name: `${element.tagName.toLowerCase()} "${(element.getAttribute("aria-label") || element.textContent).trim().slice(0, 40)}"`,
    isInView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    isCovered: top !== null && !element.contains(top) && !top.contains(element),
    isMarked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    order: [...document.querySelectorAll("*")].indexOf(element),
  };
}

export default async function ({ browser, site }) {
  const { url, kinds } = site("rich");
  const walked = [["home", ""], ["module", kinds.module], ["list", kinds.list], ["recipe", kinds.recipe]];
  for (const [kind, path] of walked) {
    for (const width of [360, 1440]) {
      await check(`keyboard: every stop of ${kind} at ${width} is in view, uncovered, marked, in order`, async () => {
        const { page, close } = await open(browser, { viewport: { width, height: 700 } });
        await page.goto(url + path);
        let last = -1;
        let stops = 0;
        for (; stops < STOPS; stops += 1) {
          await page.keyboard.press("Tab");
          const now = await page.evaluate(focused);
          if (!now) break;
          must(now.isInView, `${now.name} has the focus out of view`);
          must(!now.isCovered, `${now.name} has the focus and is covered`);
          must(now.isMarked, `${now.name} has the focus and no outline`);
          must(now.order > last, `${now.name} has the focus after what follows it`);
          last = now.order;
        }
        must(stops > 5, `only ${stops} stops`);
        await close();
        return `${stops} stops`;
      });
    }
  }
  await check("keyboard: the first stop skips to the content", async () => {
    const { page, close } = await open(browser);
    await page.goto(url + kinds.module);
    await page.keyboard.press("Tab");
    must(await page.locator(".skip").evaluate((skip) => skip === document.activeElement), "the skip link is not first");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement.id === "main");
    await page.keyboard.press("Tab");
    const inMain = await page.evaluate(() => document.activeElement.closest("main") !== null);
    must(inMain, "the next stop is not in the content");
    await close();
  });
  await check("keyboard: a link to a release puts its section in view, uncovered", async () => {
    const { page, close } = await open(browser, { viewport: { width: 1440, height: 700 } });
    await page.goto(url + kinds.module);
    const id = await page.locator(".release").last().getAttribute("id");
    await page.goto(`${url}${kinds.module}#${encodeURIComponent(id)}`);
    await page.waitForFunction((id) => document.getElementById(id).getBoundingClientRect().top < innerHeight, id);
    const [top, covered] = await page.evaluate((id) => {
      const box = document.getElementById(id).querySelector("h3").getBoundingClientRect();
      const at = document.elementFromPoint(box.left + 5, box.top + 5);
      return [box.top, !document.getElementById(id).contains(at)];
    }, id);
    must(top >= 0 && !covered, `the heading is at ${top}, covered: ${covered}`);
    await close();
  });
}
