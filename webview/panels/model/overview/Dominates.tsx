import type { VNode } from "preact";
import type { Overview, Slice } from "../../../../src/protocol/engine";
import type { LayerRow } from "../../../../src/protocol/rows";
import { trusted } from "../../../shared/format/amount";
import { count, exact, percent } from "../../../shared/format/units";
import { usePage } from "../context";
import { filterOf } from "../layers/query";
import { type Bar, Bars } from "./Bars";
import { Card } from "./Card";

const SHOWN = 7;

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
  return (
    <Card area={area} title={title}>
      <Bars bars={bars} shown={SHOWN} none="No cost is known." />
    </Card>
  );
}
