import type { VNode } from "preact";
import type { ModelSummary } from "../../../../src/protocol/engine";
import type { PanelState } from "../../../../src/protocol/panels";
import type { Where } from "../../../../src/protocol/problem";
import { Button, ProgressBar } from "../../../shared/ui/elements";
import { Icon } from "../../../shared/ui/Icon";
import { usePage } from "../context";
import "./states.css";

const PHASES: { readonly [phase: string]: string } = {
  index: "Reading the structure",
  shapes: "Working out shapes",
  costs: "Working out costs",
  replay: "Bringing edits back",
};

export function Loading({
  state,
}: {
  readonly state: (PanelState & { readonly kind: "loading" }) | null;
}): VNode {
  const { store } = usePage();
  const phase = state === null ? "" : (PHASES[state.phase] ?? "Opening");
  return (
    <main class="state loading">
      <h1>{state === null ? "" : state.fileName}</h1>
      <ProgressBar fraction={state === null ? null : state.fraction} label="Opening the model" />
      <p class="muted" role="status">
        {phase}
      </p>
      {state !== null && (
        <Button secondary onClick={() => void store.cancelOpen()}>
          Cancel
        </Button>
      )}
    </main>
  );
}

export function Failed({ state }: { readonly state: PanelState & { readonly kind: "failed" } }): VNode {
  const { store } = usePage();
  const { error, fileName } = state;
  const cancelled = error.code === "cancelled";
  const where = whereText(error.where);
  return (
    <main class="state">
      <Icon name={cancelled ? "circle-slash" : "error"} class="state-icon" />
      <h1>{cancelled ? `${fileName} was not opened` : `${fileName || "The model"} cannot be shown`}</h1>
      <p role="alert">{error.message}</p>
      {where !== "" && <p class="muted mono">{where}</p>}
      {error.hint !== undefined && <p class="muted">{error.hint}</p>}
      <Button onClick={() => void store.reload()}>{cancelled ? "Open" : "Reload"}</Button>
    </main>
  );
}

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

export function whereText(where: Where | undefined): string {
  if (where === undefined) {
    return "";
  }
  const { file, offset, graph, node, tensor } = where;
  return [
    file,
    offset === undefined ? undefined : `byte ${offset}`,
    graph === undefined || graph === "" ? undefined : `graph ${graph}`,
    node === undefined ? undefined : `node ${node}`,
    tensor === undefined ? undefined : `tensor ${tensor}`,
  ]
    .filter((part) => part !== undefined)
    .join(" · ");
}
