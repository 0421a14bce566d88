import { readFileSync } from "node:fs";
import { join } from "node:path";
import { infer } from "../../../src/core/infer/infer";
import { requiredInputs } from "../../../src/core/ops/arity";
import { OPERATORS } from "../../../src/core/ops/index";
import type { OpExample, OpSpec } from "../../../src/core/ops/spec";
import type { CaseFigures } from "../../fixtures/onnxCases";
import { exampleModel } from "./exampleModel";

/** docs/operators.md, made from the operators themselves: `node scripts/runTypeScript.mjs test/core/ops/writeOperatorsPage.ts`. */

const DOMAINS: readonly (readonly [string, string])[] = [
  ["", "ai.onnx"],
  ["ai.onnx.ml", "ai.onnx.ml"],
  ["ai.onnx.preview", "ai.onnx.preview"],
  ["ai.onnx.preview.training", "ai.onnx.preview.training"],
  ["com.microsoft", "com.microsoft"],
  ["com.microsoft.nchwc", "com.microsoft.nchwc"],
];

/** Cells of a Markdown table must not break it. */
const cell = (text: string): string => text.replaceAll("|", "\\|");

function rule(
  spec: OpSpec,
  example: OpExample | undefined,
): { readonly text: string; readonly trust: string } {
  if (example === undefined) {
    return { text: "by the graphs or the values it holds", trust: "" };
  }
  const { model, node, contents } = exampleModel(spec, example);
  const cost = infer(model, { readSmall: (tensor) => contents.get(tensor) }).cost(node.id);
  return { text: cost.rule, trust: cost.trust };
}

/** How an example's inputs look: "float32 [batch, 3], int64 [2]". */
const inputs = (example: OpExample): string =>
  example.inputs
    .map((input) => (input === null ? "-" : `${input.dtype} [${input.shape.join(", ")}]`))
    .join(", ");

function row(spec: OpSpec): string {
  const { text, trust } = rule(spec, spec.examples[0]);
  const run = spec.examples.filter(({ noKernel }) => noKernel === undefined).length;
  const names = (spec.inputs ?? [])
    .map((name, i) => (i < requiredInputs(spec) ? name : `${name}?`))
    .join(", ");
  const optimised = [
    ...(spec.quant === undefined
      ? []
      : [`quantised along the channels of ${spec.inputs?.[spec.quant.weight]}`]),
    ...(spec.weightElements === undefined ? [] : ["packed weights counted one by one"]),
    ...(spec.held === undefined ? [] : [`in attributes: ${spec.held.join(", ")}`]),
  ].join("; ");
  const shown = spec.examples[0] === undefined ? "" : ` For ${inputs(spec.examples[0])}: ${text}.`;
  return `| ${spec.name} | ${spec.since} | ${cell(names)} | ${trust} |${cell(shown === "" ? ` ${text}.` : shown)} | ${spec.examples.length === 0 ? "by a model" : `${run} of ${spec.examples.length}`} | ${optimised} |`;
}

function section(domain: string, title: string, figures: CaseFigures): readonly string[] {
  const specs = OPERATORS.filter((spec) => spec.domain === domain).toSorted(
    (a, b) => a.name.localeCompare(b.name, "en") || a.since - b.since,
  );
  const coverage = figures.coverage[domain];
  const missing = coverage?.missing ?? [];
  return [
    `## ${title}`,
    "",
    coverage === undefined
      ? `${specs.length} entries.`
      : `${coverage.schemas - missing.length} of ${coverage.schemas} schemas.` +
        (missing.length === 0 ? "" : ` Without an entry: ${missing.join(", ")}.`),
    "",
    "| operator | from opset | inputs | trust | cost in its first example | run in onnxruntime | weights |",
    "|---|---|---|---|---|---|---|",
    ...specs.map(row),
    "",
  ];
}

/** The page; `root` is the repository's folder. */
export function operatorsPage(root: string): string {
  const file = join(root, "test/fixtures/onnx-cases.json");
  const figures = JSON.parse(readFileSync(file, "utf8")) as CaseFigures;
  const runtime = figures.onnxruntime === null ? "" : ` and onnxruntime ${figures.onnxruntime}`;
  return [
    "# Operators",
    "",
    "This page is made by `node scripts/runTypeScript.mjs test/core/ops/writeOperatorsPage.ts` from src/core/ops; a test",
    "holds it to what the code says. docs/costs.md says how costs are counted.",
    "",
    "An operator without an entry is *unknown*: its node keeps the types and shapes that the file declares, its cost is",
    "unknown and never zero, and totals name it in their coverage. An entry describes all operator sets from the version",
    "it states to the next entry of the same name; forms that older sets write differently are read as they are.",
    "",
    `The schemas counted below are those of onnx ${figures.onnx}${runtime}.`,
    "",
    "## How it is checked",
    "",
    "- Every example of an operator is inferred, priced and, where onnxruntime has a CPU kernel, run: types and shapes",
    "  must be equal, with the sizes known and with each size a symbol (test/core/ops/conformance.test.ts).",
    "- Random cases of the operators that have freedom are run the same way (test/core/ops/generators).",
    `- The test cases of the onnx package (${figures.onnx}): ${figures.cases} models with ${figures.outputs} outputs.`,
    `  ${figures.equal} outputs have the expected type and shape, ${figures.open} have it but for sizes that only the data`,
    `  decides, ${figures.wrong} differ. test/fixtures/README.md says how to run this.`,
    "",
    ...DOMAINS.flatMap(([domain, title]) => section(domain, title, figures)),
  ].join("\n");
}
