import { isCarrier, isEitherOp, isOp, type SearchGraph } from "./graph";

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

/** Operators that thin out a sequence or bring it to another scale: its positions stay its own. */
const THINNING = [
  "Slice",
  "Gather",
  "Split",
  "Conv",
  "AveragePool",
  "MaxPool",
  "BatchNormalization",
  "Relu",
  "Pad",
];
const NORMS = ["LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization"];

/** Whether one of the values is made from one of the sources by thinning out and scaling alone. */
export function isDerived(
  search: SearchGraph,
  values: ReadonlySet<string>,
  sources: ReadonlySet<string>,
): boolean {
  return [...values].some((value) => {
    let at = value;
    for (let steps = 0; steps < MAX_STEPS && !sources.has(at); steps++) {
      const maker = search.maker(at);
      const isOnTheWay =
        maker !== undefined && (isCarrier(maker) || isOp(maker, ...THINNING) || isEitherOp(maker, ...NORMS));
      const before = isOnTheWay ? (maker.inputs[0] ?? "") : "";
      if (before === "" || search.isStored(before)) {
        return false;
      }
      at = before;
    }
    return sources.has(at);
  });
}
