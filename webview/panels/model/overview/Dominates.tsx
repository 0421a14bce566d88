import type { VNode } from "preact";
import type { Overview, Slice } from "../../../../src/protocol/engine";
import type { LayerRow } from "../../../../src/protocol/rows";
import { trusted } from "../../../shared/format/amount";
import { count, exact, percent } from "../../../shared/format/units";
import { ShareBar } from "../../../shared/ui/share";
import { usePage } from "../context";
import { filterOf } from "../layers/query";
import { Card } from "./Card";

const SHOWN = 7;

interface Bar {
  readonly id: string;
  readonly label: string;
  readonly share: number | null;
  readonly text: string;
  readonly hover: string;
  readonly onClick: () => void;
}

/** What the model's FLOPs go to: three lists of bars, each leading to its layers. */
export function Dominates({ overview }: { readonly overview: Overview }): VNode {
  const { store, layers } = usePage();
  const toLayers = (slice: Slice) => {
    layers.setFilter(filterOf(slice.filter));
    store.update({ view: "layers", sort: { column: "flops", descending: true } });
  };
  const sliceBar = (slice: Slice): Bar => ({
    id: slice.label,
    label: slice.label,
    share: slice.share,
    text: count(slice.value),
    hover: `${slice.label}: ${exact(slice.value)} FLOPs, ${percent(slice.share)} of the model\nShow the layers`,
    onClick: () => toLayers(slice),
  });
  const layerBar = (row: LayerRow): Bar => ({
    id: row.key,
    label: row.name,
    share: row.share,
    text: trusted(row.flops, row.trust, count),
    hover: `${row.name} (${row.op}): ${exact(row.flops)} FLOPs, ${percent(row.share)} of the model\n${row.path}\nShow the layer`,
    onClick: () => void layers.reveal(row.key),
  });
  return (
    <>
      <BarCard area="by-op" title="FLOPs by operator" bars={overview.byOp.map(sliceBar)} />
      <BarCard area="by-module" title="FLOPs by module" bars={overview.byModule.map(sliceBar)} />
      <BarCard area="top-layers" title="Top layers" bars={overview.topLayers.map(layerBar)} />
    </>
  );
}

function BarCard({
  area,
  title,
  bars,
}: {
  readonly area: string;
  readonly title: string;
  readonly bars: readonly Bar[];
}): VNode {
  const shown = bars.slice(0, SHOWN);
  const largest = Math.max(0, ...shown.map((bar) => bar.share ?? 0));
  return (
    <Card area={area} title={title}>
      {shown.length === 0 ? (
        <p class="muted">No cost is known.</p>
      ) : (
        <ul class="bars">
          {shown.map((bar) => (
            <li key={bar.id}>
              <button type="button" class="bar" title={bar.hover} onClick={bar.onClick}>
                <span class="bar-label">
                  <bdi>{bar.label}</bdi>
                </span>
                <span class="num bar-value">{bar.text}</span>
                <span class="num bar-share">{percent(bar.share)}</span>
                <ShareBar share={bar.share ?? 0} of={largest} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
