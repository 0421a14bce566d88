import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { operator } from "../../../src/core/ops/index";
import type { ExampleInput, OpExample, OpSpec } from "../../../src/core/ops/spec";
import { expectAgreement } from "./agreement";

/** Random operands of the operators whose output sizes are hard to get right, against onnxruntime. */

const RUNS = { seed: 20260101, numRuns: 80 };

function known(name: string, opset: number): OpSpec {
  const spec = operator("", name, opset);
  expect(spec, name).toBeDefined();
  return spec as OpSpec;
}

/** The same operands with every second size, by the mask's bits, behind a symbol. */
function symbolic(
  shapes: readonly (readonly number[])[],
  mask: number,
): Pick<OpExample, "inputs" | "bindings"> {
  const bindings: { [dim: string]: number } = {};
  let bit = 0;
  const inputs = shapes.map((shape, input): ExampleInput => {
    const named = shape.map((size, axis) => {
      const hide = (mask >> (bit++ % 30)) & 1;
      bindings[`s${input}_${axis}`] = size;
      return hide === 1 ? `s${input}_${axis}` : size;
    });
    return { dtype: "float32", shape: named };
  });
  return { inputs, bindings };
}

const anyMask = fc.integer({ min: 0, max: 2 ** 30 - 1 });
const size = fc.integer({ min: 1, max: 4 });

/**
 * Two shapes that broadcast: where one has a size, the other may have 1, and either may lack axes at the front.
 * No size is 0: onnxruntime's MatMul does not broadcast 1 to 0.
 */
const broadcastPair = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 2 })), { maxLength: 3 })
  .chain((axes) =>
    fc.record({
      left: fc.constant(axes.map(([dim, one]) => (one === 1 ? 1 : dim))),
      right: fc.constant(axes.map(([dim, one]) => (one === 2 ? 1 : dim))),
      dropLeft: fc.integer({ min: 0, max: axes.length }),
      dropRight: fc.integer({ min: 0, max: axes.length }),
    }),
  )
  .map(({ left, right, dropLeft, dropRight }) => ({
    left: left.slice(dropLeft),
    right: right.slice(dropRight),
  }));

describe("MatMul", () => {
  test("broadcasts its batch axes as onnxruntime does", async () => {
    const spec = known("MatMul", 13);
    await fc.assert(
      fc.asyncProperty(broadcastPair, fc.tuple(size, size, size), anyMask, async (batch, [m, k, n], mask) => {
        const shapes = [
          [...batch.left, m, k],
          [...batch.right, k, n],
        ];
        await expectAgreement(spec, { title: "", opset: 13, ...symbolic(shapes, mask), outputs: [out] });
      }),
      RUNS,
    );
  });

  test("drops the axes of vectors as onnxruntime does", async () => {
    const spec = known("MatMul", 13);
    const stack = fc.array(size, { maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(stack, fc.tuple(size, size), fc.nat(2), anyMask, async (batch, [k, n], form, mask) => {
        const matrix = [...batch, k, n];
        const shapes = form === 0 ? [[k], matrix] : form === 1 ? [[...batch, n, k], [k]] : [[k], [k]];
        await expectAgreement(spec, { title: "", opset: 13, ...symbolic(shapes, mask), outputs: [out] });
      }),
      { ...RUNS, numRuns: 40 },
    );
  });
});

const out = { dtype: "float32", shape: [] } as const;

/** How a window slides along one axis; sizes that onnxruntime accepts (pads smaller than the kernel, room for one). */
const axis = fc
  .record({
    kernel: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 4 }),
    dilation: fc.integer({ min: 1, max: 3 }),
    begin: fc.integer({ min: 0, max: 3 }),
    end: fc.integer({ min: 0, max: 3 }),
    extra: fc.integer({ min: 0, max: 7 }),
  })
  .map(({ kernel, begin, end, extra, dilation, stride }) => ({
    kernel,
    stride,
    dilation,
    begin: Math.min(begin, kernel - 1),
    end: Math.min(end, kernel - 1),
    input: (kernel - 1) * dilation + 1 + extra,
  }));

