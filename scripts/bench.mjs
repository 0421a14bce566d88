import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { cpus, platform, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { installProject } from "./lib/install.mjs";
import { out, root } from "./lib/paths.mjs";
import { run } from "./lib/processes.mjs";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    only: { type: "string" },
    folder: { type: "string", default: tmpdir() },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(`npm run bench -- [--runs 5] [--only open,graph,table,edit,weights] [--folder DIR]

Measures the engine on a model of 1.9 GB and on graphs of 20,000 and 100,000 nodes, each part in processes of
its own, and prints medians; all figures go to out/bench.json. DIR needs 3 GB for the parts that save. With a Python
in ONNXRAY_PYTHON that has numpy, onnx, onnxruntime and sympy, their shape inference runs over the same graphs and numpy
over the same weights; without it these comparisons are left out.`);
  process.exit(0);
}
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) {
  console.error(`--runs must be a whole number of at least 1, not "${values.runs}".`);
  process.exit(2);
}

await installProject();
const { build } = await import("esbuild");
const programs = join(root, "test", "bench", "programs");
const bundles = join(out, "bench");
await rm(bundles, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: (await readdir(programs)).map((file) => join(programs, file)),
  outdir: bundles,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  minify: true,
  splitting: false,
  platform: "node",
  format: "esm",
  target: "node20",
  external: ["onnxruntime-node"],
  banner: { js: 'import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);' },
  define: { ONNXRAY_VERSION: '"bench"' },
  logLevel: "warning",
});
const models = await mkdtemp(join(values.folder, "onnxray-bench-"));
const model = (name) => join(models, `${name}.onnx`);

/** One run of a program in a process of its own; how it failed, when it did. */
async function once(program, ...args) {
  const started = performance.now();
  const { code, output } = await run(process.execPath, [join(bundles, `${program}.mjs`), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ORT_DISABLE_TELEMETRY: "1" },
  });
  const wallMs = performance.now() - started;
  const lines = output.trim().split("\n");
  return code === 0
    ? { ...JSON.parse(lines.findLast((line) => line.startsWith("{"))), wallMs }
    : { failed: lines.find((line) => /Error|killed|abort/i.test(line)) ?? `exit code ${code}`, wallMs };
}

/** Medians over several runs, figure by figure. */
async function medians(times, program, ...args) {
  const all = [];
  for (let index = 0; index < times; index++) {
    all.push(await once(program, ...args));
  }
  const [first] = all;
  const middle = (figure) => {
    const sorted = all.map((one) => one[figure]).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
  };
  return Object.fromEntries(
    Object.keys(first).map((figure) => [
      figure,
      typeof first[figure] === "number" ? middle(figure) : first[figure],
    ]),
  );
}

