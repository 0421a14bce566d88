import type { TensorKey, TensorRole, TensorRow } from "../../../src/protocol/parameters";

export const ROLE_WORDS: { readonly [role in TensorRole]: string } = {
  weight: "weight",
  bias: "bias",
  norm: "norm",
  vocabulary: "vocabulary",
  positions: "positions",
  scale: "scale",
  zeroPoint: "zero point",
  constant: "constant",
};

/** "768 × 3072"; a scalar has no sizes. */
export function shapeWords(dims: readonly number[]): string {
  return dims.length === 0 ? "scalar" : dims.join(" × ");
}

/** Tells tensors apart: names are only unique within a graph. */
export function keyOf({ graph, name }: TensorKey): string {
  return `${graph}\n${name}`;
}

/** Whose content it shares, in few words; "" where it shares none. */
export function sharingWords({ sharing }: TensorRow): string {
  switch (sharing?.kind) {
    case "tied":
      return `tied, ${sharing.uses} uses`;
    case "copy":
      return `copy of ${sharing.of}`;
    case "transposed":
      return `transposed ${sharing.of}`;
    case undefined:
      return "";
  }
}
