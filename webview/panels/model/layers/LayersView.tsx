import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import { SplitPane } from "../../../shared/ui/SplitPane";
import { useSize } from "../../../shared/ui/useSize";
import { usePage } from "../context";
import { DetailPane } from "./detail/DetailPane";
import { LayerTable } from "./LayerTable";
import { LayerToolbar } from "./LayerToolbar";
import "./layers.css";

/** Below this width the detail pane goes under the table. */
const STACK_BELOW_PX = 820;

export function LayersView(): VNode {
  const { store, layers } = usePage();
  const root = useRef<HTMLDivElement>(null);
  const { width } = useSize(root);
  const { split, detailOpen } = store.viewState.value;
  const hasDetail = detailOpen && layers.focusKey.value !== null;
  return (
    <div class="layers" ref={root}>
      <LayerToolbar />
      <SplitPane
        main={<LayerTable />}
        side={hasDetail ? <DetailPane /> : null}
        share={split}
        stacked={width < STACK_BELOW_PX}
        label="Width of the details"
        onShare={(share) => store.update({ split: share })}
      />
    </div>
  );
}
