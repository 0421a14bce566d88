import { useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import type { AttentionReport } from "../../../src/protocol/attention";
import { Button, ProgressBar } from "../../shared/ui/elements";
import { Icon } from "../../shared/ui/Icon";
import { SplitPane } from "../../shared/ui/SplitPane";
import { useSize } from "../../shared/ui/useSize";
import { useView, type ViewContext } from "../../shared/view/context";
import { AttentionStore } from "./attentionStore";
import { Curves } from "./charts/Curves";
import { StoreContext, useAttention } from "./context";
import { BlockDetail } from "./detail/BlockDetail";
import { Headline } from "./Headline";
import { NotRecognisedList } from "./NotRecognisedList";
import { Toolbar } from "./Toolbar";
import { BlockTable } from "./table/BlockTable";
import { WhatIfBar } from "./WhatIfBar";
import "./attention.css";

/** Below this width the details go under the table. */
const STACK_BELOW_PX = 900;

/** What is chosen outlives a look at another tab. */
const STORES = new WeakMap<ViewContext, AttentionStore>();

function storeOf(view: ViewContext): AttentionStore {
  const store = STORES.get(view) ?? new AttentionStore(view);
  STORES.set(view, store);
  return store;
}

/** Where attention sits, what it costs, and from which length on that matters. */
export function AttentionView(): VNode {
  const store = storeOf(useView());
  return (
    <StoreContext.Provider value={store}>
      <Attention />
    </StoreContext.Provider>
  );
}

function Attention(): VNode {
  const store = useAttention();
  useSignalEffect(() => store.loadReport());
  useSignalEffect(() => store.follow());
  const report = store.report.value.value;
  const error = store.report.error.value;
  if (report === null) {
    return error === null ? (
      <div class="attention-state" aria-busy="true">
        <ProgressBar fraction={null} label="Looking for attention" />
      </div>
    ) : (
      <div class="attention-state" role="alert">
        <Icon name="error" class="state-icon" />
        <p>{error.message}</p>
        {error.hint !== undefined && <p class="muted">{error.hint}</p>}
        <Button onClick={() => store.loadReport()}>Try Again</Button>
      </div>
    );
  }
  return report.blocks.length === 0 ? <NoAttention report={report} /> : <Blocks report={report} />;
}

function NoAttention({ report }: { readonly report: AttentionReport }): VNode {
  const { notRecognised } = report;
  return (
    <div class="attention-none">
      <div class="attention-state">
        <Icon name="circle-large-outline" class="state-icon" />
        <p>No attention was found in this model.</p>
        <p class="muted">
          {notRecognised.length === 0
            ? "It has no fused attention operator, and no Softmax of products of two activations."
            : "There are layers that look like it. This is what does not fit:"}
        </p>
      </div>
      {notRecognised.length > 0 && <NotRecognisedList all={notRecognised} />}
    </div>
  );
}

function Blocks({ report }: { readonly report: AttentionReport }): VNode {
  const store = useAttention();
  const root = useRef<HTMLDivElement>(null);
  const { width } = useSize(root);
  const { split, detailOpen } = store.viewState.value;
  const focus = store.focus.value;
  return (
    <div class="attention" ref={root}>
      <SplitPane
        main={
          <div class="attention-main">
            <Headline report={report} />
            <Toolbar report={report} />
            <Curves report={report} />
            {store.axis.value !== null && <WhatIfBar report={report} />}
            <div
              class="block-table"
              style={{ height: `${Math.min(report.blocks.length, MAX_ROWS) * ROW_PX + TABLE_EDGES_PX}px` }}
            >
              <BlockTable report={report} />
            </div>
            {report.notRecognised.length > 0 && <NotRecognisedList all={report.notRecognised} />}
          </div>
        }
        side={detailOpen && focus !== null ? <BlockDetail block={focus} /> : null}
        share={split}
        stacked={width < STACK_BELOW_PX}
        label="Width of the details"
        onShare={(share) => store.update({ split: share })}
      />
    </div>
  );
}

/** The table is as high as its rows, and scrolls by itself beyond so many. */
const MAX_ROWS = 16;
const ROW_PX = 22;
const TABLE_EDGES_PX = 26 + 26 + 14;
