/** A module of the tree: its own nodes and its submodules, in the order in which they first appear. */
export interface ModuleNode {
  readonly path: string;
  /** Last part of the path. */
  readonly name: string;
  readonly depth: number;
  readonly children: (ModuleNode | number)[];
  /** Positions of all nodes at and below. */
  readonly nodes: number[];
}

/** The tree that dotted module paths span. Nodes without a path hang from the root. */
export function moduleTree(paths: readonly string[]): {
  readonly root: ModuleNode;
  readonly byPath: ReadonlyMap<string, ModuleNode>;
} {
  const root: ModuleNode = { path: "", name: "", depth: -1, children: [], nodes: [] };
  const byPath = new Map<string, ModuleNode>([["", root]]);
  const moduleAt = (path: string): ModuleNode => {
    const existing = byPath.get(path);
    if (existing !== undefined) {
      return existing;
    }
    const cut = path.lastIndexOf(".");
    const parent = moduleAt(cut < 0 ? "" : path.slice(0, cut));
    const module: ModuleNode = {
      path,
      name: path.slice(cut + 1),
      depth: parent.depth + 1,
      children: [],
      nodes: [],
    };
    parent.children.push(module);
    byPath.set(path, module);
    return module;
  };
  paths.forEach((path, position) => {
    const owner = moduleAt(path);
    owner.children.push(position);
    for (let at: ModuleNode | undefined = owner; at !== undefined; ) {
      at.nodes.push(position);
      if (at === root) {
        break;
      }
      const cut = at.path.lastIndexOf(".");
      at = byPath.get(cut < 0 ? "" : at.path.slice(0, cut));
    }
  });
  return { root, byPath };
}
