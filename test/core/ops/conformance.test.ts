import { describe, expect, test } from "vitest";
import { OPERATORS } from "../../../src/core/ops/index";
import { expectAgreement, refusal } from "./agreement";

describe.each(
  OPERATORS.filter((spec) => spec.examples.length > 0).map(
    (spec) => [`${spec.domain}:${spec.name} since ${spec.since}`, spec] as const,
  ),
)("%s", (_, spec) => {
  test.each(spec.examples.map((example) => [`${example.title} (opset ${example.opset})`, example] as const))(
    "%s",
    async (_title, example) => {
      if (example.noKernel === undefined) {
        await expectAgreement(spec, example);
      } else {
        expect(await refusal(spec, example)).toContain(example.noKernel);
      }
    },
  );
});
