import { add } from "../expr";
import type { BufferReuse, CostContext, OpCost } from "./spec";

/** The output is the first input under another name or shape. */
export const VIEW: BufferReuse = { as: "view", inputs: [0] };
/** The kernel may write over its first input. */
export const IN_PLACE: BufferReuse = { as: "in place", inputs: [0] };

/** Price of an operator that only copies: no arithmetic, every input read and every output written. */
export function moveCost(rule: string): OpCost {
  return { macs: 0, other: 0, trust: "exact", rule };
}

/** Price of an operator that only renames its input: onnxruntime hands the same buffer on, so nothing moves. */
export function viewCost(): OpCost {
  return {
    macs: 0,
    other: 0,
    readBytes: 0,
    writeBytes: 0,
    trust: "exact",
    rule: "a view: onnxruntime reuses the input's buffer, so nothing is computed or moved",
  };
}

/** Price of an operator that picks elements: it reads as many bytes as it writes, and its small other inputs. */
export function pickCost(ctx: CostContext, rule: string, alsoRead: readonly number[]): OpCost {
  let readBytes = ctx.bytes(ctx.outputFact(0));
  for (const index of alsoRead) {
    const more = ctx.hasInput(index) ? ctx.bytes(ctx.input(index)) : 0;
    readBytes = readBytes === undefined || more === undefined ? undefined : add(readBytes, more);
  }
  return { ...moveCost(rule), ...(readBytes === undefined ? {} : { readBytes }) };
}
