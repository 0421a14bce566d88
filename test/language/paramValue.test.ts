import { expect, test } from "vitest";
import type { ParamSpec } from "../../src/protocol/actions";
import { faultOf, textOf, valueOfText } from "../../src/protocol/paramValue";

const NUMBER: ParamSpec = { name: "n", title: "Length", kind: "number", default: 1 };
const NAME: ParamSpec = { name: "to", title: "New name", kind: "text", default: "x" };
const LIST: ParamSpec = { name: "keep", title: "Stay in float32", kind: "text", default: "" };

test("numbers are numbers, and what has a default is not empty", () => {
  expect(["12", " -1.5 ", "1e3"].map((text) => [faultOf(NUMBER, text), valueOfText(NUMBER, text)])).toEqual([
    [undefined, 12],
    [undefined, -1.5],
    [undefined, 1000],
  ]);
  expect(["", " ", "n", "1,5", "Infinity"].map((text) => faultOf(NUMBER, text))).toEqual(
    Array(5).fill("Length is a number."),
  );
  expect([faultOf(NAME, " "), faultOf(NAME, " y "), valueOfText(NAME, " y ")]).toEqual([
    "New name cannot be empty.",
    undefined,
    "y",
  ]);
  expect([faultOf(LIST, ""), valueOfText(LIST, "")]).toEqual([undefined, ""]);
});

test("values are shown as they are typed", () => {
  expect([textOf("a"), textOf(12), textOf(null), textOf(["a", "b"])]).toEqual(["a", "12", "", '["a","b"]']);
});
