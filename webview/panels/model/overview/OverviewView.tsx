import { useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import type { Overview } from "../../../../src/protocol/engine";
import { usePage } from "../context";
import { Dominates } from "./Dominates";
import { Growth } from "./Growth";
import { HeldAtPeak } from "./HeldAtPeak";
import { Measured } from "./Measured";
import { Parameters } from "./Parameters";
import { Suggestions } from "./Suggestions";
import "./overview.css";

/** The model in one screen: what dominates, how it grows, where parameters sit, what to do, what was measured. */
export function OverviewView(): VNode {
  const { store } = usePage();
  useSignalEffect(() => {
    // Read, so that every change of a figure fetches anew.
    if (store.stamp.value > 0) {
      store.loadOverview();
    }
  });
  const overview = store.overview.value.value;
  const error = store.overview.error.value;
  if (error !== null && overview === null) {
    return <p class="overview-error">{error.message}</p>;
  }
  return overview === null ? <div class="overview" aria-busy="true" /> : <Cards overview={overview} />;
}

function Cards({ overview }: { readonly overview: Overview }): VNode {
  return (
    <div class="overview">
      <Dominates overview={overview} />
      <Growth overview={overview} />
      <Parameters root={overview.parameters} />
      <div class="card-stack">
        <Suggestions overview={overview} />
        <HeldAtPeak peak={overview.peak} />
        <Measured />
      </div>
    </div>
  );
}
