import { useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Overview } from "../../../../src/protocol/engine";
import { GrowthCurve } from "../../../shared/charts/GrowthCurve";
import { exact } from "../../../shared/format/units";
import { usePage } from "../context";
import { Card } from "./Card";

/** How the model's cost grows with one of its sizes; the engine proposes one, the user may take another. */
export function Growth({ overview }: { readonly overview: Overview }): VNode {
  const { store } = usePage();
  const [dim, setDim] = useState<string | null>(null);
  const dims = store.dims.controls.value;
  useEffect(() => {
    if (dim !== null) {
      store.loadSeries(dim);
    }
  }, [dim]);
  useSignalEffect(() => {
    if (dim !== null && store.stamp.value > 0) {
      store.loadSeries(dim);
    }
  });
  const chosen = store.series.value.value;
  const series = dim !== null && chosen?.dim === dim ? chosen : dim === null ? overview.growth : null;
  const shownDim = dim ?? overview.growth?.dim ?? "";
  return (
    <Card
      area="growth"
      title="Growth"
      note={
        dims.length > 1 ? (
          <select
            class="dim-choice"
            aria-label="Size that grows"
            value={shownDim}
            onChange={(event) => setDim(event.currentTarget.value)}
          >
            {shownDim === "" && <option value="">choose a size</option>}
            {dims.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        ) : (
          <span class="muted">{shownDim}</span>
        )
      }
    >
      {series === null ? (
        <p class="muted">
          {dims.length === 0
            ? "All sizes of this model are fixed."
            : "The cost does not follow a single size."}
        </p>
      ) : (
        <>
          <GrowthCurve series={series} />
          <p class="muted growth-note">
            {series.crossover === null
              ? `Linear in ${series.dim}: nothing overtakes it.`
              : `The quadratic part overtakes the linear one at ${series.dim} = ${exact(series.crossover)}.`}
          </p>
        </>
      )}
    </Card>
  );
}
