import type { Dim } from "../facts/fact";
import { tensorFact } from "./dims";
import { constant, f32, fed, of } from "./example";
import { moveCost } from "./moving";
import { unknownCost } from "./pricing";
import { frontAxes, sizesOf } from "./small";
import type { OpSpec } from "./spec";

/** The picture's size is in the encoded stream. */
const imageDecoder: OpSpec = {
  domain: "",
  name: "ImageDecoder",
  since: 20,
  inputs: ["encoded_stream"],
  outputs: ["image"],
  infer(ctx) {
    const channels = ctx.string("pixel_format", "RGB") === "Grayscale" ? 1 : 3;
    ctx.output(0, { dtype: "uint8", shape: [ctx.fresh("height"), ctx.fresh("width"), channels] });
  },
  cost: () => unknownCost("decoding an image costs what its format and content ask"),
  examples: [
    {
      title: "colours",
      opset: 20,
      inputs: [fed("uint8", ["n"], [66, 77])],
      bindings: { n: 2, "out0.height": 1, "out0.width": 1 },
      outputs: [of("uint8", "out0.height", "out0.width", 3)],
      noKernel: "Could not find an implementation for ImageDecoder",
    },
  ],
};

const centerCropPad: OpSpec = {
  domain: "",
  name: "CenterCropPad",
  since: 18,
  inputs: ["input_data", "shape"],
  outputs: ["output_data"],
  infer(ctx) {
    const { shape, dtype } = ctx.input(0);
    const sizes = sizesOf(ctx.input(1));
    if (shape === undefined) {
      ctx.output(0, tensorFact(dtype, undefined));
      return;
    }
    const axes = frontAxes(ctx.ints("axes") ?? [...shape.keys()], shape.length);
    if (axes === undefined || (sizes !== undefined && sizes.length !== axes.length)) {
      ctx.problem("shape and axes do not fit the rank of the data");
    }
    const result: Dim[] = [...shape];
    axes?.forEach((axis, i) => {
      result[axis] = sizes?.[i];
    });
    ctx.output(0, tensorFact(dtype, result));
  },
  cost: () => moveCost("the centre is copied and the border filled"),
  examples: [
    {
      title: "rows cropped, columns padded",
      opset: 18,
      inputs: [f32(20, 10, "c"), constant("int64", [2], [10, 14])],
      attributes: { axes: [0, -2] },
      bindings: { c: 3 },
      outputs: [f32(10, 14, "c")],
      macs: 0,
      other: 0,
    },
  ],
};

export const imageOps: readonly OpSpec[] = [imageDecoder, centerCropPad];
