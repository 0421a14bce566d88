import type { VNode } from "preact";
import type { ParametersReport } from "../../../../src/protocol/parameters";
import { Treemap } from "../../../shared/charts/Treemap";
import type { Measure } from "../../../shared/charts/tiles";
import { bytes, count, exact } from "../../../shared/format/units";
import { Choice } from "../../../shared/ui/Choice";
import { useParameters } from "../context";
import { trailOf } from "../trail";
import type { Grouping } from "../viewState";
import "./map.css";

const GROUPING_OPTIONS: readonly { readonly id: Grouping; readonly title: string }[] = [
  { id: "module", title: "Module" },
  { id: "op", title: "Operator" },
  { id: "dtype", title: "Type" },
];

const MEASURE_OPTIONS: readonly { readonly id: Measure; readonly title: string }[] = [
  { id: "bytes", title: "Bytes" },
  { id: "params", title: "Parameters" },
];

/** Where the weights sit. Opening a tile narrows the table to it, too. */
export function WeightMap({ report }: { readonly report: ParametersReport }): VNode {
  const store = useParameters();
  const { grouping, measure } = store.viewState.value;
  const trail = trailOf(store.tree(report), store.trail.value);
  const shown = trail.at(-1)!;
  const size = measure === "bytes" ? bytes(shown.bytes) : count(shown.params);
  return (
    <section class="parameters-card weight-map" aria-label="Map of the weights">
      <header>
        <nav class="trail" aria-label="Opened tiles">
          {trail.map((node, place) =>
            place === trail.length - 1 ? (
              <span
                key={node.path}
                class="num"
                aria-current="location"
                title={`${exact(node.bytes)} bytes, ${exact(node.params)} parameters`}
              >
                <b>{place === 0 ? "Model" : node.label}</b> <span class="muted">{size}</span>
              </span>
            ) : (
              <button
                type="button"
                key={node.path}
                class="link"
                onClick={() => store.goTo(store.trail.value.slice(0, place))}
              >
                {place === 0 ? "Model" : node.label}
              </button>
            ),
          )}
        </nav>
        <Choice
          label="Nest by"
          options={GROUPING_OPTIONS}
          value={grouping}
          onChange={(id) => store.group(id)}
        />
        <Choice
          label="Area is"
          options={MEASURE_OPTIONS}
          value={measure}
          onChange={(id) => store.update({ measure: id })}
        />
      </header>
      <Treemap
        root={shown}
        measure={measure}
        label={`Map of ${shown.label}: arrow keys go from tile to tile, Enter opens one, Escape goes back`}
        onOpen={(tile) => store.openTile(report, tile)}
        onBack={trail.length > 1 ? () => store.back() : undefined}
      />
    </section>
  );
}
