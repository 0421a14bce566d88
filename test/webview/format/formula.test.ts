import { expect, it } from "vitest";
import { withNumbers } from "../../../webview/shared/format/formula";

it.each([
  ["1536·batch·n² + 2·n", { batch: 2, n: 128 }, "1536·2·128² + 2·128"],
  ["past_sequence + past", { past: 3, past_sequence: 7 }, "7 + 3"],
  ["(3·batch + 3)·n", { n: 5 }, "(3·batch + 3)·5"],
  ["floor(n / 7)·a.b", { n: 14, "a.b": 2, a: 9, b: 9 }, "floor(14 / 7)·2"],
  ["n·name·2n", { n: 4 }, "4·name·2n"],
  ["42", {}, "42"],
])("puts numbers into %s", (formula, values, expected) => {
  expect(withNumbers(formula, values)).toBe(expected);
});
