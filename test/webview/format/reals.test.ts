import { expect, it } from "vitest";
import { real } from "../../../webview/shared/format/reals";

it.each([
  [null, "–"],
  [0, "0"],
  [0.5, "0.5"],
  [-12.3456, "-12.35"],
  [0.0001234567, "0.0001235"],
  [0.00001234567, "1.235e-5"],
  [1e-5, "1e-5"],
  [123456, "123500"],
  [3.4e38, "3.4e38"],
  [Number.POSITIVE_INFINITY, "Infinity"],
])("%s reads %s", (value, text) => {
  expect(real(value)).toBe(text);
});
