// "Which build fits me": choose a processor, get the item, with the lines to type for it; and
// "Use it": tabs for the tools.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { open } from "../lib/browser.mjs";
import { check, must, skip } from "../lib/runner.mjs";

// The flags of a processor that has all that x86-64-v4 asks for, and no more is said of it.
const CPUINFO = `processor\t: 0
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 85
flags\t\t: fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 ss ht syscall nx pdpe1gb rdtscp lm constant_tsc rep_good nopl pni pclmulqdq ssse3 fma cx16 pcid sse4_1 sse4_2 x2apic movbe popcnt aes xsave avx f16c rdrand hypervisor lahf_lm abm 3dnowprefetch fsgsbase bmi1 hle avx2 smep bmi2 erms invpcid rtm avx512f avx512dq rdseed adx clflushopt clwb avx512cd avx512bw avx512vl xsaveopt xsavec avx512_vnni`;

export default async function ({ browser, site }) {
  const { url, kinds, folder } = site("example");
  const page = await open(browser);
  await page.page.goto(url + kinds.module);
  const [hasChooser, hasTabs] = [await page.page.locator(".fit").count(), await page.page.locator("[role=tablist]").count()];
  await page.close();

  if (!hasChooser) skip("targets: chooser", "the module page has none");
  else {
    for (const cpu of ["zen4", "zen3", "cascadelake", "neoverse_v1"]) {
      await check(`targets: ${cpu} gets the item that \`warecat resolve --target\` gets, and its lines`, async () => {
        const { page, close } = await open(browser);
        await page.goto(url + kinds.module);
        const select = page.locator("#fit-cpu");
        await select.focus();
        await page.waitForFunction((cpu) => [...document.querySelectorAll("#fit-cpu option")].some((option) => option.value === cpu), cpu);
        await select.selectOption(cpu);
        const item = await page.locator(".fit output b").first().textContent();
        const release = kinds.module.replace("/index.html", "") + ":" + (await page.locator("#fit-rel option").first().textContent()).trim();
        const answer = execFileSync(process.env.WARECAT, ["-C", join(folder, "../../catalogs/example"), "resolve", release, "--target", cpu, "--json"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
        must(answer.includes(item), `the page says ${item}, the program ${answer}`);
        must((await page.locator(".fit output p").count()) > 0, "the choice is not explained");
        await close();
        return item;
      });
    }
    await check("targets: a pasted /proc/cpuinfo chooses, and the choice is there on the next page", async () => {
      const { page, close } = await open(browser);
      await page.goto(url + kinds.module);
      await page.locator(".fit summary").click();
      await page.locator("#fit-info").fill(CPUINFO);
      await page.waitForFunction(() => document.querySelector("#fit-cpu").value !== "");
      const cpu = await page.locator("#fit-cpu").inputValue();
      await page.goto(url + kinds["module-with-extensions"]);
      await page.waitForFunction((cpu) => document.querySelector("#fit-cpu").value === cpu, cpu);
      await close();
      return cpu;
    });
  }

  if (!hasTabs) return skip("use it: tabs", "the module page has none");
  await check("use it: tabs by keyboard, the chosen one is shown, and remembered on the next page", async () => {
    const { page, close } = await open(browser);
    await page.goto(url + kinds.module);
    const tabs = page.locator("[role=tablist]").first().getByRole("tab");
    must((await tabs.count()) > 1, "there is one tab only");
    await tabs.first().focus();
    await page.keyboard.press("End");
    const name = await page.locator("[role=tab]:focus").textContent();
    must((await tabs.last().getAttribute("aria-selected")) === "true", "the last is not chosen");
    must((await page.locator(".tools [role=tabpanel]:visible").count()) === (await page.locator("[role=tablist]").count()), "more than one panel is shown");
    await page.goto(url + kinds["module-with-extensions"]);
    const chosen = await page.locator("[role=tab][aria-selected=true]").first().textContent();
    must(chosen === name, `${chosen} is chosen, not ${name}`);
    await close();
    return name;
  });
  await check("use it: a real button copies the lines, by keyboard, and says so", async () => {
    const { page, context, close } = await open(browser);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.goto(url + kinds.module);
    const panel = page.locator(".tools [role=tabpanel]:visible").first();
    const lines = (await panel.locator("pre:visible").first().textContent()).trim();
    await panel.getByRole("button", { name: /^Copy/ }).first().focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => [...document.querySelectorAll("[role=status]")].some((status) => status.textContent === "Copied"));
    must((await page.evaluate(() => navigator.clipboard.readText())).trim() === lines, "another text was copied");
    await close();
  });
  await check("use it: without scripts every line of every tool is there", async () => {
    const { page, close } = await open(browser, { javaScriptEnabled: false });
    await page.goto(url + kinds.module);
    const [all, seen] = [await page.locator(".use pre").count(), await page.locator(".use pre:visible").count()];
    must(all > 1 && all === seen, `${seen} of ${all}`);
    await close();
  });
}
