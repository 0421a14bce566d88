import { hierarchy, treemap } from "d3-hierarchy";
import type { TreemapNode } from "../../../src/protocol/engine";

/** What a tile's area stands for. */
export type Measure = "bytes" | "params";

/** Levels below the one shown that are drawn; deeper ones would only be lines. */
const LEVELS = 3;
const TITLE_PX = 16;
/** Thinner tiles are not drawn, nor can they be hit. */
const MIN_SIDE_PX = 2;
/** Siblings that would get less room than this are drawn as one tile. */
const MIN_AREA_PX = 20;

export interface Tile {
  /** What it stands for; null for many siblings that are too small to be told apart. */
  readonly node: TreemapNode | null;
  readonly label: string;
  /** What tells it from its siblings: its label without what they all begin with. */
  readonly short: string;
  readonly path: string;
  readonly bytes: number;
  readonly params: number;
  /** 1 for the children of what is shown. */
  readonly depth: number;
  readonly isBranch: boolean;
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

interface Part {
  readonly node: TreemapNode | null;
  readonly label: string;
  readonly short: string;
  readonly path: string;
  readonly bytes: number;
  readonly params: number;
  readonly children: readonly Part[];
}

/** Tiles of all that is below a node, parents before their children, larger ones first. */
export function tilesOf(root: TreemapNode, measure: Measure, width: number, height: number): readonly Tile[] {
  const least = width * height > 0 ? (root[measure] * MIN_AREA_PX) / (width * height) : 0;
  const tree = hierarchy(partOf(root, root.label, measure, least, LEVELS), (part) => [...part.children])
    .sum((part) => (part.children.length === 0 ? part[measure] : ownOf(part, measure)))
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  return (
    treemap<Part>()
      .size([width, height])
      .paddingInner(1)
      // A line around what has parts is what shows that it has the focus.
      .paddingOuter((place) => (place.depth > 0 ? 1 : 0))
      .paddingTop((place) => (place.depth > 0 && place.children !== undefined ? TITLE_PX : 0))
      .round(true)(tree)
      .descendants()
      .filter(({ depth, x0, x1, y0, y1 }) => depth > 0 && x1 - x0 >= MIN_SIDE_PX && y1 - y0 >= MIN_SIDE_PX)
      .map(({ data: { children: _, ...part }, depth, children, x0, x1, y0, y1 }) => ({
        ...part,
        depth,
        isBranch: children !== undefined,
        x0,
        x1,
        y0,
        y1,
      }))
  );
}

/** What a part has that none of its children has. */
function ownOf(part: Part, measure: Measure): number {
  return Math.max(0, part[measure] - sumOf(part.children, measure));
}

function partOf(node: TreemapNode, short: string, measure: Measure, least: number, levels: number): Part {
  const { label, path, bytes, params, children } = node;
  const part = { node, label, short, path, bytes, params };
  if (levels === 0) {
    return { ...part, children: [] };
  }
  const large = children.filter((child) => child[measure] >= least);
  const small = children.filter((child) => child[measure] < least);
  const common = commonStart(
    large.filter((child) => child.children.length === 0).map((child) => child.label),
  );
  const drawn = large.map((child) => {
    const own = child.label.startsWith(common) ? child.label.slice(common.length) : child.label;
    return partOf(child, own, measure, least, levels - 1);
  });
  return { ...part, children: small.length === 0 ? drawn : [...drawn, together(small, path)] };
}

/** What names of tensors all begin with, up to a separator: their modules. */
function commonStart(labels: readonly string[]): string {
  const names = labels.filter((label) => /[./]/.test(label));
  const [first = "", ...others] = names;
  let length = others.reduce((shared, label) => sharedLength(first.slice(0, shared), label), first.length);
  while (length > 0 && !/[./]/.test(first[length - 1]!)) {
    length--;
  }
  return first.slice(0, length);
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) {
    length++;
  }
  return length;
}

function together(small: readonly TreemapNode[], path: string): Part {
  const label = small.length === 1 ? small[0]!.label : `${small.length} smaller ones`;
  return {
    node: null,
    label,
    short: label,
    path,
    bytes: sumOf(small, "bytes"),
    params: sumOf(small, "params"),
    children: [],
  };
}

function sumOf(
  parts: readonly { readonly bytes: number; readonly params: number }[],
  measure: Measure,
): number {
  return parts.reduce((sum, part) => sum + part[measure], 0);
}

export type Direction = "left" | "right" | "up" | "down";

const ARROWS: { readonly [key: string]: Direction } = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

export function directionOf(key: string): Direction | undefined {
  return Object.hasOwn(ARROWS, key) ? ARROWS[key] : undefined;
}

/** How much more a way aside counts than a way ahead. */
const ASIDE = 3;

/** Index of the tile that lies in that direction, of those on the same level; -1 where there is none. */
export function neighbour(tiles: readonly Tile[], from: number, direction: Direction): number {
  const start = tiles[from];
  if (start === undefined) {
    return -1;
  }
  let best = -1;
  let nearest = Number.POSITIVE_INFINITY;
  tiles.forEach((tile, index) => {
    if (index === from || tile.depth !== start.depth) {
      return;
    }
    const { ahead, aside } = way(start, tile, direction);
    const distance = ahead + ASIDE * aside;
    if (ahead >= 0 && distance < nearest) {
      nearest = distance;
      best = index;
    }
  });
  return best;
}

/** Gaps between two tiles along a direction (negative when it is not ahead) and across it. */
function way(from: Tile, to: Tile, direction: Direction): { readonly ahead: number; readonly aside: number } {
  const across = (low: number, high: number, otherLow: number, otherHigh: number) =>
    Math.max(0, otherLow - high, low - otherHigh);
  const acrossY = across(from.y0, from.y1, to.y0, to.y1);
  const acrossX = across(from.x0, from.x1, to.x0, to.x1);
  switch (direction) {
    case "left":
      return { ahead: from.x0 - to.x1, aside: acrossY };
    case "right":
      return { ahead: to.x0 - from.x1, aside: acrossY };
    case "up":
      return { ahead: from.y0 - to.y1, aside: acrossX };
    case "down":
      return { ahead: to.y0 - from.y1, aside: acrossX };
  }
}
