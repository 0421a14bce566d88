import { parametersOf } from "../../core/infer/price";
import type { TensorRef } from "../../core/model/types";
import { byteLength } from "../../core/tensor/size";
import type { TreemapNode } from "../../protocol/engine";
import { type ModuleNode, moduleTree } from "../table/modules";
import type { ModelState } from "./state";
import { tensorsOf } from "./weights";

/** Smaller parts of the whole cannot be seen or pointed at. */
const SMALLEST_SHARE = 0.002;

interface Size {
  bytes: number;
  params: number;
}

/** The leaves of a tree of sizes, by position. */
export interface Leaves {
  /** Dotted module paths. */
  readonly paths: readonly string[];
  readonly labels: readonly string[];
  readonly sizes: readonly Readonly<Size>[];
}

/** Where the weights are, by module; a tensor counts where it is read first. */
export function parameterTree(state: ModelState): TreemapNode {
  const seen = new Set<TensorRef>();
  const sizes = state.nodes.map((_, position): Size => {
    const size = { bytes: 0, params: 0 };
    for (const tensor of tensorsOf(state, position)) {
      if (!seen.has(tensor)) {
        seen.add(tensor);
        size.bytes += byteLength(tensor);
        size.params += parametersOf(tensor);
      }
    }
    return size;
  });
  return sizeTree({ paths: state.paths, labels: state.names, sizes }, SMALLEST_SHARE);
}

/** Leaves by module; those smaller than a share of the whole come together as "other". */
export function sizeTree(leaves: Leaves, smallestShare: number): TreemapNode {
  const { root } = moduleTree(leaves.paths);
  return branch(leaves, root, sumOver(root.nodes, leaves.sizes).bytes * smallestShare);
}

function branch(leaves: Leaves, module: ModuleNode, smallest: number): TreemapNode {
  const { labels, sizes } = leaves;
  const children: TreemapNode[] = [];
  const rest: Size = { bytes: 0, params: 0 };
  for (const child of module.children) {
    const size = typeof child === "number" ? sizes[child]! : sumOver(child.nodes, sizes);
    if (size.bytes < smallest || size.bytes === 0) {
      rest.bytes += size.bytes;
      rest.params += size.params;
    } else {
      children.push(
        typeof child === "number"
          ? { label: labels[child]!, path: module.path, ...size, children: [] }
          : branch(leaves, child, smallest),
      );
    }
  }
  const other: TreemapNode[] =
    rest.bytes > 0 && children.length > 0
      ? [{ label: "other", path: module.path, ...rest, children: [] }]
      : [];
  const whole = sumOver(module.nodes, sizes);
  const [only] = children;
  if (children.length === 1 && only!.children.length > 0) {
    // A level with one part in it says nothing: its part takes its place.
    const inside = [...only!.children, ...other];
    return module.name === ""
      ? { label: "model", path: "", ...whole, children: inside }
      : { label: `${module.name}.${only!.label}`, path: only!.path, ...whole, children: inside };
  }
  return {
    label: module.name === "" ? "model" : module.name,
    path: module.path,
    ...whole,
    children: [...children, ...other].sort((a, b) => b.bytes - a.bytes),
  };
}

function sumOver(positions: readonly number[], sizes: readonly Readonly<Size>[]): Size {
  const sum = { bytes: 0, params: 0 };
  for (const position of positions) {
    sum.bytes += sizes[position]!.bytes;
    sum.params += sizes[position]!.params;
  }
  return sum;
}
