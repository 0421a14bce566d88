import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { TreemapNode } from "../../../../src/protocol/engine";
import { Treemap } from "../../../shared/charts/Treemap";
import { bytes, exact } from "../../../shared/format/units";
import { usePage } from "../context";
import { Card } from "./Card";

/** Where the weights sit; a box goes into its module, the end of the way to its layers. */
export function Parameters({ root }: { readonly root: TreemapNode }): VNode {
  const { store, layers } = usePage();
  const [path, setPath] = useState("");
  const trail = trailTo(root, path);
  const shown = trail.at(-1)!;
  const open = (node: TreemapNode) => {
    if (node.children.length > 0 || findNode(root, node.path)?.children.length) {
      setPath(node.path);
    } else {
      layers.setFilter({ text: "", ops: [], module: node.path });
      store.update({ view: "layers", sort: { column: "weightBytes", descending: true } });
    }
  };
  return (
    <Card
      area="parameters"
      title="Weights"
      note={
        <nav class="trail" aria-label="Module">
          {trail.map((node, place) =>
            place === trail.length - 1 ? (
              <span key={node.path} class="muted num" title={`${exact(node.bytes)} bytes`}>
                {place > 0 && `${node.label} `}
                {bytes(node.bytes)}
              </span>
            ) : (
              <button type="button" key={node.path} class="link" onClick={() => setPath(node.path)}>
                {place === 0 ? "model" : node.label}
              </button>
            ),
          )}
        </nav>
      }
    >
      {shown.bytes === 0 ? (
        <p class="muted">The model holds no weights.</p>
      ) : (
        <Treemap root={shown} onOpen={open} />
      )}
    </Card>
  );
}

/** The way to a module, if there is one, else as far as it goes. */
function findNode(node: TreemapNode, path: string): TreemapNode | undefined {
  return trailTo(node, path).find((found) => found.path === path);
}

/** From the root to the node with that path, as far as it still exists: an edit may have taken it away. */
function trailTo(root: TreemapNode, path: string): readonly TreemapNode[] {
  const trail = [root];
  for (let at = root; at.path !== path; ) {
    const next = at.children.find((child) => child.path === path || path.startsWith(`${child.path}.`));
    if (next === undefined) {
      break;
    }
    trail.push(next);
    at = next;
  }
  return trail;
}
