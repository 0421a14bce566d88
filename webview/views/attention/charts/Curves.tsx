import { useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import type { AttentionReport } from "../../../../src/protocol/attention";
import { bytes, count } from "../../../shared/format/units";
import { Choice } from "../../../shared/ui/Choice";
import { Icon } from "../../../shared/ui/Icon";
import { useAttention } from "../context";
import { CurveCard } from "./CurveCard";
import { costBands, costLines, marksOf, memoryLines } from "./series";
import "./curves.css";

/** Cost and memory against the length. */
export function Curves({ report }: { readonly report: AttentionReport }): VNode | null {
  const store = useAttention();
  useSignalEffect(() => store.loadCurve());
  const curve = store.curve.value;
  const error = store.curveError.value;
  if (report.noAxis !== null || store.axis.value === null) {
    return (
      <p class="attention-note">
        <Icon name="info" />
        <span>
          There is no length to draw the cost against: {report.noAxis ?? "none was found."} What is below is
          the cost at the sizes of now.
        </span>
      </p>
    );
  }
  if (error !== null) {
    return (
      <p class="attention-note" role="alert">
        <Icon name="error" />
        <span>{[error.message, error.hint].filter((part) => part !== undefined).join(" ")}</span>
      </p>
    );
  }
  if (curve === null) {
    return <div class="curves" aria-busy="true" />;
  }
  const { isLog } = store.viewState.value;
  return (
    <div class="curves">
      <CurveCard
        title="Cost by length"
        name="cost"
        curve={curve}
        bands={costBands(curve)}
        lines={costLines(curve)}
        marks={marksOf(curve, "cost")}
        isLog={isLog}
        unit="FLOPs"
        format={count}
        base={10}
        tools={
          <Choice
            label="Axis of the cost"
            options={[
              { id: "log", title: "log", hover: "Every ten times as much is equally far" },
              { id: "linear", title: "linear", hover: "Areas are true to scale" },
            ]}
            value={isLog ? "log" : "linear"}
            onChange={(scale) => store.update({ isLog: scale === "log" })}
          />
        }
      />
      <CurveCard
        title="Memory by length"
        name="memory"
        curve={curve}
        bands={[]}
        lines={memoryLines(curve)}
        marks={marksOf(curve, "memory")}
        isLog={true}
        unit="bytes"
        format={bytes}
        base={2}
      />
    </div>
  );
}
