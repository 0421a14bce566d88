import { expect, test } from "vitest";
import { jsonPieces } from "../../../src/cli/output/json";
import { errorLines, problemLines } from "../../../src/cli/output/messages";
import { printable, shorten } from "../../../src/cli/output/printable";
import { bytes, count, milliseconds, percent } from "../../../src/cli/output/units";
import { closest } from "../../../src/cli/suggest";

test.each([
  [0, "0"],
  [999, "999"],
  [1000, "1 k"],
  [1234567, "1.23 M"],
  [999_499, "999 k"],
  [999_999, "1 M"],
  [6.1e12, "6.1 T"],
  [null, "?"],
])("%s counts as %s", (value, text) => {
  expect(count(value)).toBe(text);
});

test("a count takes a unit", () => {
  expect(count(512, "FLOPs")).toBe("512 FLOPs");
  expect(count(1.5e9, "FLOPs")).toBe("1.5 GFLOPs");
  expect(count(null, "FLOPs")).toBe("? FLOPs");
});

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1536, "1.5 KiB"],
  [1023 * 1024, "1023 KiB"],
  [1024 ** 3 - 1, "1 GiB"],
  [null, "?"],
])("%s bytes are %s", (value, text) => {
  expect(bytes(value)).toBe(text);
});

test.each([
  [0, "0.00"],
  [0.00001, "<0.001"],
  [0.0302, "0.0302"],
  [12.345, "12.3"],
  [1234.5, "1235"],
  [null, ""],
])("%s milliseconds are %s", (value, text) => {
  expect(milliseconds(value)).toBe(text);
});

test("shares have one decimal", () => {
  expect([percent(0.1234), percent(1), percent(null)]).toEqual(["12.3 %", "100.0 %", "?"]);
});

test("cutting keeps both ends and whole characters", () => {
  expect(shorten("abcdefghij", 10)).toBe("abcdefghij");
  expect(shorten("abcdefghij", 7)).toBe("ab…ghij");
  expect(shorten("😀😀😀😀😀", 3)).toBe("…😀😀");
  expect([shorten("abc", 1), shorten("abc", 0)]).toEqual(["…", ""]);
});

test("control characters and those that turn text around do not get out", () => {
  expect(printable("a\u001b[31mb\r\nc\u202ed\u0000")).toBe("a [31mb c d");
});

test.each([
  ["sequnce", ["batch", "sequence"], "sequence"],
  ["seq", ["batch", "sequence"], "sequence"],
  ["BATCH", ["batch", "sequence"], "batch"],
  ["query/MatMul", ["/l.0/key/MatMul", "/l.0/query/MatMul"], "/l.0/query/MatMul"],
  ["height", ["batch", "sequence"], undefined],
  ["x", [], undefined],
])("%s among %j means %s", (wanted, known, meant) => {
  expect(closest(wanted, known)).toBe(meant);
});

test("JSON in pieces is the same value, absent fields left out", () => {
  const value = { a: 1, list: [{ b: [1, 2] }, "x"], none: [], nested: { c: { d: null } }, gone: undefined };
  expect(JSON.parse([...jsonPieces(value)].join(""))).toEqual(JSON.parse(JSON.stringify(value)));
  expect(JSON.parse([...jsonPieces({})].join(""))).toEqual({});
});

test("an error says what, where and what to do, and each only once", () => {
  expect(
    errorLines({
      code: "malformed",
      message: "Field 3 is\nbroken.",
      where: { file: "m.onnx", offset: 12, node: "fc" },
      hint: "Export it again.",
    }),
  ).toBe("onnxray: Field 3 is broken (m.onnx, byte 12, node fc).\n  hint: Export it again.\n");
  expect(errorLines({ code: "io", message: "m.onnx is gone.", where: { file: "m.onnx" } })).toBe(
    "onnxray: m.onnx is gone.\n",
  );
  expect(errorLines({ code: "internal", message: "x is undefined" })).toContain("report");
});

test("many problems are cut short, and say so", () => {
  const problem = { severity: "warning", code: "malformed", message: "Odd.", hint: "Look." } as const;
  const lines = problemLines(Array.from({ length: 100 }, () => problem))
    .trimEnd()
    .split("\n");
  expect(lines).toHaveLength(21);
  expect(lines[0]).toBe("onnxray: warning: Odd. Look.");
  expect(lines[20]).toBe("onnxray: … and 80 more; --json has them all.");
});
