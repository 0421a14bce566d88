import { type Expr, equal, evaluate, symbol, symbolsOf } from "../../../expr";
import type { Fact } from "../../../facts/fact";
import type { Supposed } from "../../../infer/infer";
import type { Inference } from "../../../infer/types";
import type { Graph, Model, TensorRef } from "../../../model/types";
import type { AttentionFindings, AttentionRegion } from "../../../patterns/attention/types";
import {
  type Constant,
  constantsOf,
  type FixedReshape,
  guessedInput,
  isShapeOfReshape,
  supposedConstant,
  supposedShape,
} from "./constants";

/** A model of fixed lengths as it would be with n in their place. */
export interface Lifted {
  readonly inference: Inference;
  readonly findings: AttentionFindings;
  /** The symbol that stands for the length, and the length in the file. */
  readonly name: string;
  readonly length: number;
  /** Axes of inputs that have it: "input_ids[1]". */
  readonly axes: readonly string[];
}

export interface LiftTools {
  infer(suppose: Supposed): Inference;
  find(inference: Inference): AttentionFindings;
}

/** Each round mends what the one before uncovered; models need two or three. */
const ROUNDS = 12;

/**
 * Puts a symbol in the place of the length that the file fixes: in the inputs' axes, in constants and in the shapes of
 * Reshape. The result holds only if every node at the length costs what it costs now; otherwise the text says why there
 * is none.
 */
export function liftLength(
  model: Model,
  inference: Inference,
  { regions }: AttentionFindings,
  tools: LiftTools,
): Lifted | string {
  const length = commonLength(regions);
  if (length === undefined) {
    return regions.length === 0
      ? "No attention was found in this model."
      : "No block has as many keys as queries: there is no one length.";
  }
  const inputs = inputAxes(model, inference, length);
  if (inputs.size === 0) {
    return `The blocks have ${length} tokens, and no input has an axis of ${length}: what makes the tokens fixes their number.`;
  }
  const name = ["length", "fixed length"].find((text) => !inference.symbols.includes(text)) ?? "length′";
  const attempt = new Attempt(model, inference, tools, { length, name, inputs });
  const lifted = attempt.run();
  if (typeof lifted === "string") {
    return lifted;
  }
  const findings = tools.find(lifted);
  const axes = [...inputs].flatMap(([input, own]) => own.map((axis) => `${input}[${axis}]`));
  return (
    whyBlocksDiffer(regions, findings.regions, name, length) ??
    whyCostsDiffer(model, inference, lifted, name, length) ?? {
      inference: lifted,
      findings,
      name,
      length,
      axes,
    }
  );
}

