import { compile, type Expr } from "../../core/expr";
import type { Inference } from "../../core/infer/types";
import type { Node } from "../../core/model/types";
import type { Trust } from "../../protocol/rows";

/** The figures of all nodes at one binding, by position in the node list; NaN where unknown or unbound. */
export interface Columns {
  readonly macs: Float64Array;
  readonly flops: Float64Array;
  readonly readBytes: Float64Array;
  readonly writeBytes: Float64Array;
}

const AMOUNTS = ["macs", "flops", "readBytes", "writeBytes"] as const;

/**
 * All cost formulas of a model, compiled once per edit, so that a change of a dim only evaluates. Layers that repeat
 * share their formulas, which makes the work a matter of distinct formulas, not of nodes.
 */
export class Amounts {
  readonly params: Float64Array;
  readonly weightBytes: Float64Array;
  readonly trust: readonly Trust[];
  private readonly slots: { readonly [amount in (typeof AMOUNTS)[number]]: Int32Array };
  private readonly run: (bindings: ReadonlyMap<string, number>) => Float64Array;

  constructor(nodes: readonly Node[], inference: Inference) {
    const costs = nodes.map((node) => inference.cost(node.id));
    this.params = Float64Array.from(costs, (cost) => cost.params);
    this.weightBytes = Float64Array.from(costs, (cost) => cost.weightBytes);
    this.trust = costs.map((cost) => cost.trust);
    const distinct: Expr[] = [];
    const slotOf = new Map<Expr | string, number>();
    const slot = (expr: Expr | undefined): number => {
      if (expr === undefined) {
        return -1;
      }
      const identity = typeof expr === "number" ? expr : expr.key;
      const known = slotOf.get(identity);
      if (known !== undefined) {
        return known;
      }
      slotOf.set(identity, distinct.length);
      distinct.push(expr);
      return distinct.length - 1;
    };
    this.slots = {
      macs: Int32Array.from(costs, (cost) => slot(cost.macs)),
      flops: Int32Array.from(costs, (cost) => slot(cost.flops)),
      readBytes: Int32Array.from(costs, (cost) => slot(cost.readBytes)),
      writeBytes: Int32Array.from(costs, (cost) => slot(cost.writeBytes)),
    };
    this.run = compile(distinct);
  }

  at(bindings: ReadonlyMap<string, number>): Columns {
    const values = this.run(bindings);
    return {
      macs: gather(values, this.slots.macs),
      flops: gather(values, this.slots.flops),
      readBytes: gather(values, this.slots.readBytes),
      writeBytes: gather(values, this.slots.writeBytes),
    };
  }
}

/** A plain loop: this runs for every node at every move of a slider. */
function gather(values: Float64Array, slots: Int32Array): Float64Array {
  const column = new Float64Array(slots.length);
  for (let position = 0; position < slots.length; position++) {
    const slot = slots[position]!;
    column[position] = slot < 0 ? Number.NaN : values[slot]!;
  }
  return column;
}

/** NaN marks "unknown" inside the engine; outside it is null, so that nobody adds it up by accident. */
export function known(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}

/** Sum over the nodes that totals count, those without a figure left out. */
export function sumKnown(column: Float64Array, counted: Uint8Array): number {
  let sum = 0;
  for (let position = 0; position < column.length; position++) {
    const value = column[position]!;
    if (counted[position] === 1 && !Number.isNaN(value)) {
      sum += value;
    }
  }
  return sum;
}
