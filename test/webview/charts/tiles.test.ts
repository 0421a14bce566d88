import { describe, expect, it } from "vitest";
import type { TreemapNode } from "../../../src/protocol/engine";
import { neighbour, type Tile, tilesOf } from "../../../webview/shared/charts/tiles";

const leaf = (label: string, bytes: number, params = bytes): TreemapNode => ({
  label,
  path: label,
  bytes,
  params,
  children: [],
});
const parent = (label: string, children: readonly TreemapNode[]): TreemapNode => ({
  label,
  path: label,
  bytes: children.reduce((sum, child) => sum + child.bytes, 0),
  params: children.reduce((sum, child) => sum + child.params, 0),
  children,
});
const area = ({ x0, x1, y0, y1 }: Tile) => (x1 - x0) * (y1 - y0);
const byLabel = (tiles: readonly Tile[], label: string) => tiles.find((tile) => tile.label === label)!;

describe("tiles", () => {
  it("have areas in proportion to what is measured", () => {
    const root = parent("model", [leaf("a", 300, 100), leaf("b", 100, 300)]);
    const bytes = tilesOf(root, "bytes", 400, 200);
    expect(area(byLabel(bytes, "a")) / area(byLabel(bytes, "b"))).toBeCloseTo(3, 1);
    const params = tilesOf(root, "params", 400, 200);
    expect(area(byLabel(params, "b")) / area(byLabel(params, "a"))).toBeCloseTo(3, 1);
  });

  it("stay inside of their parent and do not overlap", () => {
    const inner = parent("inner", [leaf("x", 50), leaf("y", 30), leaf("z", 20)]);
    const tiles = tilesOf(parent("model", [inner, leaf("a", 100)]), "bytes", 400, 200);
    const around = byLabel(tiles, "inner");
    const leaves = ["x", "y", "z"].map((label) => byLabel(tiles, label));
    for (const tile of leaves) {
      expect(tile.depth).toBe(2);
      expect(tile.x0).toBeGreaterThanOrEqual(around.x0);
      expect(tile.x1).toBeLessThanOrEqual(around.x1);
      expect(tile.y0).toBeGreaterThanOrEqual(around.y0);
      expect(tile.y1).toBeLessThanOrEqual(around.y1);
      for (const other of leaves) {
        const apart =
          tile === other ||
          tile.x1 <= other.x0 ||
          other.x1 <= tile.x0 ||
          tile.y1 <= other.y0 ||
          other.y1 <= tile.y0;
        expect(apart).toBe(true);
      }
    }
  });

  it("name what tells tensors apart, not the modules that they share", () => {
    const names = ["h.0.mlp.fc.weight", "h.0.mlp.proj.weight", "h.0.mlp.fc.bias", "other"];
    const tiles = tilesOf(
      parent(
        "model",
        names.map((name) => leaf(name, 10)),
      ),
      "bytes",
      400,
      200,
    );
    expect(tiles.map(({ short }) => short).sort()).toEqual(["fc.bias", "fc.weight", "other", "proj.weight"]);
    const [only] = tilesOf(parent("model", [leaf("/h/0/weight", 10)]), "bytes", 400, 200);
    expect(only!.short).toBe("weight");
  });

  it("too small to be told apart are one, so that 100,000 are laid out as fast as a few", () => {
    const many = Array.from({ length: 100_000 }, (_, place) => leaf(`t${place}`, 1));
    const tiles = tilesOf(parent("model", [leaf("large", 100_000), ...many]), "bytes", 600, 300);
    expect(tiles.map(({ label }) => label)).toEqual(["large", "100000 smaller ones"]);
    expect(tiles[1]).toMatchObject({ node: null, bytes: 100_000 });
    expect(area(tiles[0]!)).toBeCloseTo(area(tiles[1]!), -4);
  });
});

describe("arrow keys", () => {
  const at = (label: string, x0: number, y0: number, x1: number, y1: number, depth = 1): Tile => ({
    node: leaf(label, 1),
    label,
    short: label,
    path: label,
    bytes: 1,
    params: 1,
    depth,
    isBranch: false,
    x0,
    y0,
    x1,
    y1,
  });
  const tiles = [
    at("left", 0, 0, 100, 200),
    at("inside", 10, 10, 90, 90, 2),
    at("upper right", 101, 0, 200, 99),
    at("lower right", 101, 100, 200, 200),
  ];
  const to = (from: number, direction: "left" | "right" | "up" | "down") =>
    tiles[neighbour(tiles, from, direction)]?.label;

  it("go to what lies there on the same level", () => {
    expect(to(0, "right")).toBe("upper right");
    expect(to(2, "down")).toBe("lower right");
    expect(to(3, "up")).toBe("upper right");
    expect(to(3, "left")).toBe("left");
  });

  it("and nowhere at an edge", () => {
    expect(to(0, "left")).toBeUndefined();
    expect(to(2, "up")).toBeUndefined();
    expect(to(1, "right")).toBeUndefined();
  });
});
