import { describe, expect, test } from "vitest";
import { operator } from "../../../src/core/ops/index";
import { Random } from "../../support/random";
import { expectSame } from "./agreement";
import type { Generator } from "./generators/generator";
import { GENERATORS } from "./generators/index";
import { type RanOutput, runExample } from "./runExample";

/** At least so many uses of each operator that onnxruntime accepts, over all versions that are generated. */
const CASES = 50;
/** Uses that onnxruntime refuses are not ours to judge; generators must mostly make others. */
const MOST_REFUSED = 4 * CASES;

const ops = new Map<string, Generator[]>();
for (const generator of GENERATORS) {
  const key = `${generator.domain ?? ""}:${generator.op}`;
  ops.set(key, [...(ops.get(key) ?? []), generator]);
}

describe.each([...ops])("%s", (_key, generators) => {
  const each = Math.ceil(CASES / generators.length);

  test.each(generators.map((generator) => [generator.opset, generator] as const))(
    "opset %i as onnxruntime",
    async (opset, generator) => {
      const spec = operator(generator.domain ?? "", generator.op, opset);
      if (spec === undefined) {
        throw new Error(`no operator ${generator.op}`);
      }
      const random = new Random(20_261_125 + opset);
      let refused = 0;
      for (let accepted = 0; accepted < each; ) {
        const example = generator.make(random);
        let ran: ReadonlyMap<number, RanOutput>;
        try {
          ran = await runExample(spec, example);
        } catch (error) {
          refused++;
          expect(refused, `refused: ${String(error)}`).toBeLessThan(MOST_REFUSED);
          continue;
        }
        try {
          expectSame(spec, example, ran);
        } catch (error) {
          throw new Error(`${String(error)}\nwith ${JSON.stringify(example)}`, { cause: error });
        }
        accepted++;
      }
    },
  );
});