/** The length that most blocks have for both their queries and their keys. */
function commonLength(regions: readonly AttentionRegion[]): number | undefined {
  const counts = new Map<number, number>();
  for (const { sizes, relation } of regions) {
    const { queryLength, keyLength } = sizes;
    if (relation === "self" && typeof queryLength === "number" && queryLength === keyLength) {
      counts.set(queryLength, (counts.get(queryLength) ?? 0) + 1);
    }
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** Axes of graph inputs that have the length; the first axis is the batch's. */
function inputAxes(
  model: Model,
  inference: Inference,
  length: number,
): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, readonly number[]>();
  for (const { name } of model.graph.inputs) {
    const { shape = [] } = inference.fact(model.graph, name);
    const axes = shape.flatMap((size, axis) =>
      size === length && (axis > 0 || shape.length === 1) ? [axis] : [],
    );
    if (axes.length > 0 && !model.graph.initializers.has(name)) {
      found.set(name, axes);
    }
  }
  return found;
}

interface Fixed {
  readonly length: number;
  readonly name: string;
  readonly inputs: ReadonlyMap<string, readonly number[]>;
}

class Attempt {
  private readonly model: Model;
  private readonly inference: Inference;
  private readonly tools: LiftTools;
  private readonly fixed: Fixed;
  private readonly n: Expr;
  private readonly supposed = new Map<TensorRef, Fact>();
  private readonly shapes: readonly {
    readonly constant: Constant;
    readonly data: string;
    readonly fixed: FixedReshape;
  }[];

  constructor(model: Model, inference: Inference, tools: LiftTools, fixed: Fixed) {
    this.model = model;
    this.inference = inference;
    this.tools = tools;
    this.fixed = fixed;
    this.n = symbol(fixed.name);
    const constants = constantsOf(model, inference);
    for (const constant of constants) {
      const fact = supposedConstant(constant, fixed.length, this.n);
      if (fact !== undefined) {
        this.supposed.set(constant.tensor, fact);
      }
    }
    this.shapes = constants.flatMap((constant) =>
      constant.readers.filter(isShapeOfReshape).flatMap(({ node }) => {
        const data = node.inputs[0] ?? "";
        const read = numbersIn(inference.fact(constant.graph, data));
        const made = numbersIn(inference.fact(constant.graph, node.outputs[0] ?? ""));
        return read === undefined || made === undefined ? [] : [{ constant, data, fixed: { read, made } }];
      }),
    );
    for (const { constant, fixed: sizes } of this.shapes) {
      const shape = supposedShape(constant, sizes, guessedInput(sizes, fixed.length, this.n));
      if (shape !== undefined) {
        this.supposed.set(constant.tensor, shape);
      }
    }
  }

  /** Inference with the length as a symbol, or why there is none. */
  run(): Inference | string {
    for (let round = 0; round < ROUNDS; round++) {
      const inference = this.infer();
      const mended = this.mend(inference);
      if (mended !== true) {
        return mended === false ? inference : mended;
      }
    }
    return this.cannot("the shapes that the file gives to Reshape contradict each other");
  }

  private infer(): Inference {
    const { inputs, length } = this.fixed;
    return this.tools.infer({
      input: ({ name }) => {
        const axes = inputs.get(name);
        const fact = this.inference.fact(this.model.graph, name);
        return axes === undefined || fact.shape === undefined
          ? undefined
          : {
              ...fact,
              shape: fact.shape.map((size, axis) => (axes.includes(axis) && size === length ? this.n : size)),
            };
      },
      constant: (tensor) => this.supposed.get(tensor),
    });
  }

  /** Puts right the shapes of Reshape that do not fit their inputs; false when all fit. */
  private mend(inference: Inference): boolean | string {
    const wanted = new Map<TensorRef, Fact>();
    for (const { constant, data, fixed } of this.shapes) {
      const { shape } = inference.fact(constant.graph, data);
      if (shape === undefined || !shape.every((size) => size !== undefined)) {
        continue;
      }
      const fact = supposedShape(constant, fixed, shape as readonly Expr[]);
      if (fact === undefined) {
        return this.cannot(`it cannot be told which size of the Reshape by ${constant.name} is the length`);
      }
      const other = wanted.get(constant.tensor);
      if (other !== undefined && !sameSmall(other, fact)) {
        return this.cannot(`${constant.name} is the shape of tensors with the length and of others`);
      }
      wanted.set(constant.tensor, fact);
    }
    let changed = false;
    for (const [tensor, fact] of wanted) {
      const now = this.supposed.get(tensor);
      const original = this.shapes.find(({ constant }) => constant.tensor === tensor)?.constant.fact;
      if (!sameSmall(now ?? original ?? {}, fact)) {
        this.supposed.set(tensor, fact);
        changed = true;
      }
    }
    return changed;
  }

  private cannot(why: string): string {
    return `The file fixes the length ${this.fixed.length}, and it cannot be replaced: ${why}.`;
  }
}

function sameSmall(a: Fact, b: Fact): boolean {
  return (
    a.small?.length === b.small?.length &&
    a.small?.every((element, at) => {
      const other = b.small?.[at];
      return element !== undefined && other !== undefined && equal(element, other);
    }) === true
  );
}

function numbersIn({ shape }: Fact): readonly number[] | undefined {
  return shape?.every((size) => typeof size === "number" && size > 0)
    ? (shape as readonly number[])
    : undefined;
}

/** Every block of the length must have it as a symbol now. */
function whyBlocksDiffer(
  before: readonly AttentionRegion[],
  after: readonly AttentionRegion[],
  name: string,
  length: number,
): string | undefined {
  const found = new Map(after.map((region) => [region.anchor.id, region]));
  for (const { anchor, sizes, relation } of before) {
    const { queryLength, keyLength } = found.get(anchor.id)?.sizes ?? {};
    const isOfLength = relation === "self" && sizes.queryLength === length && sizes.keyLength === length;
    const follows = [queryLength, keyLength].every((size) => size !== undefined && symbolsOf(size).has(name));
    if (isOfLength && !follows) {
      return (
        `The file fixes the length ${length}, and it cannot be replaced: with another one at the inputs, ` +
        `${anchor.name || anchor.outputs[0]} still has ${length} of its own.`
      );
    }
  }
  return undefined;
}

const AMOUNTS = ["macs", "flops", "readBytes", "writeBytes"] as const;

/** At the length of the file, every node must cost what it costs now. */
function whyCostsDiffer(
  model: Model,
  before: Inference,
  after: Inference,
  name: string,
  length: number,
): string | undefined {
  const others = before.symbols.map((symbolName, i) => [symbolName, PROBES[i % PROBES.length]!] as const);
  const at = new Map<string, number>([...others, [name, length]]);
  const value = (expr: Expr | undefined) => (expr === undefined ? undefined : evaluate(expr, at));
  for (const node of nodesOf(model.graph)) {
    const [own, lifted] = [before.cost(node.id), after.cost(node.id)];
    const wrong = AMOUNTS.find((amount) => value(own[amount]) !== value(lifted[amount]));
    if (wrong !== undefined) {
      return (
        `The file fixes the length ${length}, and it cannot be replaced: ${node.name || node.outputs[0]} ` +
        "would not cost what it costs now."
      );
    }
  }
  return undefined;
}

/** Sizes for the model's other dims. */
const PROBES = [2, 3, 5, 7, 11, 13];

const nodesOf = ({ nodes }: Graph) => nodes;
