import { evaluate } from "../../core/expr";
import type { Graph, Node } from "../../core/model/types";
import { canonicalDomain } from "../../core/ops/index";
import type { ModelState } from "../session/state";

/** What the graph does with an input, as far as it limits the content. */
export interface InputUse {
  /** The content itself, where the operator demands one. */
  readonly value?: number;
  /** Used as an index into a table with that many rows. */
  readonly below?: number;
  /** Used as an index, also where the table's size is not known. */
  readonly isIndex: boolean;
}

/** Operators whose first output has the elements of their first input, moved or converted. */
const CARRIERS: ReadonlySet<string> = new Set([
  "Cast",
  "Concat",
  "Expand",
  "Flatten",
  "Identity",
  "Reshape",
  "Slice",
  "Squeeze",
  "Transpose",
  "Unsqueeze",
]);

/** Ways from an input that are followed at most: real ones are a handful of nodes long. */
const MAX_VALUES = 256;

interface Lookup {
  readonly index: number;
  readonly table: number;
  /** Axis of the table that the index runs along: the attribute's name and its default. */
  readonly axis?: { readonly attribute: string; readonly initial: number };
}

/** Where operators take indices, by their input's position. Position tables of attention are looked up by row. */
const LOOKUPS: { readonly [op: string]: readonly Lookup[] } = {
  Gather: [{ index: 1, table: 0, axis: { attribute: "axis", initial: 0 } }],
  GatherElements: [{ index: 1, table: 0, axis: { attribute: "axis", initial: 0 } }],
  GatherND: [{ index: 1, table: 0 }],
  "com.microsoft:GatherBlockQuantized": [
    { index: 1, table: 0, axis: { attribute: "gather_axis", initial: 0 } },
  ],
  "com.microsoft:EmbedLayerNormalization": [
    { index: 0, table: 2 },
    { index: 1, table: 4 },
    { index: 8, table: 3 },
  ],
  "com.microsoft:RotaryEmbedding": [{ index: 1, table: 2 }],
  RotaryEmbedding: [{ index: 3, table: 1 }],
  "com.microsoft:GroupQueryAttention": [{ index: 9, table: 7 }],
};

/** Finds what the values of a model's inputs are used for. */
export class InputUses {
  private readonly state: ModelState;
  private readonly readers = new Map<string, { readonly node: Node; readonly graph: Graph }[]>();

  constructor(state: ModelState) {
    this.state = state;
    state.nodes.forEach((node, position) => {
      const graph = state.graphs[position]!;
      for (const input of new Set(node.inputs)) {
        const list = this.readers.get(input);
        if (list === undefined) {
          this.readers.set(input, [{ node, graph }]);
        } else {
          list.push({ node, graph });
        }
      }
    });
  }

  of(input: string): InputUse {
    const values = [input];
    const seen = new Set(values);
    let below: number | undefined;
    let isIndex = false;
    for (let at = 0; at < values.length && values.length < MAX_VALUES; at++) {
      const value = values[at]!;
      for (const { node, graph } of this.readers.get(value) ?? []) {
        const demanded = this.demandedValue(node, graph, value);
        if (demanded !== undefined) {
          return { value: demanded, isIndex: false };
        }
        for (const lookup of LOOKUPS[operatorOf(node)] ?? []) {
          if (node.inputs[lookup.index] === value) {
            const rows = this.rows(node, graph, lookup);
            isIndex = true;
            below = rows === undefined ? below : Math.min(below ?? rows, rows);
          }
        }
        const [output] = node.outputs;
        const carries = CARRIERS.has(node.opType) && (node.inputs[0] === value || node.opType === "Concat");
        if (carries && output !== undefined && !seen.has(output)) {
          seen.add(output);
          values.push(output);
        }
      }
    }
    return { isIndex, ...(below === undefined ? {} : { below }) };
  }

  private rows(node: Node, graph: Graph, { table, axis }: Lookup): number | undefined {
    const shape = this.state.inference.fact(graph, node.inputs[table] ?? "").shape;
    const attribute = axis === undefined ? undefined : node.attributes.get(axis.attribute);
    const along = attribute?.type === "int" ? attribute.value : (axis?.initial ?? 0);
    return this.size(shape?.at(along));
  }

  /** Lengths that attention with a cache is told: those of the sequence that it really gets. */
  private demandedValue(node: Node, graph: Graph, value: string): number | undefined {
    const role = operatorOf(node) === "com.microsoft:GroupQueryAttention" ? node.inputs.indexOf(value) : -1;
    if (role !== 5 && role !== 6) {
      return undefined;
    }
    const fact = (index: number) => this.state.inference.fact(graph, node.inputs[index] ?? "");
    const total = (this.size(fact(0).shape?.[1]) ?? 1) + (this.size(fact(3).shape?.[2]) ?? 0);
    return role === 5 ? Math.max(0, total - 1) : total;
  }

  private size(dim: Parameters<typeof evaluate>[0] | undefined): number | undefined {
    return dim === undefined ? undefined : evaluate(dim, this.state.bindings);
  }
}

function operatorOf({ domain, opType }: Node): string {
  const canonical = canonicalDomain(domain);
  return canonical === "" ? opType : `${canonical}:${opType}`;
}
