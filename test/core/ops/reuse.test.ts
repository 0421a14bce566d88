import { describe, expect, test } from "vitest";
import { OPERATORS } from "../../../src/core/ops/index";
import type { ExampleOutput, OpExample, OpSpec } from "../../../src/core/ops/spec";
import { bitsPerElement } from "../../../src/core/tensor/dtype";
import { runtimeReuse } from "./runtimeReuse";

const sizeOf = ({ dtype, shape }: Pick<ExampleOutput, "dtype" | "shape">): string =>
  `${bitsPerElement(dtype)} ${shape.join()}`;

/** What an operator says of an example: a view whatever its size, in place where the sizes are the same. */
function saidOf({ reuses }: OpSpec, { inputs, outputs }: OpExample, tried: readonly number[]) {
  const [output] = outputs;
  return (reuses?.inputs ?? []).filter((index) => {
    const input = inputs[index];
    const fits = input !== null && input !== undefined && output !== null && output !== undefined;
    return tried.includes(index) && fits && (reuses?.as === "view" || sizeOf(input) === sizeOf(output));
  });
}

describe.each(
  OPERATORS.filter(({ examples }) => examples.some(({ noKernel }) => noKernel === undefined)).map(
    (spec) => [`${spec.domain}:${spec.name} since ${spec.since}`, spec] as const,
  ),
)("memory that %s takes over in onnxruntime", (_, spec) => {
  test.each(
    spec.examples
      .filter(({ noKernel }) => noKernel === undefined)
      .map((example) => [`${example.title} (opset ${example.opset})`, example] as const),
  )("%s", async (_title, example) => {
    const { shared, tried } = await runtimeReuse(spec, example);
    const said = saidOf(spec, example, tried);
    expect(new Map(shared)).toEqual(new Map(said.map((index) => [index, spec.reuses?.as])));
  });
});