type Axis = typeof axis extends fc.Arbitrary<infer Value> ? Value : never;

const axes = fc.array(axis, { minLength: 1, maxLength: 2 });
const padding = fc.constantFrom("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER");

/** onnxruntime refuses pools whose SAME padding would be negative. */
const overlapping = (window: readonly Axis[]): readonly Axis[] =>
  window.map((one) => ({ ...one, stride: Math.min(one.stride, one.kernel) }));

/** With ceil_mode the one window may hang over the end of an input that is smaller. */
const hanging = (window: readonly Axis[], cut: number): readonly Axis[] =>
  window.map((one) => ({ ...one, input: Math.max(1, one.input - Math.min(cut, one.stride - 1)) }));

function windowAttributes(window: readonly Axis[], autoPad: string) {
  return {
    kernel_shape: window.map(({ kernel }) => kernel),
    strides: window.map(({ stride }) => stride),
    ...(autoPad.startsWith("SAME") ? {} : { dilations: window.map(({ dilation }) => dilation) }),
    ...(autoPad === "NOTSET"
      ? { pads: [...window.map(({ begin }) => begin), ...window.map(({ end }) => end)] }
      : { auto_pad: autoPad }),
  };
}

describe("sliding windows", () => {
  test("Conv has as many positions as onnxruntime finds", async () => {
    const spec = known("Conv", 13);
    await fc.assert(
      fc.asyncProperty(
        axes,
        padding,
        fc.integer({ min: 1, max: 2 }),
        anyMask,
        async (window, pad, group, mask) => {
          const shapes = [
            [2, 2 * group, ...window.map(({ input }) => input)],
            [3 * group, 2, ...window.map(({ kernel }) => kernel)],
          ];
          await expectAgreement(spec, {
            title: "",
            opset: 13,
            ...symbolic(shapes, mask),
            attributes: { ...windowAttributes(window, pad), group },
            outputs: [out],
          });
        },
      ),
      RUNS,
    );
  });

  test("ConvTranspose makes as many positions as onnxruntime", async () => {
    const spec = known("ConvTranspose", 13);
    await fc.assert(
      fc.asyncProperty(axes, padding, fc.nat(2), anyMask, async (window, pad, outputPadding, mask) => {
        const shapes = [
          [1, 2, ...window.map(({ input }) => input)],
          [2, 3, ...window.map(({ kernel }) => kernel)],
        ];
        await expectAgreement(spec, {
          title: "",
          opset: 13,
          ...symbolic(shapes, mask),
          attributes: {
            ...windowAttributes(window, pad),
            output_padding: window.map(({ stride }) => Math.min(outputPadding, stride - 1)),
          },
          outputs: [out],
        });
      }),
      RUNS,
    );
  });

  test.each([
    ["MaxPool", 12, true],
    ["MaxPool", 22, true],
    ["AveragePool", 11, false],
    ["AveragePool", 22, true],
    ["LpPool", 18, true],
  ] as const)("%s %i has as many positions as onnxruntime finds", async (name, opset, dilates) => {
    const spec = known(name, opset);
    await fc.assert(
      fc.asyncProperty(
        axes,
        padding,
        fc.boolean(),
        fc.nat(4),
        anyMask,
        async (drawn, pad, ceil, cut, mask) => {
          const window = ceil && !pad.startsWith("SAME") ? hanging(drawn, cut) : drawn;
          const used = pad.startsWith("SAME") ? overlapping(window) : window;
          const { dilations, ...plain } = windowAttributes(used, pad) as { dilations?: number[] };
          await expectAgreement(spec, {
            title: "",
            opset,
            ...symbolic([[1, 2, ...window.map(({ input }) => input)]], mask),
            attributes: {
              ...plain,
              ...(dilates && dilations !== undefined ? { dilations } : {}),
              ceil_mode: ceil ? 1 : 0,
            },
            outputs: [out],
          });
        },
      ),
      RUNS,
    );
  });
});
