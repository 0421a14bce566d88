import { useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import { Button, ProgressBar } from "../../shared/ui/elements";
import { Icon } from "../../shared/ui/Icon";
import { SplitPane } from "../../shared/ui/SplitPane";
import { useSize } from "../../shared/ui/useSize";
import { useView, type ViewContext } from "../../shared/view/context";
import { StoreContext, useParameters } from "./context";
import { TensorDetail } from "./detail/TensorDetail";
import { ConcentrationCard } from "./map/ConcentrationCard";
import { WeightMap } from "./map/WeightMap";
import { ParametersStore } from "./parametersStore";
import { TensorTable } from "./table/TensorTable";
import { TensorToolbar } from "./table/TensorToolbar";
import "./parameters.css";

/** Below this width the details go under the table. */
const STACK_BELOW_PX = 900;

/** What was read of weights, and what is chosen, outlives a look at another tab. */
const STORES = new WeakMap<ViewContext, ParametersStore>();

function storeOf(view: ViewContext): ParametersStore {
  const store = STORES.get(view) ?? new ParametersStore(view);
  STORES.set(view, store);
  return store;
}

/** Where the parameters sit: a map, how unevenly they are spread, all tensors, and the values of one. */
export function ParametersView(): VNode {
  const store = storeOf(useView());
  return (
    <StoreContext.Provider value={store}>
      <Parameters />
    </StoreContext.Provider>
  );
}

function Parameters(): VNode {
  const store = useParameters();
  useSignalEffect(() => store.loadReport());
  const report = store.report.value.value;
  const error = store.report.error.value;
  if (report === null) {
    return error === null ? (
      <div class="parameters-state" aria-busy="true">
        <ProgressBar fraction={null} label="Counting the parameters" />
      </div>
    ) : (
      <div class="parameters-state" role="alert">
        <Icon name="error" class="state-icon" />
        <p>{error.message}</p>
        {error.hint !== undefined && <p class="muted">{error.hint}</p>}
        <Button onClick={() => store.loadReport()}>Try Again</Button>
      </div>
    );
  }
  return report.tensors === 0 ? (
    <div class="parameters-state">
      <Icon name="circle-large-outline" class="state-icon" />
      <p>This model holds no tensors.</p>
      <p class="muted">Its nodes compute from their inputs alone.</p>
    </div>
  ) : (
    <Tensors />
  );
}

function Tensors(): VNode {
  const store = useParameters();
  const root = useRef<HTMLDivElement>(null);
  const { width } = useSize(root);
  const { split, detailOpen, chartsOpen } = store.viewState.value;
  const report = store.report.value.value!;
  return (
    <div class="parameters" ref={root}>
      <SplitPane
        main={
          <div class="parameters-main">
            {chartsOpen && (
              <div class="parameters-charts">
                <WeightMap report={report} />
                <ConcentrationCard report={report} />
              </div>
            )}
            <TensorToolbar report={report} />
            <TensorTable />
          </div>
        }
        side={detailOpen && store.focus.value !== null ? <TensorDetail row={store.focus.value} /> : null}
        share={split}
        stacked={width < STACK_BELOW_PX}
        label="Width of the details"
        onShare={(share) => store.update({ split: share })}
      />
    </div>
  );
}
