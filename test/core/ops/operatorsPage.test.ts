import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { operatorsPage } from "./operatorsPage";

test("docs/operators.md says what the operators say", () => {
  const root = join(import.meta.dirname, "../../..");
  const committed = readFileSync(join(root, "docs/operators.md"), "utf8");
  // When this fails: node scripts/runTypeScript.mjs test/core/ops/writeOperatorsPage.ts
  expect(committed).toBe(operatorsPage(root));
});
