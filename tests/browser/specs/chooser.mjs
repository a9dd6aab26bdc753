// "Which build fits me" and "Use it": a processor is chosen or read, the right build and its
// lines are shown, and the next page remembers.

import { readFileSync } from "node:fs";
import { open } from "../lib/browser.mjs";
import { check, must } from "../lib/runner.mjs";

const IMAGE = "registry.example/hpc/python/image/index.html";
const CPUINFO = new URL("../../data/cpuinfo/icelake-platinum-8360y.txt", import.meta.url);

const item = (page) => page.locator(".fit output b").textContent();
// Lines that are on view, of the tools of the page's first release.
const lines = (page) => page.locator(".tools").first().locator("pre code:visible").allTextContents();

export default async function ({ browser, site }) {
  const { url, kinds } = site("rich");
  await check("chooser: nothing is fetched for it before it is used", async () => {
    const { page, requests, close } = await open(browser);
    await page.goto(url + kinds.module);
    must(!requests.some((request) => request.includes("_data/targets")), "its data was fetched");
    await page.locator("#fit-cpu").focus();
    await page.waitForFunction(() => document.querySelectorAll("#fit-cpu option").length > 50);
    must(requests.filter((request) => request.includes("_data/targets")).length === 1, "its data was not fetched once");
    await close();
  });
  await check("chooser: the build that fits, why, and the lines for it", async () => {
    const { page, complaints, close } = await open(browser);
    await page.goto(url + kinds.module);
    await page.locator("#fit-cpu").focus();
    await page.waitForFunction(() => document.querySelectorAll("#fit-cpu option").length > 50);
    await page.selectOption("#fit-rel", { label: "2024.4-foss-2023b" });
    await page.selectOption("#fit-cpu", "zen5");
    must((await item(page)) === "x86_64-amd-zen4", await item(page));
    const said = await page.locator(".fit output").innerText();
    must(said.includes("zen5 runs what is built for zen4"), said);
    must((await page.locator(".fit output code").textContent()).startsWith("cvmfs:"), "no WareID");
    await page.getByRole("tab", { name: "warecat" }).first().click();
    must((await lines(page)).some((line) => line.includes(":x86_64-amd-zen4")), "the lines are for another item");
    await page.selectOption("#fit-rel", { label: "2024.4-foss-2023b-CUDA-12.4.0" });
    must((await page.locator(".fit output b").count()) === 0, "a build that needs an accelerator was chosen");
    await page.selectOption("#fit-acc", "nvidia/cc86");
    must((await item(page)) === "x86_64-amd-zen4-nvidia-cc80", await item(page));
    must(complaints.length === 0, complaints.join("\n"));
    await close();
  });
  await check("chooser: a pasted /proc/cpuinfo is recognised, and the next page remembers", async () => {
    const { page, close } = await open(browser);
    await page.goto(url + kinds.module);
    await page.locator(".fit summary").click();
    await page.locator("#fit-info").fill(readFileSync(CPUINFO, "utf8"));
    await page.waitForFunction(() => document.querySelector("#fit-cpu").value === "icelake");
    must((await page.locator(".fit output").innerText()).startsWith("This is icelake."), "it does not say so");
    await page.locator("#fit-info").fill("nothing that is a processor");
    await page.waitForFunction(() => document.querySelector(".fit output").textContent.startsWith("No processor"));
    await page.goto(url + kinds["module-with-extensions"]);
    await page.waitForFunction(() => document.querySelector("#fit-cpu").value === "icelake");
    await page.waitForSelector(".fit output b");
    await close();
  });
  await check("chooser: an image's lines are those of the platform that is chosen", async () => {
    const { page, close } = await open(browser);
    await page.goto(url + IMAGE);
    await page.locator("#fit-cpu").focus();
    await page.waitForFunction(() => document.querySelectorAll("#fit-cpu option").length > 50);
    await page.selectOption("#fit-cpu", "neoverse_v1");
    const shown = await lines(page);
    must(shown.length === 2 && shown.every((line) => line.includes("cdcdcd")), shown.join("\n"));
    await close();
  });
  await check("tabs: one panel, by arrow keys, remembered on the next page", async () => {
    const { page, close } = await open(browser);
    await page.goto(url + IMAGE);
    const tabs = page.locator(".tools").first().getByRole("tab");
    must((await tabs.count()) === 3, "there are not three tools");
    const visible = () => page.locator(".tools [role=tabpanel]:visible").count();
    must((await visible()) === 1, "more than one panel is on view");
    await tabs.first().focus();
    await page.keyboard.press("ArrowRight");
    must((await page.locator("[aria-selected=true]").textContent()) === "Docker", "the arrow did not move on");
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowRight");
    must((await page.locator(":focus").textContent()) === "Apptainer", "the tabs do not go round");
    await page.keyboard.press("End");
    await page.goto(url + kinds.module);
    must((await page.locator("[aria-selected=true]").first().textContent()) === "warecat", "the tool was forgotten");
    await close();
  });
  await check("tabs: a copied command is the one on view", async () => {
    const { page, context, close } = await open(browser);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.goto(url + IMAGE);
    await page.locator(".tools .copy:visible").first().click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    must(copied === (await lines(page))[0].trim(), copied);
    await close();
  });
  await check("tabs: without scripts every panel is there, and no chooser", async () => {
    const { page, close } = await open(browser, { javaScriptEnabled: false });
    await page.goto(url + IMAGE);
    must((await page.locator(".tools > [data-tool]:visible").count()) === 3, "a panel is hidden");
    must(!(await page.locator(".fit").isVisible()), "controls are there that do nothing");
    await close();
  });
}
