// The copy buttons: real buttons, by keyboard, that say what they did.

import { open } from "../lib/browser.mjs";
import { check, must } from "../lib/runner.mjs";

export default async function ({ browser, site }) {
  const { url, kinds } = site("rich");
  await check("copy: by keyboard, the whole id is in the clipboard, and a reader is told", async () => {
    const { page, context, close } = await open(browser);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.goto(url + kinds["module-by-hand"]);
    const button = page.locator(".versions .copy").first();
    const whole = (await page.locator(".versions .id").first().textContent()).trim();
    must(/^[a-z]+:\w{40,}/.test(whole), `the id is ${whole}`);
    must((await button.getAttribute("aria-label")).startsWith("Copy "), "the button has no name");
    await button.focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.getElementById("said").textContent === "Copied");
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    must(copied === whole, `copied ${copied}, not ${whole}`);
    await page.waitForFunction(() => document.getElementById("said").textContent === "");
    await close();
  });
  await check("copy: also where the page may not write to the clipboard by the new way", async () => {
    const { page, close } = await open(browser);
    await page.addInitScript(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
    await page.goto(url + kinds["module-by-hand"]);
    const whole = (await page.locator(".versions .id").first().textContent()).trim();
    await page.locator(".versions .copy").first().click();
    await page.waitForFunction(() => document.getElementById("said").textContent === "Copied");
    await page.locator("input[name=q]").first().focus();
    await page.keyboard.press("Control+V");
    must((await page.locator("input[name=q]").first().inputValue()) === whole, "another text was pasted");
    await close();
  });
  await check("copy: ids in what was closed get a button when it is opened", async () => {
    const { page, close } = await open(browser);
    await page.goto(url + kinds.module);
    const closed = page.locator(".release details:not([open])").filter({ has: page.locator(".id, .cid") }).first();
    const details = await closed.elementHandle();
    must((await details.$$(".copy")).length === 0, "there were buttons before");
    await (await details.$("summary")).click();
    await page.waitForFunction((details) => details.querySelector(".copy") !== null, details);
    await close();
  });
}