const parts = {
  async open() {
    const empty = await medians(runs, "empty");
    const opened = await medians(runs, "open", model("gpt"));
    const decoded = await medians(Math.min(runs, 3), "protobufDecode", model("gpt"));
    return {
      "an empty process": empty,
      "1.9 GB, open to first rows": {
        ...opened,
        peakRssOverEmptyBytes: opened.peakRssBytes - empty.peakRssBytes,
      },
      "1.9 GB, decoded whole by protobufjs": {
        ...decoded,
        timeToOurs: decoded.openToNodesMs / opened.openToRowsMs,
        peakRssToOurs: decoded.peakRssBytes / opened.peakRssBytes,
      },
    };
  },
  async graph() {
    const figures = {};
    for (const name of ["bert-20k", "llama-20k"]) {
      figures[`${name}, open to first rows`] = await medians(runs, "open", model(name));
      const ours = await medians(Math.min(runs, 3), "inference", model(name));
      figures[`${name}, shapes and costs alone`] = ours;
      const theirs = await inPython("pythonInference.py", model(name));
      figures[`${name}, shapes by onnx and onnxruntime's script`] =
        theirs.symbolicMs === undefined
          ? theirs
          : {
              ...theirs,
              // They work out no costs: what is compared is our shapes alone, and beside it shapes with costs.
              onnxToOurShapes: theirs.onnxMs / ours.shapesMs,
              onnxToOurShapesAndCosts: theirs.onnxMs / ours.inferMs,
              onnxDataPropagationToOurShapes: theirs.onnxDataPropagationMs / ours.shapesMs,
              symbolicToOurShapes: theirs.symbolicMs / ours.shapesMs,
              symbolicToOurShapesAndCosts: theirs.symbolicMs / ours.inferMs,
            };
    }
    return figures;
  },
  async table() {
    return {
      "100,000 nodes, open to first rows": await medians(Math.min(runs, 3), "open", model("bert-100k")),
      "100,000 nodes, the table": await medians(Math.min(runs, 3), "table", model("bert-100k")),
      "20,000 nodes, the table": await medians(Math.min(runs, 3), "table", model("bert-20k")),
    };
  },
  async edit() {
    return {
      "1.9 GB, fixes and a save": await medians(Math.min(runs, 3), "edit", model("gpt"), models),
      "20,000 nodes, fixes and a save": await medians(Math.min(runs, 3), "edit", model("llama-20k"), models),
    };
  },
  async weights() {
    const made = await once("makeWeights", models);
    if (made.failed !== undefined) {
      return { "statistics of 1 GiB": made };
    }
    const ours = await once("tensorStatistics", model("weights"));
    const theirs = await inPython("numpyStatistics.py", join(models, "weights.data"), "8192", "32768");
    return {
      "100,000 nodes, the table of tensors": await medians(
        Math.min(runs, 3),
        "tensorTable",
        model("bert-100k"),
      ),
      "statistics of 1 GiB": ours,
      "the same with numpy": theirs,
    };
  },
};

/** Figures of a script of test/bench, with what others take for the same. */
async function inPython(name, ...args) {
  const python = process.env.ONNXRAY_PYTHON;
  if (python === undefined) {
    return { leftOut: "ONNXRAY_PYTHON names no Python" };
  }
  const { code, output } = await run(python, [join(root, "test", "bench", name), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines = output.trim().split("\n");
  return code === 0 ? JSON.parse(lines.at(-1)) : { failed: lines.at(-1) };
}

const wanted = values.only?.split(",") ?? Object.keys(parts);
const unknown = wanted.filter((part) => parts[part] === undefined);
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(", ")}; the parts are ${Object.keys(parts).join(", ")}.`);
  process.exit(2);
}
try {
  const made = await once("makeModels", models);
  if (made.failed !== undefined) {
    throw new Error(`The models could not be made: ${made.failed}`);
  }
  const machine = {
    node: process.version,
    platform: platform(),
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryBytes: totalmem(),
  };
  const figures = {};
  for (const part of wanted) {
    const measured = await parts[part]();
    Object.assign(figures, measured);
    for (const [title, of] of Object.entries(measured)) {
      print(title, of);
    }
  }
  await mkdir(out, { recursive: true });
  await writeFile(join(out, "bench.json"), `${JSON.stringify({ machine, runs, figures }, null, 2)}\n`);
  console.log(`\nAll figures are in ${join(out, "bench.json")}.`);
} finally {
  await rm(models, { recursive: true, force: true });
}

function print(title, figures) {
  console.log(`\n${title}`);
  for (const [name, value] of Object.entries(figures)) {
    console.log(`  ${name.padEnd(22)} ${text(name, value)}`);
  }
}

function text(name, value) {
  if (typeof value !== "number") {
    return String(value);
  }
  if (/Bytes|Reads|rss/i.test(name) && !/To/.test(name)) {
    return `${(value / 1e6).toFixed(2).padStart(12)} MB`;
  }
  if (name.endsWith("Ms")) {
    return `${value.toFixed(value < 100 ? 2 : 0).padStart(12)} ms`;
  }
  return `${(Number.isInteger(value) ? String(value) : value.toFixed(2)).padStart(12)}${name.endsWith("MBs") ? " MB/s" : ""}`;
}
