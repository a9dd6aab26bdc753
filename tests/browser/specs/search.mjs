// Search: suggestions below every box, and the search page, whose state is its URL.

import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { open } from "../lib/browser.mjs";
import { check, must, skip } from "../lib/runner.mjs";

const options = (page) => page.locator("[role=listbox]:visible [role=option]");
const results = (page) => page.locator("main [data-search] > ol > li h3 a");
// The search page says how many modules it found.
const said = (page, pattern) => page.waitForFunction((source) => new RegExp(source).test(document.querySelector("main [role=status]").textContent), pattern);

export default async function ({ browser, site, sites }) {
  const { url, kinds, folder } = site("rich");
  if (!kinds.search) return skip("search", "the site has no search page");

  await check("search: as one types, by keyboard: suggestions, arrows, Enter opens, Esc closes", async () => {
    const { page, close } = await open(browser);
    await page.goto(url);
    await page.keyboard.press("/");
    const box = page.locator("input[name=q]:focus");
    must((await box.count()) === 1, "`/` does not lead to the box");
    await page.keyboard.type("grom");
    await options(page).first().waitFor();
    must((await options(page).first().textContent()).startsWith("GROMACS"), "the first is another");
    must((await box.getAttribute("aria-expanded")) === "true", "a reader is not told that there are suggestions");
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.querySelector("[role=listbox]:not([hidden])") === null);
    await page.keyboard.press("ArrowDown");
    await options(page).first().waitFor();
    await page.keyboard.press("ArrowDown");
    must((await page.locator("[role=option][aria-selected=true]").textContent()).startsWith("GROMACS"), "no suggestion is marked");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/gromacs/index.html");
    await close();
  });

  await check("search: the state is in the URL, and going back goes back", async () => {
    const { page, close } = await open(browser);
    await page.goto(`${url}${kinds.search}?q=gromacs`);
    await said(page, "^1 module|^[\\d,]+ modules");
    must((await results(page).first().textContent()).startsWith("GROMACS"), "the first is another");
    const box = page.locator("main input[name=q]");
    must((await box.inputValue()) === "gromacs", "the box is empty");
    await box.fill("zlib");
    await page.waitForURL("**q=zlib*");
    await page.keyboard.press("Enter");
    const boxes = page.locator("main [data-search] details[open] input[type=checkbox]");
    await boxes.first().waitFor();
    const before = page.url();
    const count = await results(page).count();
    await boxes.first().check();
    await page.waitForURL((now) => now.href !== before);
    must(/[?&](source|kind|arch)=/.test(page.url()), `the choice is not in ${page.url()}`);
    must((await results(page).count()) <= count, "a choice found more");
    await page.goBack();
    await page.waitForURL(before);
    await page.waitForFunction((count) => document.querySelectorAll("main [data-search] > ol > li h3").length === count, count);
    await page.reload();
    await results(page).first().waitFor();
    await close();
  });

  await check("search: filters can be typed, and left out", async () => {
    const { page, close } = await open(browser);
    await page.goto(`${url}${kinds.search}?q=licence:LGPL-2.1-or-later`);
    await said(page, "^1 module");
    must((await results(page).first().textContent()).startsWith("GROMACS"), "another licence");
    await page.goto(`${url}${kinds.search}?q=-licence:unknown`);
    await said(page, "module");
    const texts = await results(page).allTextContents();
    must(texts.some((text) => text.startsWith("GROMACS")) && !texts.some((text) => text.startsWith("OpenMPI")), `${texts}`);
    await close();
  });

  await check("search: what is not there is said, with what may have been meant", async () => {
    const { page, close } = await open(browser);
    await page.goto(`${url}${kinds.search}?q=gromaks`);
    await said(page, "^0 modules|^No");
    await page.locator("main a", { hasText: "GROMACS" }).first().click();
    await results(page).first().waitFor();
    await close();
  });

  await check("search: the page for what is not there has the last part of the path in its box", async () => {
    const { page, close } = await open(browser);
    // Such a page is shown at any path, so the site has to know its own.
    await page.goto(`${site("example").url}no/such/salmon/`);
    await page.waitForFunction(() => [...document.querySelectorAll("main input[name=q]")].some((box) => box.value === "salmon"));
    await page.locator("main input[name=q]").press("Enter");
    await page.waitForURL("**/_search/index.html?q=salmon");
    await close();
  });

  await check("search: without scripts the form leads to a page that leads on", async () => {
    const { page, close } = await open(browser, { javaScriptEnabled: false });
    await page.goto(url);
    await page.locator("input[name=q]").first().fill("gromacs");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/_search/index.html?q=gromacs");
    must((await page.locator("main a[href]:visible").count()) > 1, "it leads nowhere");
    must(!(await page.locator("main [data-search]").isVisible()), "it shows a form that does nothing");
    await close();
  });

  await check("search: from file://", async () => {
    const { page, complaints, close } = await open(browser);
    await page.goto(`${pathToFileURL(join(folder, kinds.search)).href}?q=gromacs`);
    await results(page).first().waitFor();
    must((await results(page).first().textContent()).startsWith("GROMACS"), "the first is another");
    must(complaints.length === 0, complaints.join("\n"));
    await close();
  });

  const real = sites.find(({ name }) => name === "real");
  if (!real) return skip("search: names that are hard to find", "the real data is not here");
  for (const [asked, wanted] of [["c++", /^(C\+\+|.*c\+\+)/i], ["R", /^R\b/], ["HDF5", /^HDF5\b/i], ["py-scikit-learn", /scikit-learn/i]]) {
    await check(`search: ${asked} finds its module`, async () => {
      const { page, close } = await open(browser);
      await page.goto(`${real.url}${real.kinds.search}?q=${encodeURIComponent(asked)}`);
      await said(page, "^[\\d,]+ module");
      const first = await results(page).first().textContent();
      must(wanted.test(first), `the first is ${first}`);
      await close();
      return first.slice(0, 60);
    });
  }
}
