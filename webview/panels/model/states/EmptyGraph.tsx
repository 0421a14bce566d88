import type { VNode } from "preact";
import type { ModelSummary } from "../../../../src/protocol/engine";
import { Button } from "../../../shared/ui/elements";
import { Icon } from "../../../shared/ui/Icon";
import { usePage } from "../context";
import "../../../shared/view/states.css";

/** A model that holds no node at all. */
export function EmptyGraph({ summary }: { readonly summary: ModelSummary }): VNode {
  const { store } = usePage();
  return (
    <main class="state">
      <Icon name="circle-large-outline" class="state-icon" />
      <h1>This model has no layers</h1>
      <p class="muted">
        {summary.graphName === "" ? "Its graph" : `The graph ${summary.graphName}`} has{" "}
        {summary.inputs.length} inputs, {summary.outputs.length} outputs and no nodes.
      </p>
      <Button secondary onClick={() => void store.openText()}>
        Open as Text
      </Button>
    </main>
  );
}
