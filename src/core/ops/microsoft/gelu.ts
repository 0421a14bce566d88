import { product, tensorFact } from "../dims";
import { f32 } from "../example";
import { elementCost, flopsOf } from "../pricing";
import type { ExampleInput, OpSpec } from "../spec";

/** An activation of onnxruntime's domain; those with an optional bias add one FLOP per element for it. */
function activation(name: string, what: string, bias: "none" | "optional" | "included"): OpSpec {
  const flops = flopsOf(name);
  const inputs: readonly ExampleInput[] = bias === "none" ? [f32("batch", 8)] : [f32("batch", 8), f32(8)];
  return {
    domain: "com.microsoft",
    name,
    since: 1,
    inputs: bias === "none" ? ["X"] : bias === "optional" ? ["X", "bias"] : ["A", "B"],
    outputs: ["Y"],
    infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(0).shape)),
    cost: (ctx) =>
      elementCost(
        product(ctx.input(0).shape),
        flops + (bias === "optional" && ctx.hasInput(1) ? flopsOf("Add") : 0),
        what,
        "estimate",
      ),
    examples: [
      {
        title: bias === "none" ? "an activation" : "with its bias",
        opset: 1,
        inputs,
        bindings: { batch: 3 },
        outputs: [f32("batch", 8)],
        macs: 0,
        other: 24 * (flops + (bias === "optional" ? 1 : 0)),
      },
    ],
  };
}

export const microsoftGeluOps: readonly OpSpec[] = [
  activation("Gelu", "Gelu by erf", "none"),
  activation("BiasGelu", "adding the bias, Gelu by erf", "included"),
  activation("FastGelu", "Gelu by tanh", "optional"),
  activation("QuickGelu", "x·sigmoid(alpha·x)", "none"),
];
