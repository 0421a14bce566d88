import { isCarrier, type SearchGraph } from "./graph";

const MAX_STEPS = 32;

/** The value that another one is, but for its type, its shape and its quantisation. */
export function sourceOf(search: SearchGraph, value: string): string {
  let at = value;
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const maker = search.maker(at);
    const before = maker !== undefined && isCarrier(maker) ? (maker.inputs[0] ?? "") : "";
    if (before === "" || search.isStored(before)) {
      return at;
    }
    at = before;
  }
  return at;
}
