import { useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import type { AttentionReport } from "../../../src/protocol/attention";
import { percent } from "../../shared/format/units";
import { Resource } from "../../shared/timing/resource";
import { useView } from "../../shared/view/context";

/** Where attention sits in the model and what it costs. */
export function AttentionView(): VNode {
  const { client, stamp } = useView();
  const report = useMemo(() => new Resource<AttentionReport>(), []);
  useSignalEffect(() => {
    report.load(String(stamp.value), (signal) => client.call("attention", {}, { signal }));
  });
  const value = report.value.value;
  const error = report.error.value;
  if (value === null) {
    return error === null ? <div aria-busy="true" /> : <p role="alert">{error.message}</p>;
  }
  return (
    <p>
      {value.blocks.length} blocks, {percent(value.totals.attentionShare)} of the FLOPs
    </p>
  );
}
