import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as conventions from "../../../src/core/ops/conventions";

const page = readFileSync(join(import.meta.dirname, "../../../docs/costs.md"), "utf8");

test("docs/costs.md states the cost of every elementwise operator as the code has it", () => {
  const stated = [...page.matchAll(/^\| (\w+) \| (\d+) \|$/gm)].map(([, name, flops]) => [
    name,
    Number(flops),
  ]);
  expect(Object.fromEntries(stated)).toEqual(conventions.ELEMENTWISE_FLOPS);
});

test("docs/costs.md states every other constant as the code has it", () => {
  const stated = [...page.matchAll(/^\| [^|]*\((\w+_FLOPS)\) \| (\d+) \|/gm)].map(([, name, flops]) => [
    name,
    Number(flops),
  ]);
  const { ELEMENTWISE_FLOPS: _, ...others } = conventions;
  expect(Object.fromEntries(stated)).toEqual(others);
});
