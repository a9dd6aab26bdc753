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

// Measures once, and twice more where that was too much, since a machine has other things to
// do as well: then the middle of the three counts. `run` gives an object, `key` names what is
// compared with `most`.
export async function measured(run, key, most) {
  const rounds = [await run()];
  while (rounds[0][key] >= most && rounds.length < 3) rounds.push(await run());
  const middle = [...rounds].sort((a, b) => a[key] - b[key])[rounds.length >> 1];
  return { ...middle, all: rounds.map((round) => Math.round(round[key])).join(", ") };
}

export function summary(seconds) {
  console.log(`${count} checks in ${seconds.toFixed(0)} s, ${failures.length} failed`);
  for (const name of failures) console.log(`        ${name}`);
  return failures.length === 0;
}
