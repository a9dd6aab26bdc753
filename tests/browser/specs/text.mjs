// In a text browser: what w3m shows of the main kinds of pages, as it did.
//
// `UPDATE=1 tests/browser/run text` writes down what it shows now; look at the difference.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check, must, skip } from "../lib/runner.mjs";

const KINDS = ["home", "module", "recipe", "list-short", "not-found"];

// The first line in which two texts differ.
function difference(before, now) {
  const [a, b] = [before.split("\n"), now.split("\n")];
  const at = a.findIndex((line, i) => line !== b[i]);
  const line = at < 0 ? a.length : at;
  return `line ${line + 1} was ${JSON.stringify(a[line])} and is ${JSON.stringify(b[line])}`;
}

export default async function ({ site }) {
  const { folder, kinds } = site("rich");
  try {
    execFileSync("w3m", ["-version"]);
  } catch {
    return skip("text", "w3m is not installed");
  }
  for (const kind of KINDS) {
    await check(`text: w3m shows of ${kind} what it did`, () => {
      const options = ["-dump", "-cols", "100", "-O", "UTF-8", "-T", "text/html"];
      const shown = execFileSync("w3m", [...options, join(folder, kinds[kind])], { encoding: "utf8" });
      const now = shown.split("\n").map((line) => line.trimEnd()).join("\n");
      const kept = new URL(`../text/${kind}.txt`, import.meta.url);
      if (process.env.UPDATE) writeFileSync(kept, now);
      const before = existsSync(kept) ? readFileSync(kept, "utf8") : "";
      must(before === now, `${kept.pathname}: ${difference(before, now)}`);
      must(!/^\s*(\[?\s*undefined|null)/m.test(now), "something is not defined");
    });
  }
}
