import type { VNode } from "preact";
import type { PanelState } from "../../../src/protocol/panels";
import { Button, ProgressBar } from "../ui/elements";
import { Icon } from "../ui/Icon";
import type { PageStore } from "./pageStore";
import { whereText } from "./where";
import "./states.css";

const PHASES: { readonly [phase: string]: string } = {
  index: "Reading the structure",
  shapes: "Working out shapes",
  costs: "Working out costs",
  replay: "Bringing edits back",
};

export function Loading({
  store,
  state,
}: {
  readonly store: PageStore;
  readonly state: (PanelState & { readonly kind: "loading" }) | null;
}): VNode {
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

export function Failed({
  store,
  state,
}: {
  readonly store: PageStore;
  readonly state: PanelState & { readonly kind: "failed" };
}): VNode {
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
