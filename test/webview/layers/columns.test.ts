import { describe, expect, it } from "vitest";
import type { LayerRow } from "../../../src/protocol/rows";
import { ALL_COLUMNS, columnOf, rowsAsTsv } from "../../../webview/panels/model/layers/columns";
import { shortName } from "../../../webview/panels/model/layers/shortName";

const row: LayerRow = {
  key: "n1",
  kind: "node",
  depth: 0,
  expanded: false,
  inner: 0,
  runBy: null,
  nodes: 1,
  name: "/encoder/layer.0/MatMul",
  path: "encoder.layer.0",
  op: "MatMul",
  domain: "",
  shape: "batch×96",
  boundShape: "1×96",
  dtype: "float32",
  params: 9216,
  weightBytes: 36_864,
  macs: 9216,
  flops: 18_432,
  readBytes: 37_248,
  writeBytes: 384,
  share: 0.25,
  intensity: 0.49,
  trust: "exact",
  macsTrust: "exact",
  unknownNodes: 0,
  timeMs: null,
  timeKind: null,
  timeShare: null,
  offers: 0,
  edited: false,
};

describe("cells", () => {
  it("never show an unknown cost as zero", () => {
    const unknown: LayerRow = {
      ...row,
      macs: null,
      flops: null,
      readBytes: null,
      writeBytes: null,
      share: null,
      intensity: null,
      trust: "unknown",
      macsTrust: "unknown",
      unknownNodes: 1,
    };
    for (const id of ["macs", "flops", "share", "readBytes", "writeBytes", "intensity"] as const) {
      expect(columnOf(id).text(unknown)).toBe("?");
      expect(columnOf(id).plain(unknown)).toBe("");
    }
    expect(columnOf("params").text(unknown)).toBe("9.22 k");
  });

  it("mark a module whose parts are partly unknown as a lower bound, and one of unknown parts as unknown", () => {
    const part: LayerRow = {
      ...row,
      kind: "module",
      nodes: 4,
      unknownNodes: 1,
      trust: "unknown",
      macsTrust: "unknown",
    };
    expect(columnOf("flops").text(part)).toBe("≥18.4 k");
    expect(columnOf("share").text(part)).toBe("~25.0 %");
    expect(columnOf("flops").hover(part)).toContain("without 1 of 4 nodes");
    expect(columnOf("flops").text({ ...part, unknownNodes: 4, flops: 0 })).toBe("?");
  });

  it("tell nothing to measure from not knowing", () => {
    const still: LayerRow = { ...row, readBytes: 0, writeBytes: 0, intensity: null };
    expect(columnOf("intensity").text(still)).toBe("–");
  });

  it("mark times that were shared out, and stay empty without one", () => {
    expect(columnOf("time").text(row)).toBe("");
    expect(columnOf("time").text({ ...row, timeMs: 0.25, timeKind: "attributed" })).toBe("~250 µs");
    expect(columnOf("time").text({ ...row, timeMs: 0.25, timeKind: "measured" })).toBe("250 µs");
  });

  it("copy amounts in full and nothing that a spreadsheet would run", () => {
    const columns = ALL_COLUMNS.filter(({ id }) => ["name", "macs", "shape"].includes(id));
    const text = rowsAsTsv(columns, [{ ...row, name: "=cmd|'x'", shape: "a\tb" }]);
    expect(text.split("\n")).toEqual(["Layer\tMACs\tOutput shape", "'=cmd|'x'\t9216\ta b"]);
  });
});

describe("names beside their module", () => {
  it.each([
    ["/encoder/layer.0/MatMul", "encoder.layer.0", "MatMul"],
    ["/encoder/layer.0/attention/MatMul", "encoder.layer.0", "attention/MatMul"],
    ["encoder.layer.0.MatMul", "encoder.layer.0", "MatMul"],
    ["node_MatMul_3", "encoder.layer.0", "node_MatMul_3"],
    ["/encoder/layer.01/MatMul", "encoder.layer.0", "/encoder/layer.01/MatMul"],
    ["/encoder/layer.0/", "encoder.layer.0", "/encoder/layer.0/"],
    ["/MatMul", "", "/MatMul"],
  ])("%s in %s is %s", (name, path, short) => {
    expect(shortName({ name, path, kind: "node" })).toBe(short);
  });
});
