import type { VNode } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { TreemapNode } from "../../../src/protocol/engine";
import { bytes, count, exact, percent } from "../format/units";
import { shareStep } from "../ui/share";
import { useSize } from "../ui/useSize";
import { directionOf, type Measure, neighbour, type Tile, tilesOf } from "./tiles";
import "./charts.css";

/** Smaller tiles hold no label. */
const LABEL_MIN = { width: 34, height: 15 };

export interface TreemapProps {
  readonly root: TreemapNode;
  readonly measure?: Measure;
  /** What it shows, for screen readers. */
  readonly label?: string;
  readonly onOpen: (node: TreemapNode) => void;
  /** Leads back to where one came from: Escape and Backspace. */
  readonly onBack?: (() => void) | undefined;
}

/**
 * Where weights sit: area is size, colour is the share of the whole. Arrow keys go from tile to tile, Enter opens one.
 */
export function Treemap({
  root,
  measure = "bytes",
  label = "Weights by size",
  onOpen,
  onBack,
}: TreemapProps): VNode {
  const box = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(box);
  const tiles = useMemo(() => tilesOf(root, measure, width, height), [root, measure, width, height]);
  const [active, setActive] = useState(0);
  // Opening a tile takes away the element that had the focus.
  const refocus = useRef(false);
  const focusTile = (index: number) => {
    setActive(index);
    box.current?.querySelector<HTMLElement>(`[data-tile="${index}"]`)?.focus();
  };
  useLayoutEffect(() => {
    setActive(0);
    if (refocus.current) {
      refocus.current = false;
      focusTile(0);
    }
  }, [root]);

  const onKeyDown = (event: KeyboardEvent) => {
    const direction = directionOf(event.key);
    if (direction !== undefined) {
      event.preventDefault();
      const next = neighbour(tiles, active, direction);
      if (next >= 0) {
        focusTile(next);
      }
    } else if ((event.key === "Escape" || event.key === "Backspace") && onBack !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      refocus.current = true;
      onBack();
    }
  };
  const onFocusIn = (event: FocusEvent) => {
    const index = event.target instanceof HTMLElement ? event.target.dataset["tile"] : undefined;
    if (index !== undefined) {
      setActive(Number(index));
    }
  };
  const open = (tile: Tile, index: number) => {
    setActive(index);
    if (tile.node !== null) {
      refocus.current = true;
      onOpen(tile.node);
    }
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form's
    <div
      class="treemap"
      ref={box}
      role="group"
      aria-label={label}
      onKeyDown={onKeyDown}
      onFocusIn={onFocusIn}
    >
      {tiles.map((tile, index) => (
        <Box
          key={`${tile.depth} ${tile.path} ${tile.label}`}
          tile={tile}
          index={index}
          isActive={index === Math.min(active, tiles.length - 1)}
          share={root[measure] > 0 ? tile[measure] / root[measure] : 0}
          measure={measure}
          onOpen={() => open(tile, index)}
        />
      ))}
    </div>
  );
}

/** Its path, and before that its own name where the path is that of what it stands in. */
function nameOf({ node, label, path }: Tile): string {
  if (node === null || path === "") {
    return label;
  }
  return path.endsWith(label) ? path : `${label}\nin ${path}`;
}

function Box({
  tile,
  index,
  isActive,
  share,
  measure,
  onOpen,
}: {
  readonly tile: Tile;
  readonly index: number;
  readonly isActive: boolean;
  readonly share: number;
  readonly measure: Measure;
  readonly onOpen: () => void;
}): VNode {
  const { x0, x1, y0, y1 } = tile;
  const size = { width: x1 - x0, height: y1 - y0 };
  const hasLabel = size.width >= LABEL_MIN.width && size.height >= LABEL_MIN.height;
  const hover = [
    nameOf(tile),
    `${bytes(tile.bytes)} (${exact(tile.bytes)} bytes), ${count(tile.params)} parameters`,
    `${percent(share)} of the ${measure === "bytes" ? "weights" : "parameters"} shown`,
  ].join("\n");
  return (
    <button
      type="button"
      data-tile={index}
      class={`treemap-box tint-${shareStep(share)} ${tile.isBranch ? "branch" : "leaf"}`}
      style={{ left: `${x0}px`, top: `${y0}px`, width: `${size.width}px`, height: `${size.height}px` }}
      title={hover}
      aria-label={hover}
      tabIndex={isActive ? 0 : -1}
      onClick={onOpen}
    >
      {hasLabel && <span class="treemap-label">{tile.short}</span>}
    </button>
  );
}
