// At every width: nothing sticks out, on paper there is all, and with forced colours too.

import { open, WIDTHS } from "../lib/browser.mjs";
import { check, must } from "../lib/runner.mjs";

// What reaches beyond the window, other than what scrolls by itself.
function sticking() {
  if (document.scrollingElement.scrollWidth <= innerWidth) return [];
  const isScrolled = (element) => element.closest(".scroll, pre, .contents, .skip, .vh, thead") !== null;
  const out = [...document.querySelectorAll("body *")].filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !isScrolled(element));
  return [`${document.scrollingElement.scrollWidth} px wide`, ...out.slice(0, 3).map((element) => element.outerHTML.slice(0, 120))];
}

export default async function ({ browser, sites, site }) {
  for (const { name, pages } of sites) {
    await check(`layout: no kind of page of ${name} is wider than the window, from 320 to 1440`, async () => {
      const { page, close } = await open(browser);
      for (const { kind, url } of pages) {
        await page.goto(url);
        for (const width of [320, ...WIDTHS]) {
          await page.setViewportSize({ width, height: 900 });
          const out = await page.evaluate(sticking);
          must(out.length === 0, `${kind} at ${width}: ${out.join("\n")}`);
        }
      }
      await close();
      return `${pages.length} pages`;
    });
  }
  const { url, kinds } = site("rich");
  await check("layout: text twice as large still fits", async () => {
    const { page, close } = await open(browser, { viewport: { width: 1280, height: 900 } });
    for (const path of ["", kinds.module, kinds.recipe]) {
      await page.goto(url + path);
      await page.evaluate(() => { for (const rule of [...document.styleSheets[0].cssRules]) if (rule.selectorText === "html") rule.style.fontSize = "200%"; });
      const out = await page.evaluate(sticking);
      must(out.length === 0, `${path}: ${out.join("\n")}`);
    }
    await close();
  });
  await check("layout: on paper there is the whole text, and none of the buttons", async () => {
    const { page, close } = await open(browser);
    await page.goto(url + kinds.module);
    const bytes = await page.pdf({ format: "A4" });
    must(bytes.length > 10_000 && bytes.subarray(0, 5).toString() === "%PDF-", `${bytes.length} bytes`);
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    for (const gone of [".search", ".theme", ".copy", ".contents"]) {
      must((await page.locator(`${gone}:visible`).count()) === 0, `${gone} is printed`);
    }
    const [ground, ink] = await page.evaluate(() => [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]);
    must(ground === "rgb(255, 255, 255)" && /rgb\((\d|[1-4]\d), /.test(ink), `${ink} on ${ground}`);
    await close();
  });
  await check("layout: with forced colours, what a colour says is also said by a border or a word", async () => {
    const { page, close } = await open(browser, { forcedColors: "active" });
    await page.goto(url + kinds.module);
    const cells = await page.locator(".matrix td[class]").allInnerTexts();
    must(cells.length > 10 && cells.every((cell) => ["yes", "no", "gpu", "some"].includes(cell.trim())), `cells say ${[...new Set(cells)]}`);
    const border = await page.locator(".kind").first().evaluate((badge) => getComputedStyle(badge).borderTopStyle);
    must(border === "solid", "badges have no border");
    await close();
  });
  await check("layout: who wants less movement gets none", async () => {
    const { page, close } = await open(browser, { reducedMotion: "reduce" });
    await page.goto(url + kinds.module);
    const moving = await page.evaluate(() => [...document.querySelectorAll("*")].filter((element) => {
      const style = getComputedStyle(element);
      return style.animationName !== "none" || style.transitionDuration !== "0s" || style.scrollBehavior === "smooth";
    }).length);
    must(moving === 0, `${moving} elements move`);
    await close();
  });
  await check("layout: who wants more contrast gets soft text in full ink", async () => {
    const { page, close } = await open(browser, { contrast: "more" });
    await page.goto(url + kinds.module);
    const [soft, ink] = await page.evaluate(() => [getComputedStyle(document.querySelector(".meta")).color, getComputedStyle(document.body).color]);
    must(soft === ink, `${soft} is not ${ink}`);
    await close();
  });
}
