import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { operator } from "../../../src/core/ops/index";
import type { CaseFigures } from "../../fixtures/onnxCases";
import { operatorsPage } from "./operatorsPage";

test("docs/operators.md says what the operators say", () => {
  const root = join(import.meta.dirname, "../../..");
  const committed = readFileSync(join(root, "docs/operators.md"), "utf8");
  // When this fails: node scripts/runTypeScript.mjs test/core/ops/writeOperatorsPage.ts
  expect(committed).toBe(operatorsPage(root));
});

test("the figures know the operators that there are", () => {
  const file = join(import.meta.dirname, "../../fixtures/onnx-cases.json");
  const { coverage } = JSON.parse(readFileSync(file, "utf8")) as CaseFigures;
  const stale = Object.entries(coverage).flatMap(([domain, { missing }]) =>
    missing.filter((name) => operator(domain, name, 99) !== undefined),
  );
  // When this fails: run test/fixtures/onnxCases.ts with --write, as test/fixtures/README.md says.
  expect(stale).toEqual([]);
});
