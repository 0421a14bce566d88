import { type HierarchyRectangularNode, hierarchy, treemap } from "d3-hierarchy";
import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import type { TreemapNode } from "../../../src/protocol/engine";
import { bytes, count, exact, percent } from "../format/units";
import { shareStep } from "../ui/share";
import { useSize } from "../ui/useSize";
import "./charts.css";

/** Levels below the one shown that are drawn; deeper ones would only be lines. */
const LEVELS = 3;
const TITLE_PX = 16;
/** Smaller boxes hold no label. */
const LABEL_MIN = { width: 34, height: 15 };
/** Thinner boxes are not drawn, nor can they be hit. */
const MIN_BOX_PX = 2;

export interface TreemapProps {
  readonly root: TreemapNode;
  readonly onOpen: (node: TreemapNode) => void;
}

/** Where bytes of weights sit, by module: area is size, colour is the share of the whole. */
export function Treemap({ root, onOpen }: TreemapProps): VNode {
  const box = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(box);
  return (
    <div class="treemap" ref={box}>
      {width > 0 &&
        height > 0 &&
        boxes(root, width, height).map((node) => (
          <Box
            key={`${node.depth} ${node.data.path} ${node.data.label}`}
            node={node}
            total={root.bytes}
            onOpen={onOpen}
          />
        ))}
    </div>
  );
}

type Rectangle = HierarchyRectangularNode<TreemapNode>;

function boxes(root: TreemapNode, width: number, height: number): Rectangle[] {
  const tree = hierarchy(pruned(root, LEVELS), (node) => [...node.children])
    .sum((node) => (node.children.length === 0 ? node.bytes : ownBytes(node)))
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  const laidOut = treemap<TreemapNode>()
    .size([width, height])
    .paddingInner(1)
    .paddingTop((node) => (node.depth > 0 && node.children !== undefined ? TITLE_PX : 0))
    .round(true)(tree);
  return laidOut
    .descendants()
    .filter((node) => node.depth > 0 && node.x1 - node.x0 >= MIN_BOX_PX && node.y1 - node.y0 >= MIN_BOX_PX);
}

/** Bytes of a module that none of its children holds. */
function ownBytes(node: TreemapNode): number {
  return Math.max(0, node.bytes - node.children.reduce((sum, child) => sum + child.bytes, 0));
}

function pruned(node: TreemapNode, levels: number): TreemapNode {
  return {
    ...node,
    children: levels === 0 ? [] : node.children.map((child) => pruned(child, levels - 1)),
  };
}

function Box({
  node,
  total,
  onOpen,
}: {
  readonly node: Rectangle;
  readonly total: number;
  readonly onOpen: (node: TreemapNode) => void;
}): VNode {
  const { data, x0, x1, y0, y1 } = node;
  const size = { width: x1 - x0, height: y1 - y0 };
  const share = total > 0 ? data.bytes / total : 0;
  const hasLabel = size.width >= LABEL_MIN.width && size.height >= LABEL_MIN.height;
  const hover = `${data.path || data.label}\n${bytes(data.bytes)} (${exact(data.bytes)} bytes), ${count(data.params)} parameters\n${percent(share)} of the weights`;
  return (
    <button
      type="button"
      class={`treemap-box tint-${shareStep(share)} ${node.children === undefined ? "leaf" : "branch"}`}
      style={{ left: `${x0}px`, top: `${y0}px`, width: `${size.width}px`, height: `${size.height}px` }}
      title={hover}
      aria-label={hover}
      tabIndex={node.depth === 1 ? 0 : -1}
      onClick={() => onOpen(data)}
    >
      {hasLabel && <span class="treemap-label">{data.label}</span>}
    </button>
  );
}
