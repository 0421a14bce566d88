import type { DType } from "../../tensor/dtype";
import { tensorFact } from "../dims";
import { moveCost } from "../moving";
import type { OpSpec } from "../spec";

/** Operators on maps (ai.onnx.ml). Facts do not say what a map holds. */
const DOMAIN = "ai.onnx.ml";

const CAST_TYPES: { readonly [to: string]: DType } = {
  TO_FLOAT: "float32",
  TO_STRING: "string",
  TO_INT64: "int64",
};

const castMap: OpSpec = {
  domain: DOMAIN,
  name: "CastMap",
  since: 1,
  inputs: ["X"],
  outputs: ["Y"],
  infer(ctx) {
    const isSparse = ctx.string("map_form", "DENSE") === "SPARSE";
    const columns = isSparse ? ctx.int("max_map", 1) : ctx.fresh("keys");
    ctx.output(0, tensorFact(CAST_TYPES[ctx.string("cast_to", "TO_FLOAT")], [1, columns]));
  },
  cost: () => moveCost("the values of the map are copied in the order of their keys"),
  examples: [],
};

const dictVectorizer: OpSpec = {
  domain: DOMAIN,
  name: "DictVectorizer",
  since: 1,
  inputs: ["X"],
  outputs: ["Y"],
  infer(ctx) {
    const words = ctx.strings("string_vocabulary")?.length ?? ctx.ints("int64_vocabulary")?.length;
    ctx.output(0, tensorFact(undefined, [1, words]));
  },
  cost: () => moveCost("the values of the map are copied to the places of their keys"),
  held: ["int64_vocabulary"],
  examples: [],
};

/** A sequence with one map for each row. */
const zipMap: OpSpec = {
  domain: DOMAIN,
  name: "ZipMap",
  since: 1,
  inputs: ["X"],
  outputs: ["Z"],
  infer: (ctx) => ctx.output(0, { kind: "sequence" }),
  cost: () => moveCost("every row becomes a map"),
  examples: [],
};

export const mlMapOps: readonly OpSpec[] = [castMap, dictVectorizer, zipMap];
