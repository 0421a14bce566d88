import { join } from "node:path";
import { expect, test } from "vitest";
import { fuzz } from "./fuzz";

const FAILURES = join(import.meta.dirname, "../../out/fuzz");

// `npm run fuzz` sets these. Without it the seed is always the same: a test must not fail because a day has passed.
const seconds = Number(process.env["ONNXRAY_FUZZ_SECONDS"] ?? 4);
const seed = Number(process.env["ONNXRAY_FUZZ_SEED"] ?? 1);
const maxRuns = Number(process.env["ONNXRAY_FUZZ_RUNS"] ?? Number.POSITIVE_INFINITY);

test("mutated models are refused with a ModelError or read in part, in bounded time and memory", {
  timeout: (seconds + 60) * 1000,
}, async () => {
  const result = await fuzz({ seconds, seed, maxRuns, failures: FAILURES });
  console.log(
    `fuzz: ${result.runs} runs from seed ${seed}, slowest ${Math.round(result.slowestMs)} ms; ` +
      [...result.outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(", "),
  );
  for (const { seed: failed, model, reason, file } of result.failures.slice(0, 10)) {
    console.log(`seed ${failed} (${model}), bytes in ${file}: ${reason}`);
  }
  expect(result.failures.map(({ seed: failed }) => failed)).toEqual([]);
  expect([...result.ruleFailures.keys()]).toEqual([]);
  expect(result.outcomes.size).toBeGreaterThan(3);
});
