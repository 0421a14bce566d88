import type { VNode } from "preact";
import { IconButton } from "../../../../shared/ui/Icon";
import { usePage } from "../../context";
import { ModuleDetailView } from "./ModuleDetailView";
import { NodeDetailView } from "./NodeDetailView";
import "./detail.css";

/** Everything about the selected row. */
export function DetailPane(): VNode {
  const { store, layers } = usePage();
  const detail = layers.detail.value.value;
  const error = layers.detail.error.value;
  return (
    <aside class="detail" aria-label="Details">
      <IconButton
        icon="close"
        label="Close the details"
        class="detail-close"
        onClick={() => store.update({ detailOpen: false })}
      />
      {error !== null ? (
        <p class="muted">{error.message}</p>
      ) : detail === null ? null : detail.kind === "node" ? (
        <NodeDetailView key={detail.node.key} node={detail.node} />
      ) : (
        <ModuleDetailView key={detail.module.key} module={detail.module} />
      )}
    </aside>
  );
}
