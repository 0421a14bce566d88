import { type Expr, equal, symbol } from "../../../expr";
import type { Fact } from "../../../facts/fact";
import type { Supposed } from "../../../infer/infer";
import type { Inference } from "../../../infer/types";
import type { Model, TensorRef } from "../../../model/types";
import type { Candidate } from "./candidates";
import {
  type Constant,
  constantsOf,
  guessedInput,
  isShapeOfReshape,
  supposedConstant,
  supposedShape,
} from "./constants";
import type { Reshaping } from "./reshape";

/** Each round mends what the one before uncovered; models need two or three. */
const ROUNDS = 12;

export interface Attempted {
  readonly inference: Inference;
  /** A float tensor is as long as the file's length: another length needs another tensor. */
  readonly needsTable: boolean;
}

interface Shape {
  readonly constant: Constant;
  /** What is reshaped. */
  readonly data: string;
  readonly fixed: Reshaping;
}

/** Puts a symbol in the place of one length, round by round. */
export class Attempt {
  private readonly model: Model;
  private readonly inference: Inference;
  private readonly infer: (suppose: Supposed) => Inference;
  private readonly candidate: Candidate;
  private readonly tokens: number;
  private readonly n: Expr;
  private readonly supposed = new Map<TensorRef, Fact>();
  private readonly constants: readonly Constant[];
  private readonly shapes: readonly Shape[];
  private needsTable = false;

  constructor(parts: {
    readonly model: Model;
    readonly inference: Inference;
    readonly infer: (suppose: Supposed) => Inference;
    readonly candidate: Candidate;
    /** Tokens of the blocks in the file. */
    readonly tokens: number;
    /** The symbol to put in. */
    readonly name: string;
  }) {
    this.model = parts.model;
    this.inference = parts.inference;
    this.infer = parts.infer;
    this.candidate = parts.candidate;
    this.tokens = parts.tokens;
    this.n = symbol(parts.name);
    this.constants = constantsOf(parts.model, parts.inference);
    this.shapes = this.constants.flatMap((constant) => this.shapesBy(constant));
  }

  /** Inference with the length as a symbol, or why there is none. */
  run(): Attempted | string {
    let isKnown = this.candidate.size === this.tokens;
    if (isKnown) {
      this.supposeConstants(this.n);
      this.guessShapes();
    }
    for (let round = 0; round < ROUNDS; round++) {
      const inference = this.inferred();
      const mended = this.mend(inference);
      const tokens = isKnown ? undefined : this.tokensIn(inference);
      if (tokens !== undefined) {
        isKnown = true;
        this.supposeConstants(tokens);
      } else if (typeof mended === "string") {
        return mended;
      } else if (!mended) {
        return isKnown
          ? { inference, needsTable: this.needsTable }
          : `nothing that the inputs' size decides has ${this.tokens} tokens`;
      }
    }
    return "the shapes that the file gives to Reshape contradict each other";
  }

  private supposeConstants(tokens: Expr): void {
    for (const constant of this.constants) {
      const fact = supposedConstant(constant, this.tokens, tokens);
      if (fact !== undefined) {
        this.supposed.set(constant.tensor, fact);
        this.needsTable ||= fact.dtype?.includes("float") === true && fact.small === undefined;
      }
    }
  }

  private guessShapes(): void {
    for (const { constant, fixed } of this.shapes) {
      const shape = supposedShape(constant, fixed, guessedInput(fixed, this.tokens, this.n));
      if (shape !== undefined) {
        this.supposed.set(constant.tensor, shape);
      }
    }
  }

  private shapesBy(constant: Constant): Shape[] {
    return constant.readers.filter(isShapeOfReshape).flatMap(({ node }) => {
      const data = node.inputs[0] ?? "";
      const read = sizesIn(this.inference.fact(constant.graph, data));
      const made = sizesIn(this.inference.fact(constant.graph, node.outputs[0] ?? ""));
      return read === undefined || made === undefined ? [] : [{ constant, data, fixed: { read, made } }];
    });
  }

  private inferred(): Inference {
    const { axes } = this.candidate;
    return this.infer({
      input: ({ name }) => {
        const own = axes.get(name);
        const fact = this.inference.fact(this.model.graph, name);
        return own === undefined || fact.shape === undefined
          ? undefined
          : { ...fact, shape: fact.shape.map((size, axis) => (own.includes(axis) ? this.n : size)) };
      },
      constant: (tensor) => this.supposed.get(tensor),
    });
  }

  /** What the number of tokens is in terms of the inputs' size: the first size that was it in the file. */
  private tokensIn(inference: Inference): Expr | undefined {
    const { graph } = this.model;
    for (const node of graph.nodes) {
      for (const name of node.outputs) {
        const before = this.inference.fact(graph, name).shape;
        const after = inference.fact(graph, name).shape;
        const at = after?.findIndex(
          (size, axis) => before?.[axis] === this.tokens && size !== undefined && size !== this.tokens,
        );
        if (at !== undefined && at >= 0) {
          return after?.[at];
        }
      }
    }
    return undefined;
  }

  /** Puts right the shapes of Reshape that do not fit their inputs; false when all fit, a text when some never will. */
  private mend(inference: Inference): boolean | string {
    const wanted = new Map<Constant, Fact>();
    let misfit: string | undefined;
    for (const { constant, data, fixed } of this.shapes) {
      const input = sizesIn(inference.fact(constant.graph, data));
      if (input === undefined || input.length !== fixed.read.length) {
        continue;
      }
      const fact = supposedShape(constant, fixed, input);
      const other = wanted.get(constant);
      if (fact === undefined) {
        misfit ??= `it cannot be told which size of the Reshape by ${constant.name} is the length`;
      } else if (other === undefined) {
        wanted.set(constant, fact);
      } else if (!sameElements(other, fact)) {
        // Layers share shapes, and the length has not reached all of them in the first rounds.
        misfit ??= `${constant.name} is the shape of tensors with the length and of others`;
        wanted.set(constant, sameElements(other, constant.fact) ? fact : other);
      }
    }
    let changed = false;
    for (const [{ tensor, fact: own }, fact] of wanted) {
      if (!sameElements(this.supposed.get(tensor) ?? own, fact)) {
        this.supposed.set(tensor, fact);
        changed = true;
      }
    }
    return changed || (misfit ?? false);
  }
}

function sameElements(a: Fact, b: Fact): boolean {
  return (
    a.small?.length === b.small?.length &&
    a.small?.every((element, at) => {
      const other = b.small?.[at];
      return element !== undefined && other !== undefined && equal(element, other);
    }) === true
  );
}

function sizesIn({ shape }: Fact): readonly Expr[] | undefined {
  return shape?.every((size) => size !== undefined && size !== 0) ? (shape as readonly Expr[]) : undefined;
}
