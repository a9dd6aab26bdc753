// Runs checks, one after the other, and prints a line for each.

const failures = [];
let count = 0;

// A check: its name says what holds; it throws where that does not. What it returns is shown
// beside its name.
export async function check(name, run) {
  count += 1;
  const begun = performance.now();
  const told = (word, more) => {
    const seconds = ((performance.now() - begun) / 1000).toFixed(1).padStart(5);
    console.log(`${word.padEnd(7)}${seconds} s  ${name}${more ? `: ${more}` : ""}`);
  };
  try {
    told("ok", await run());
  } catch (error) {
    failures.push(name);
    told("FAILED", error.message.split("\n").slice(0, 12).join("\n        "));
  }
}

// Says that something is not there to be checked yet.
export function skip(name, why) {
  console.log(`skipped          ${name}: ${why}`);
}

// Throws unless `fact` holds.
export function must(fact, message) {
  if (!fact) throw new Error(message);
}

export function summary(seconds) {
  console.log(`${count} checks in ${seconds.toFixed(0)} s, ${failures.length} failed`);
  for (const name of failures) console.log(`        ${name}`);
  return failures.length === 0;
}
