import { broadcastDims, tensorFact } from "./dims";
import { of } from "./example";
import { moveCost } from "./moving";
import type { OpSpec } from "./spec";

/** Operators on strings: work of another kind than FLOPs, which counts as none. */
const stringCost = (rule: string) => () => moveCost(`${rule}; strings take no arithmetic`);

const stringConcat: OpSpec = {
  domain: "",
  name: "StringConcat",
  since: 20,
  inputs: ["X", "Y"],
  outputs: ["Z"],
  infer: (ctx) => ctx.output(0, tensorFact("string", broadcastDims(ctx.input(0).shape, ctx.input(1).shape))),
  cost: stringCost("strings are joined"),
  examples: [
    {
      title: "the smaller operand broadcasts",
      opset: 20,
      inputs: [of("string", "batch", 3), of("string", 3)],
      bindings: { batch: 2 },
      outputs: [of("string", "batch", 3)],
      macs: 0,
      other: 0,
    },
  ],
};

/** Without stop words nothing is dropped; with them, how many strings stay only the data decides. */
const stringNormalizer: OpSpec = {
  domain: "",
  name: "StringNormalizer",
  since: 10,
  inputs: ["X"],
  outputs: ["Y"],
  infer(ctx) {
    const { shape } = ctx.input(0);
    const drops = (ctx.strings("stopwords")?.length ?? 0) > 0;
    const kept = drops && shape !== undefined ? [...shape.slice(0, -1), ctx.fresh("kept")] : shape;
    ctx.output(0, tensorFact("string", kept));
  },
  cost: stringCost("case is changed and stop words dropped"),
  examples: [
    {
      title: "lower case",
      opset: 10,
      inputs: [of("string", "n")],
      attributes: { case_change_action: "LOWER", locale: "C" },
      bindings: { n: 3 },
      outputs: [of("string", "n")],
      macs: 0,
      other: 0,
    },
    {
      title: "without stop words",
      opset: 10,
      inputs: [{ dtype: "string", shape: [1, "n"], feed: [1, 2, 1] }],
      attributes: { stopwords: ["1"], locale: "C" },
      bindings: { n: 3, "out0.kept": 1 },
      outputs: [of("string", 1, "out0.kept")],
    },
  ],
};

const stringSplit: OpSpec = {
  domain: "",
  name: "StringSplit",
  since: 20,
  inputs: ["X"],
  outputs: ["Y", "Z"],
  infer(ctx) {
    const { shape } = ctx.input(0);
    ctx.output(0, tensorFact("string", shape && [...shape, ctx.fresh("parts")]));
    ctx.output(1, tensorFact("int64", shape));
  },
  cost: stringCost("strings are cut"),
  examples: [
    {
      title: "one part of each",
      opset: 20,
      inputs: [of("string", "n", 2)],
      attributes: { delimiter: "," },
      bindings: { n: 3, "out0.parts": 1 },
      outputs: [of("string", "n", 2, "out0.parts"), of("int64", "n", 2)],
      macs: 0,
      other: 0,
    },
  ],
};

const regexFullMatch: OpSpec = {
  domain: "",
  name: "RegexFullMatch",
  since: 20,
  inputs: ["X"],
  outputs: ["Y"],
  infer: (ctx) => ctx.output(0, tensorFact("bool", ctx.input(0).shape)),
  cost: stringCost("every string is matched"),
  examples: [
    {
      title: "digits",
      opset: 20,
      inputs: [of("string", "n")],
      attributes: { pattern: "[0-9]+" },
      bindings: { n: 3 },
      outputs: [of("bool", "n")],
      macs: 0,
      other: 0,
    },
  ],
};

const tfIdfVectorizer: OpSpec = {
  domain: "",
  name: "TfIdfVectorizer",
  since: 9,
  inputs: ["X"],
  outputs: ["Y"],
  infer(ctx) {
    const indexes = ctx.ints("ngram_indexes");
    const columns = indexes && indexes.reduce((largest, index) => Math.max(largest, index), -1) + 1;
    const { shape } = ctx.input(0);
    ctx.output(0, tensorFact("float32", shape && [...shape.slice(0, -1), columns]));
  },
  cost: stringCost("n-grams are looked up and counted"),
  held: ["weights", "pool_int64s", "ngram_counts", "ngram_indexes"],
  examples: [
    {
      title: "counts of single tokens and pairs in each row",
      opset: 9,
      inputs: [{ dtype: "int64", shape: ["batch", 4], feed: [2, 3, 5, 4, 7, 8, 6, 7] }],
      attributes: {
        mode: "TF",
        min_gram_length: 1,
        max_gram_length: 2,
        max_skip_count: 0,
        ngram_counts: [0, 4],
        ngram_indexes: [0, 1, 2, 3, 4, 5, 6],
        pool_int64s: [2, 3, 5, 4, 5, 6, 7, 8, 6, 7],
      },
      bindings: { batch: 2 },
      outputs: [of("float32", "batch", 7)],
      macs: 0,
      other: 0,
    },
  ],
};

export const textOps: readonly OpSpec[] = [
  stringConcat,
  stringNormalizer,
  stringSplit,
  regexFullMatch,
  tfIdfVectorizer,
];
