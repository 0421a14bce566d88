import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Tensor } from "onnxruntime-node";
import { evaluate, parse } from "../../../src/core/expr";
import { toHalf } from "../../../src/core/tensor/half";

interface InputFacts {
  readonly dtype: string;
  readonly shape: readonly (number | string)[];
  readonly below: number;
  readonly content: string;
}

const FOLDER = join(import.meta.dirname, "../../fixtures/models");

/** What to feed a fixture at its first binding, by the rule that test/fixtures/README.md states. */
export function fixtureFeeds(name: string): { readonly [name: string]: Tensor } {
  const facts = JSON.parse(
    readFileSync(join(FOLDER, `${name === "samples/encoder" ? "sample-encoder" : name}.facts.json`), "utf8"),
  ) as {
    readonly inputs: { readonly [name: string]: InputFacts };
    readonly bindings: readonly { readonly dims: { readonly [dim: string]: number } }[];
  };
  const dims = new Map(Object.entries(facts.bindings[0]!.dims));
  return Object.fromEntries(
    Object.entries(facts.inputs).map(([name, input]) => {
      const shape = input.shape.map((dim) => (typeof dim === "number" ? dim : evaluate(parse(dim)!, dims)!));
      return [name, new Tensor(input.dtype as Tensor.Type, elements(input, shape) as never, shape)];
    }),
  );
}

function elements(
  { dtype, below, content }: InputFacts,
  shape: readonly number[],
): ArrayLike<number | bigint> {
  const last = shape.at(-1) ?? 1;
  const at = (index: number): number => {
    switch (true) {
      case below > 0:
        return (7 * index) % below;
      case content === "ones":
        return 1;
      case content === "arange":
        return index % last;
      default:
        return Math.sin(index / 10);
    }
  };
  const values = Array.from({ length: shape.reduce((product, dim) => product * dim, 1) }, (_, index) =>
    at(index),
  );
  switch (dtype) {
    case "int64":
      return BigInt64Array.from(values, (value) => BigInt(Math.trunc(value)));
    case "int32":
      return Int32Array.from(values);
    case "float16":
      return Uint16Array.from(values, toHalf);
    case "bool":
      return Uint8Array.from(values, (value) => Number(value !== 0));
    default:
      return Float32Array.from(values);
  }
}
