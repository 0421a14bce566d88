import type { ExampleInput } from "../../../../src/core/ops/spec";
import { DTYPE_CODES } from "../../../../src/core/tensor/dtype";
import {
  axisOf,
  between,
  coin,
  count,
  fedAs,
  floats,
  type Generator,
  generators,
  integers,
  sizes,
  storedScalar,
} from "./generator";

const RECURRENT_GATES: { readonly [op: string]: number } = { RNN: 1, GRU: 3, LSTM: 4 };

export const layerGenerators: readonly Generator[] = [
  ...generators("LayerNormalization", 17, (random) => {
    const shape = sizes(random, between(random, 1, 4));
    const axis = axisOf(random, shape.length);
    const width = shape.slice(axis);
    return {
      inputs: [floats(...shape), floats(...width), ...(coin(random) ? [floats(...width)] : [])],
      attributes: { axis },
      outputs: between(random, 1, 3),
    };
  }),
  ...generators("RMSNormalization", 23, (random) => {
    const shape = sizes(random, between(random, 1, 4));
    const axis = axisOf(random, shape.length);
    return { inputs: [floats(...shape), floats(...shape.slice(axis))], attributes: { axis } };
  }),
  ...generators("InstanceNormalization", [7, 22], (random) => {
    const shape = sizes(random, between(random, 3, 5));
    const channels = shape[1] ?? 1;
    return { inputs: [floats(...shape), floats(channels), floats(channels)] };
  }),
  ...generators("GroupNormalization", 21, (random) => {
    const groups = between(random, 1, 3);
    const channels = groups * between(random, 1, 2);
    return {
      inputs: [
        floats(2, channels, ...sizes(random, between(random, 1, 2))),
        floats(channels),
        floats(channels),
      ],
      attributes: { num_groups: groups },
    };
  }),
  ...generators("BatchNormalization", [9, 14, 15], (random) => {
    const shape = sizes(random, between(random, 2, 5));
    const channels = shape[1] ?? 1;
    return { inputs: [floats(...shape), ...Array.from({ length: 4 }, () => floats(channels))] };
  }),
  ...generators("LRN", 13, (random) => ({
    inputs: [floats(...sizes(random, 4))],
    attributes: { size: random.pick([1, 3, 5]) },
  })),
  ...generators("MeanVarianceNormalization", [9, 13], (random) => ({
    inputs: [floats(...sizes(random, 4))],
  })),
  ...generators("QuantizeLinear", [10, 13, 21], (random, opset) => {
    const shape = sizes(random, between(random, 1, 3));
    const axis = axisOf(random, shape.length);
    const perAxis = opset >= 13 && coin(random);
    const size = shape.at(axis) ?? 1;
    const scale: ExampleInput = perAxis
      ? { dtype: "float32", shape: [size], content: new Array<number>(size).fill(0.5) }
      : storedScalar(0.5, "float32");
    const type = random.pick(["uint8", "int8"] as const);
    const zero: ExampleInput = perAxis
      ? { dtype: type, shape: [size], content: new Array<number>(size).fill(1) }
      : storedScalar(1, type);
    return {
      inputs: [floats(...shape), scale, ...(coin(random) ? [zero] : [])],
      ...(perAxis ? { attributes: { axis } } : {}),
    };
  }),
  ...generators("DequantizeLinear", [10, 13, 21], (random, opset) => {
    const type = random.pick(["uint8", "int8"] as const);
    if (opset >= 21 && coin(random)) {
      const rows = between(random, 1, 3);
      const blocks = between(random, 1, 2);
      return {
        inputs: [fedAs(type, [rows, blocks * 16]), floats(rows, blocks)],
        attributes: { axis: 1, block_size: 16 },
      };
    }
    const shape = sizes(random, between(random, 1, 3));
    return { inputs: [fedAs(type, shape), storedScalar(0.5, "float32")] };
  }),
  ...generators(["RNN", "GRU", "LSTM"], [7, 14], (random, _opset, op) => {
    const gates = RECURRENT_GATES[op] ?? 1;
    const [steps = 1, batch = 1, features = 1, hidden = 1] = sizes(random, 4, 3);
    const direction = random.pick(["forward", "reverse", "bidirectional"]);
    const directions = direction === "bidirectional" ? 2 : 1;
    return {
      inputs: [
        floats(steps, batch, features),
        floats(directions, gates * hidden, features),
        floats(directions, gates * hidden, hidden),
        ...(coin(random) ? [floats(directions, 2 * gates * hidden)] : []),
      ],
      attributes: { hidden_size: hidden, direction },
      outputs: op === "LSTM" ? between(random, 1, 3) : between(random, 1, 2),
    };
  }),
  ...generators("Attention", [23, 24], (random) => {
    const [batch = 1, kvHeads = 1, groups = 1, queries = 1, keys = 1, width = 1] = sizes(random, 6, 3);
    const heads = kvHeads * groups;
    const vWidth = between(random, 1, 3);
    const mask = coin(random) ? [floats(queries, keys)] : [];
    if (coin(random)) {
      return {
        inputs: [
          floats(batch, heads, queries, width),
          floats(batch, kvHeads, keys, width),
          floats(batch, kvHeads, keys, vWidth),
          ...mask,
        ],
      };
    }
    return {
      inputs: [
        floats(batch, queries, heads * width),
        floats(batch, keys, kvHeads * width),
        floats(batch, keys, kvHeads * vWidth),
        ...mask,
      ],
      attributes: { q_num_heads: heads, kv_num_heads: kvHeads },
    };
  }),
  ...generators("RotaryEmbedding", 23, (random) => {
    const [batch = 1, heads = 1, length = 1, half = 1] = sizes(random, 4, 3);
    return {
      inputs: [
        floats(batch, heads, length, 2 * half),
        floats(8, half),
        floats(8, half),
        fedAs("int64", [batch, length], integers(random, batch * length, 0, 7)),
      ],
      attributes: { interleaved: random.below(2) },
    };
  }),
  ...generators(
    "MultiHeadAttention",
    1,
    (random) => {
      const [batch = 1, heads = 1, queries = 1, keys = 1, width = 1, vWidth = 1] = sizes(random, 6, 3);
      return {
        inputs: [
          floats(batch, queries, heads * width),
          floats(batch, keys, heads * width),
          floats(batch, keys, heads * vWidth),
        ],
        attributes: { num_heads: heads },
      };
    },
    "com.microsoft",
  ),
  ...generators(["NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"], [12, 13], (random, _opset, op) => {
    const [batch = 1, classes = 1] = sizes(random, 2, 3);
    const rest = sizes(random, between(random, 0, 2), 3);
    const labels = [batch, ...rest];
    return {
      inputs: [
        floats(batch, classes, ...rest),
        fedAs("int64", labels, integers(random, count(labels), 0, classes - 1)),
        ...(coin(random) ? [floats(classes)] : []),
      ],
      attributes: { reduction: random.pick(["none", "sum", "mean"]) },
      outputs: op === "SoftmaxCrossEntropyLoss" ? between(random, 1, 2) : 1,
    };
  }),
  ...generators("DFT", [17, 20], (random, opset) => {
    const [batch = 1, length = 1] = sizes(random, 2, 6);
    const isComplex = coin(random);
    const onesided = isComplex ? 0 : random.below(2);
    return {
      inputs: [
        floats(batch, length, isComplex ? 2 : 1),
        ...(coin(random) ? [storedScalar(between(random, 1, 8))] : []),
      ],
      attributes: { onesided, ...(opset < 20 ? { axis: 1 } : {}) },
    };
  }),
  ...generators(["HannWindow", "HammingWindow", "BlackmanWindow"], 17, (random) => ({
    inputs: [storedScalar(between(random, 1, 20))],
    attributes: {
      periodic: random.below(2),
      ...(coin(random) ? { output_datatype: DTYPE_CODES.float64 } : {}),
    },
  })),
];
