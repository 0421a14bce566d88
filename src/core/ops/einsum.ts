import type { Dim } from "../facts/fact";
import { contraction } from "./contraction";
import { broadcastDim, plus, product, tensorFact } from "./dims";
import { f32 } from "./example";
import { elementCost, unknownCost } from "./pricing";
import type { OpContext, OpCost, OpSpec } from "./spec";

/** A parsed equation with the size of each label; axes under an ellipsis get labels of their own ("...0"). */
interface Equation {
  readonly terms: readonly (readonly string[])[];
  readonly output: readonly string[];
  readonly sizes: ReadonlyMap<string, Dim>;
}

const ELLIPSIS = "...";

/** Labels of one term, an ellipsis as one label of its own. Undefined when it is not made of letters. */
function labelsOf(term: string): readonly string[] | undefined {
  const parts = term.trim().match(/\.\.\.|./g) ?? [];
  const labels = parts.filter((part) => part !== " ");
  return labels.every((label) => label === ELLIPSIS || /^[A-Za-z]$/.test(label)) ? labels : undefined;
}

/** Without "->": the labels that occur once, in alphabetical order, after the ellipsis. */
function implicitOutput(terms: readonly (readonly string[])[]): readonly string[] {
  const all = terms.flat();
  const once = all.filter((label) => label !== ELLIPSIS && all.indexOf(label) === all.lastIndexOf(label));
  return [...(all.includes(ELLIPSIS) ? [ELLIPSIS] : []), ...once.sort()];
}

function numbered(labels: readonly string[], rank: number): readonly string[] {
  const hidden = rank - labels.filter((label) => label !== ELLIPSIS).length;
  return labels.flatMap((label) =>
    label === ELLIPSIS
      ? Array.from({ length: Math.max(hidden, 0) }, (_, axis) => `${ELLIPSIS}${hidden - 1 - axis}`)
      : [label],
  );
}

/** Undefined when the equation does not parse, or needs a rank that is not known. */
function readEquation(ctx: OpContext): Equation | undefined {
  const [left = "", right] = ctx.string("equation", "").split("->");
  const written = left.split(",").map(labelsOf);
  const wanted = right === undefined ? undefined : labelsOf(right);
  if (written.length !== ctx.inputCount || (right !== undefined && wanted === undefined)) {
    return undefined;
  }
  const terms: (readonly string[])[] = [];
  const sizes = new Map<string, Dim>();
  let hidden = 0;
  for (const [index, labels] of written.entries()) {
    const shape = ctx.input(index).shape;
    if (labels === undefined || (shape === undefined && labels.includes(ELLIPSIS))) {
      return undefined;
    }
    const term = numbered(labels, shape?.length ?? labels.length);
    if (shape !== undefined && term.length !== shape.length) {
      return undefined;
    }
    hidden = Math.max(hidden, term.filter((label) => label.startsWith(ELLIPSIS)).length);
    for (const [axis, label] of term.entries()) {
      const size = shape?.[axis];
      sizes.set(label, sizes.has(label) ? mergedSize(sizes.get(label), size) : size);
    }
    terms.push(term);
  }
  const output = wanted ?? implicitOutput(written as (readonly string[])[]);
  const named = output.filter((label) => label !== ELLIPSIS).length;
  return { terms, output: numbered(output, named + hidden), sizes };
}

/** One label, two statements: what is known wins over what is not, otherwise they broadcast. */
function mergedSize(a: Dim, b: Dim): Dim {
  if (a === undefined || b === undefined) {
    return a === 1 ? undefined : b === 1 ? undefined : (a ?? b);
  }
  return broadcastDim(a, b);
}

