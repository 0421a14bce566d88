import { equal, symbol, symbolsOf } from "../../core/expr";
import type { Dim } from "../../core/facts/fact";
import type { Inference } from "../../core/infer/types";
import type { Graph, Model, Node } from "../../core/model/types";

/** Exporters of padded models start to count positions behind the padding's own index, which is 0 or 1. */
const PADDING_ROWS = 2;

/** Operators that hand tokens on as they are. */
const PASSES: ReadonlySet<string> = new Set(["Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze"]);

/** Weights that several modules share come through these. */
const SAME: ReadonlySet<string> = new Set(["Identity"]);

/** Fused operators that look positions up: where the table is, and the input whose axis 1 counts the positions. */
const FUSED: { readonly [op: string]: { readonly table: number; readonly counted: number } } = {
  EmbedLayerNormalization: { table: 3, counted: 0 },
  QEmbedLayerNormalization: { table: 3, counted: 0 },
  GroupQueryAttention: { table: 7, counted: 0 },
  RotaryEmbedding: { table: 2, counted: 0 },
};

/**
 * For each symbol the length of the shortest table of positions that the model reads with it: positions beyond the
 * table's end do not exist, and a run with a larger size fails. Tables that tokens look up are none: the indices of
 * positions are made inside of the model.
 */
export function positionCaps(model: Model, inference: Inference): ReadonlyMap<string, number> {
  const { graph } = model;
  const caps = new Map<string, number>();
  const cap = (dim: Dim, length: Dim, spare: number) => {
    const name = nameOf(dim);
    if (name !== undefined && typeof length === "number" && length > spare) {
      caps.set(name, Math.min(length - spare, caps.get(name) ?? Number.MAX_VALUE));
    }
  };
  const shapeOf = (name: string | undefined) => inference.fact(graph, name ?? "").shape;
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const rowsOf = (name = "") => tableRows(graph, originOf(makers, name, SAME));
  for (const node of graph.nodes) {
    const fused = FUSED[node.opType];
    if (node.opType === "Slice") {
      const table = shapeOf(node.inputs[0]);
      shapeOf(node.outputs[0])?.forEach((dim, axis) => {
        cap(dim, table?.[axis], 0);
      });
    } else if (fused !== undefined) {
      cap(shapeOf(node.inputs[fused.counted])?.[1], rowsOf(node.inputs[fused.table]), 0);
    } else if (node.opType === "Gather" || node.opType === "GatherND") {
      const indices = shapeOf(node.inputs[1])?.slice(0, node.opType === "Gather" ? undefined : -1);
      const counted = indices?.at(-1);
      const origin = originOf(makers, node.inputs[1] ?? "", PASSES);
      const isFed = graph.inputs.some(({ name }) => name === origin);
      if (!isFed && !repeats(indices)) {
        const sliced = makers.get(node.inputs[1] ?? "")?.opType === "Slice";
        cap(counted, rowsOf(node.inputs[0]), sliced ? 0 : PADDING_ROWS);
      }
    }
  }
  return caps;
}

/** The symbol that a dim is, when it is nothing else. */
function nameOf(dim: Dim): string | undefined {
  if (dim === undefined || typeof dim === "number") {
    return undefined;
  }
  const [name] = symbolsOf(dim);
  return name !== undefined && equal(dim, symbol(name)) ? name : undefined;
}

function tableRows(graph: Graph, name: string): number | undefined {
  const dims = graph.initializers.get(name)?.dims;
  return dims?.length === 2 ? dims[0] : undefined;
}

/** Distances between positions have two axes of the same size, and buckets for the far ones: no table ends. */
function repeats(indices: readonly Dim[] | undefined): boolean {
  const last = nameOf(indices?.at(-1));
  return (
    last !== undefined &&
    indices!
      .slice(0, -1)
      .some((dim) => dim !== undefined && typeof dim !== "number" && symbolsOf(dim).has(last))
  );
}

/** The value that operators which change nothing of it started from. A file may run in a circle: each is passed once. */
function originOf(makers: ReadonlyMap<string, Node>, value: string, passes: ReadonlySet<string>): string {
  const seen = new Set<string>();
  let at = value;
  for (let maker = makers.get(at); maker !== undefined && passes.has(maker.opType); maker = makers.get(at)) {
    if (seen.has(at)) {
      break;
    }
    seen.add(at);
    at = maker.inputs[0] ?? "";
  }
  return at;
}
