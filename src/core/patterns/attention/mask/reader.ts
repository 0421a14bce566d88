import type { Dim } from "../../../facts/fact";
import type { Node, TensorRef } from "../../../model/types";
import { isOp, type SearchGraph } from "../graph";
import { operandsOf } from "../products";
import { comparisonOf } from "./comparison";
import { patternOf } from "./triangle";

/** Reads all elements of a tensor as numbers; undefined when there are too many or they cannot be read. */
export type ReadTensor = (tensor: TensorRef) => ArrayLike<number> | undefined;

/** What a value that is added to scores, or that chooses among them, is made of. */
export interface MaskParts {
  /** Evidence that later keys are hidden, with the number of queries that it was made for. */
  readonly causal: readonly { readonly evidence: string; readonly rows: Dim }[];
  readonly windows: readonly { readonly keys: number; readonly evidence: string }[];
  /** Tables of biases by position. */
  readonly tables: readonly string[];
  /** Inputs of the graph. */
  readonly inputs: readonly string[];
  /** Stored masks with a row for each query that could not be read or understood. */
  readonly opaque: readonly string[];
}

const NOTHING: MaskParts = { causal: [], windows: [], tables: [], inputs: [], opaque: [] };
const MAX_DEPTH = 128;
const ENDS = ["Softmax", "LayerNormalization", "Shape", "Size", "Conv", "RMSNormalization", "Attention"];

/** Looks into masks. Layers share them, so what was seen once is kept. */
export class MaskReader {
  private readonly search: SearchGraph;
  private readonly read: ReadTensor;
  private readonly known = new Map<string, MaskParts>();

  constructor(search: SearchGraph, read: ReadTensor) {
    this.search = search;
    this.read = read;
  }

  look(value: string, depth = 0): MaskParts {
    const known = this.known.get(value);
    if (known !== undefined || value === "" || depth > MAX_DEPTH) {
      return known ?? NOTHING;
    }
    this.known.set(value, NOTHING);
    const parts = this.lookAnew(value, depth);
    this.known.set(value, parts);
    return parts;
  }

  private lookAnew(value: string, depth: number): MaskParts {
    const { search } = this;
    const tensor = search.tensor(value);
    if (tensor !== undefined) {
      return this.stored(tensor, value);
    }
    const maker = search.maker(value);
    if (maker === undefined) {
      return { ...NOTHING, inputs: [value] };
    }
    if (isOp(maker, ...ENDS) || operandsOf(maker) !== undefined) {
      return NOTHING;
    }
    const own = this.ownParts(maker, value);
    const below =
      own === undefined || own.tables.length === 0
        ? maker.inputs.map((input) => this.look(input, depth + 1))
        : [];
    return own === undefined
      ? merged(below)
      : merged([own, ...below.map(({ inputs }) => ({ ...NOTHING, inputs }))]);
  }

  private ownParts(maker: Node, value: string): MaskParts | undefined {
    const label = maker.name || value;
    const rows = this.search.fact(value).shape?.at(-2);
    if (isOp(maker, "Trilu")) {
      return { ...NOTHING, causal: [{ evidence: `Trilu ${label}`, rows }] };
    }
    const comparison = comparisonOf(this.search, maker);
    if (comparison !== undefined) {
      const { distance, queries } = comparison;
      return distance > 1
        ? {
            ...NOTHING,
            windows: [
              { keys: distance, evidence: `${maker.opType} ${label} of positions ${distance} apart` },
            ],
          }
        : { ...NOTHING, causal: [{ evidence: `${maker.opType} ${label} of positions`, rows: queries }] };
    }
    const isTable =
      isOp(maker, "Gather", "GatherND", "GatherElements") &&
      this.search.isFloat(value) &&
      this.search.isStored(maker.inputs[0] ?? "");
    return isTable ? { ...NOTHING, tables: [`a table of biases, ${maker.inputs[0]}`] } : undefined;
  }

  private stored(tensor: TensorRef, value: string): MaskParts {
    const { dims } = tensor;
    const [rows = 1, columns = 1] = dims.slice(-2);
    if (dims.length < 2 || rows < 2 || columns < 2) {
      return NOTHING;
    }
    const values = this.read(tensor);
    const pattern = values && patternOf(values, rows, columns);
    if (pattern !== undefined) {
      const evidence = `a stored triangle, ${value}`;
      const { window } = pattern;
      return {
        ...NOTHING,
        causal: [{ evidence, rows: undefined }],
        windows: window === undefined ? [] : [{ keys: window, evidence: `a stored band, ${value}` }],
      };
    }
    const isPerHead = dims.length >= 3 && dims.at(-3)! > 1;
    if (isPerHead && this.search.isFloat(value)) {
      return { ...NOTHING, tables: [`stored biases, ${value}`] };
    }
    return values === undefined ? { ...NOTHING, opaque: [value] } : NOTHING;
  }
}

export function merged(parts: readonly MaskParts[]): MaskParts {
  const [first, ...others] = parts;
  if (first === undefined || others.length === 0) {
    return first ?? NOTHING;
  }
  return {
    causal: parts.flatMap(({ causal }) => causal),
    windows: parts.flatMap(({ windows }) => windows),
    tables: unique(parts.flatMap(({ tables }) => tables)),
    inputs: unique(parts.flatMap(({ inputs }) => inputs)),
    opaque: unique(parts.flatMap(({ opaque }) => opaque)),
  };
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