/** Price of contracting the operands from left to right, each label summed as soon as no later operand needs it. */
function pairwiseCost({ terms, output, sizes }: Equation): OpCost {
  const size = (label: string): Dim => sizes.get(label);
  let held: readonly string[] = [...new Set(terms[0])];
  const steps: OpCost[] = [];
  for (let index = 1; index < terms.length; index++) {
    const labels = [...new Set([...held, ...(terms[index] ?? [])])];
    const later = new Set([...output, ...terms.slice(index + 1).flat()]);
    const kept = labels.filter((label) => later.has(label));
    const summed = labels.filter((label) => !later.has(label));
    steps.push(contraction({ kept: kept.map(size), summed: summed.map(size) }));
    held = kept;
  }
  const [only] = steps;
  if (steps.length === 1 && only !== undefined) {
    return only;
  }
  const macs = steps.reduce<Dim>((sum, step) => plus(sum, step.macs), 0);
  const rule = `operands contracted from left to right: ${steps.map((step) => step.rule).join("; then ")}`;
  return { macs, other: 0, trust: macs === undefined ? "unknown" : "estimate", rule };
}

const einsum: OpSpec = {
  domain: "",
  name: "Einsum",
  since: 12,
  inputs: ["Inputs"],
  outputs: ["Output"],
  infer(ctx) {
    const equation = readEquation(ctx);
    const dtype = ctx.input(0).dtype ?? ctx.input(1).dtype;
    ctx.output(
      0,
      tensorFact(
        dtype,
        equation?.output.map((label) => equation.sizes.get(label)),
      ),
    );
  },
  cost(ctx) {
    const equation = readEquation(ctx);
    if (equation === undefined) {
      return unknownCost("the equation or a rank is not known");
    }
    if (equation.terms.length > 1) {
      return pairwiseCost(equation);
    }
    const labels = [...new Set(equation.terms[0])];
    const sums = labels.some((label) => !equation.output.includes(label));
    return sums
      ? elementCost(product(labels.map((label) => equation.sizes.get(label))), 1, "summing", "exact")
      : elementCost(0, 0, "only moves data", "exact");
  },
  examples: [
    {
      title: "attention scores",
      opset: 12,
      inputs: [f32("batch", "n", 4, 16), f32("batch", "m", 4, 16)],
      attributes: { equation: "bnhd,bmhd->bhnm" },
      bindings: { batch: 2, n: 3, m: 5 },
      outputs: [f32("batch", 4, "n", "m")],
      macs: 2 * 4 * 3 * 5 * 16,
      other: 0,
    },
    {
      title: "ellipsis and broadcasting",
      opset: 12,
      inputs: [f32("batch", 4, 2, 5), f32(1, 4, 5, 3)],
      attributes: { equation: "...ij, ...jk -> ...ik" },
      bindings: { batch: 2 },
      outputs: [f32("batch", 4, 2, 3)],
      macs: 2 * 4 * 2 * 3 * 5,
    },
    {
      title: "implicit output in alphabetical order",
      opset: 13,
      inputs: [f32(2, 3), f32(4, 3)],
      attributes: { equation: "zb,ab" },
      outputs: [f32(4, 2)],
      macs: 24,
    },
    {
      title: "diagonal of one operand",
      opset: 12,
      inputs: [f32(3, 3)],
      attributes: { equation: "ii->i" },
      outputs: [f32(3)],
      macs: 0,
      other: 0,
    },
    {
      title: "sum of everything",
      opset: 12,
      inputs: [f32(3, "n")],
      attributes: { equation: "ij->" },
      bindings: { n: 4 },
      outputs: [f32()],
      macs: 0,
      other: 12,
    },
    {
      title: "three operands from left to right",
      opset: 12,
      inputs: [f32(2, 3), f32(3, 4), f32(4, 5)],
      attributes: { equation: "ab,bc,cd->ad" },
      outputs: [f32(2, 5)],
      macs: 2 * 4 * 3 + 2 * 5 * 4,
    },
    {
      title: "outer product",
      opset: 12,
      inputs: [f32("n"), f32(3)],
      attributes: { equation: "i,j->ij" },
      bindings: { n: 2 },
      outputs: [f32("n", 3)],
      macs: 6,
    },
  ],
};

export const einsumOps: readonly OpSpec[] = [einsum];
