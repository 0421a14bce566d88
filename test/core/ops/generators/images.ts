import type { ExampleInput } from "../../../../src/core/ops/spec";
import type { Random } from "../../../support/random";
import { between, coin, count, fedAs, floats, type Generator, generators, sizes, stored } from "./generator";

const scales = (random: Random, axes: number): number[] =>
  Array.from({ length: axes }, () => random.pick([0.4, 0.5, 1, 1.5, 2, 2.7]));

const storedFloats = (values: readonly number[]): ExampleInput => ({
  dtype: "float32",
  shape: [values.length],
  content: values,
});

const MODES = ["nearest", "linear"];

export const imageGenerators: readonly Generator[] = [
  ...generators("Upsample", [7, 9], (random, opset) => {
    const shape = sizes(random, 4, 5);
    const factors = [1, 1, between(random, 1, 3), between(random, 1, 3)];
    return opset < 9
      ? { inputs: [floats(...shape)], attributes: { mode: random.pick(MODES), scales: { floats: factors } } }
      : { inputs: [floats(...shape), storedFloats(factors)], attributes: { mode: random.pick(MODES) } };
  }),
  ...generators("Resize", [10, 11, 13, 19], (random, opset) => {
    const shape = [...sizes(random, 2, 2), ...sizes(random, 2, 6)];
    const mode = random.pick(MODES);
    const factors = [1, 1, ...scales(random, 2)];
    if (opset < 11) {
      return { inputs: [floats(...shape), storedFloats(factors)], attributes: { mode } };
    }
    // The region was required before opset 13, also where nothing reads it.
    const roi = opset < 13 ? storedFloats([]) : null;
    if (coin(random)) {
      return { inputs: [floats(...shape), roi, storedFloats(factors)], attributes: { mode } };
    }
    const wanted = [shape[0] ?? 1, shape[1] ?? 1, between(random, 1, 9), between(random, 1, 9)];
    return { inputs: [floats(...shape), roi, roi, stored(wanted)], attributes: { mode } };
  }),
  ...generators("Resize", 18, (random) => {
    const shape = [...sizes(random, 2, 2), ...sizes(random, 2, 6)];
    const isSized = coin(random);
    // onnxruntime keeps no ratio for axes that are counted from the end, against its own shape inference.
    const axes = isSized
      ? [3, 2]
      : random.pick([
          [2, 3],
          [-1, -2],
        ]);
    return {
      inputs: isSized
        ? [floats(...shape), null, null, stored([between(random, 1, 9), between(random, 1, 9)])]
        : [floats(...shape), null, storedFloats(scales(random, 2))],
      attributes: {
        axes,
        mode: random.pick(MODES),
        ...(isSized
          ? { keep_aspect_ratio_policy: random.pick(["stretch", "not_larger", "not_smaller"]) }
          : {}),
      },
    };
  }),
  ...generators("GridSample", [16, 20], (random) => {
    const [n = 1, c = 1, h = 1, w = 1, oh = 1, ow = 1] = sizes(random, 6, 4);
    return {
      inputs: [floats(n, c, h, w), floats(n, oh, ow, 2)],
      attributes: { align_corners: random.below(2) },
    };
  }),
  ...generators("ConvTranspose", [11, 22], (random) => {
    const spatial = between(random, 1, 2);
    const group = between(random, 1, 2);
    const input = sizes(random, spatial, 5);
    const kernel = sizes(random, spatial, 3);
    const strides = sizes(random, spatial, 2);
    const wanted = input.map(
      (size, i) => size * (strides[i] ?? 1) + between(random, 0, (strides[i] ?? 1) - 1),
    );
    return {
      inputs: [floats(1, 2 * group, ...input), floats(2 * group, 3, ...kernel)],
      attributes: { group, strides, ...(coin(random) ? { output_shape: wanted } : {}) },
    };
  }),
  ...generators("Conv", [11, 22], (random) => {
    const spatial = between(random, 1, 3);
    const group = between(random, 1, 3);
    const kernel = sizes(random, spatial, 3);
    const input = kernel.map((size) => size + between(random, 0, 3));
    return {
      inputs: [
        floats(between(random, 1, 2), 2 * group, ...input),
        floats(2 * group, 2, ...kernel),
        ...(coin(random) ? [floats(2 * group)] : []),
      ],
      attributes: { group, pads: [...kernel, ...kernel].map((size) => random.below(size)) },
    };
  }),
  ...generators(["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"], 7, (random) => ({
    inputs: [floats(...sizes(random, between(random, 3, 5)))],
  })),
  ...generators("Col2Im", 18, (random) => {
    const block = sizes(random, 2, 2);
    const image = block.map((size) => size + between(random, 0, 2));
    const positions = image.map((size, i) => size - (block[i] ?? 1) + 1);
    return {
      inputs: [floats(1, 2 * count(block), count(positions)), stored(image), stored(block)],
    };
  }),
  ...generators("RoiAlign", [10, 16], (random) => {
    const regions = between(random, 1, 3);
    return {
      inputs: [
        floats(2, 3, 6, 6),
        fedAs("float32", [regions, 4], Array.from({ length: regions }, () => [0, 0, 3, 3]).flat()),
        fedAs("int64", [regions], new Array<number>(regions).fill(0)),
      ],
      attributes: {
        output_height: between(random, 1, 4),
        output_width: between(random, 1, 4),
        sampling_ratio: random.below(3),
      },
    };
  }),
];
