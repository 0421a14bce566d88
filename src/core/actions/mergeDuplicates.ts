import { isGivenOut } from "../edit/graphs";
import type { Edit } from "../edit/types";
import { ModelError } from "../errors";
import type { Graph, Model, TensorRef } from "../model/types";
import { byteLength, type TensorReader } from "../tensor/reader";
import { counted } from "./naming";
import { readInstead } from "./rewire";
import { type ModelAction, WHOLE_MODEL } from "./types";

const ID = "mergeDuplicates";
const TITLE = "Store equal weights once";
/** Smaller ones are not worth a change of the graph. */
const LEAST_BYTES = 64;
/** Bytes looked at in three places of a weight before it is called a likely copy. */
const SAMPLE_BYTES = 256;

/** Initializers of the main graph with the same elements become one. */
export const mergeDuplicates: ModelAction = {
  scope: "model",
  id: ID,
  title: TITLE,
  description:
    "Initializers with the same type, shape and elements become one, which all readers share. Outputs stay exactly the same.",

  answers({ model }) {
    const copies = alike(model, (tensor) => sample(model, tensor)).flatMap(([, ...others]) => others);
    if (copies.length === 0) {
      return [];
    }
    const before = [...model.graph.initializers.values()].reduce(
      (sum, tensor) => sum + byteLength(tensor),
      0,
    );
    const saved = copies.reduce((sum, tensor) => sum + byteLength(tensor), 0);
    return [
      {
        kind: "offer",
        offer: {
          call: { action: ID, target: WHOLE_MODEL, params: {} },
          title: TITLE,
          detail: `${counted(copies.length, "initializer")} look like copies of others; they are compared in full when this is applied`,
          weightBytesBefore: before,
          weightBytesAfter: before - saved,
        },
      },
    ];
  },

  plan({ model }, _params, reader) {
    const { graph } = model;
    const edits = alike(model, sizeOnly).flatMap((group) => {
      const kept: TensorRef[] = [];
      return group.flatMap((tensor): readonly Edit[] => {
        const same = kept.find((other) => areEqual(other, tensor, reader));
        if (same === undefined) {
          kept.push(tensor);
          return [];
        }
        return [
          ...readInstead(graph, tensor.name, same.name),
          { kind: "dropTensor", graph: graph.path, name: tensor.name },
        ];
      });
    });
    if (edits.length === 0) {
      throw new ModelError("inconsistent", "No two weights of the model are equal.");
    }
    return { label: TITLE, edits };
  },
};

/** Groups of two and more with equal type and shape, and equal in what `looks` sees. */
function alike(model: Model, looks: (tensor: TensorRef) => string | undefined): readonly TensorRef[][] {
  const { graph } = model;
  const groups = new Map<string, TensorRef[]>();
  for (const tensor of graph.initializers.values()) {
    const look = isFree(graph, tensor) ? looks(tensor) : undefined;
    if (look !== undefined) {
      const key = `${tensor.dtype} ${tensor.dims.join(" ")} ${look}`;
      groups.set(key, [...(groups.get(key) ?? []), tensor]);
    }
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

/** Neither a caller nor an output knows it by its name. */
function isFree(graph: Graph, { name, sparse, ...tensor }: TensorRef): boolean {
  return (
    sparse === undefined &&
    byteLength({ name, ...tensor }) >= LEAST_BYTES &&
    !graph.inputs.some((input) => input.name === name) &&
    !isGivenOut(graph, name)
  );
}

const sizeOnly = () => "";

/** A few bytes of the beginning, the middle and the end; for a side file, only the place. Undefined when they are not at hand. */
function sample(model: Model, { data }: TensorRef): string | undefined {
  if (data.kind === "external") {
    return `${data.location} ${data.offset}`;
  }
  if (data.kind !== "stored" || data.encoding.kind !== "raw" || data.spans.length !== 1) {
    return undefined;
  }
  const { start, end } = data.spans[0]!;
  const length = Math.min(SAMPLE_BYTES, end - start);
  const bytes = new Uint8Array(length);
  return [start, start + Math.floor((end - start - length) / 2), end - length]
    .map((offset) => {
      model.source.read(offset, bytes);
      return bytes.join(",");
    })
    .join(";");
}

/** Both are read piece by piece until they differ. */
function areEqual(a: TensorRef, b: TensorRef, reader: TensorReader): boolean {
  const left = bytesOf(a, reader);
  const right = bytesOf(b, reader);
  for (;;) {
    const [x, y] = [left.next(), right.next()];
    if (x.done || y.done) {
      return x.done === y.done;
    }
    if (x.value.length !== y.value.length || x.value.some((byte, index) => byte !== y.value[index])) {
      return false;
    }
  }
}

/** Pieces of equal length, however the elements are stored. */
function* bytesOf(tensor: TensorRef, reader: TensorReader): Generator<Uint8Array> {
  const PIECE = 1 << 16;
  let rest = new Uint8Array();
  for (const chunk of reader.raw(tensor)) {
    let at = 0;
    while (rest.length + chunk.length - at >= PIECE) {
      const piece = new Uint8Array(PIECE);
      piece.set(rest);
      piece.set(chunk.subarray(at, at + PIECE - rest.length), rest.length);
      at += PIECE - rest.length;
      rest = new Uint8Array();
      yield piece;
    }
    const left = new Uint8Array(rest.length + chunk.length - at);
    left.set(rest);
    left.set(chunk.subarray(at), rest.length);
    rest = left;
  }
  if (rest.length > 0) {
    yield rest;
  }
}
