import { parseArgs } from "node:util";
import { installProject } from "./lib/install.mjs";
import { runVitest } from "./lib/vitest.mjs";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string" },
    runs: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(`npm run fuzz -- [--seconds 60] [--seed N] [--runs N]

Mutates models and takes each through the reader, inference and the plan of a save. Each run has its own
seed; the bytes of what fails are kept in out/fuzz, and --seed N --runs 1 does that one again.`);
  process.exit(0);
}
for (const name of ["seconds", "seed", "runs"]) {
  if (values[name] !== undefined && !/^\d+$/.test(values[name])) {
    console.error(`--${name} must be a whole number, not "${values[name]}".`);
    process.exit(2);
  }
}
await installProject();
const seed = values.seed ?? String(Math.floor(Math.random() * 1_000_000_000));
const { failed } = await runVitest("fuzz", ["test/fuzz", "--disable-console-intercept"], {
  ONNXRAY_FUZZ_SECONDS: values.seconds,
  ONNXRAY_FUZZ_SEED: seed,
  ...(values.runs === undefined ? {} : { ONNXRAY_FUZZ_RUNS: values.runs }),
});
process.exit(failed === 0 ? 0 : 1);
