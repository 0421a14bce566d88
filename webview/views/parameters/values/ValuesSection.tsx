import type { VNode } from "preact";
import type { TensorRow } from "../../../../src/protocol/parameters";
import { real } from "../../../shared/format/reals";
import { Button } from "../../../shared/ui/elements";
import { IconButton } from "../../../shared/ui/Icon";
import { Section } from "../../../shared/ui/Section";
import { useParameters } from "../context";
import { HeatMap, zoomIn, zoomOut } from "./HeatMap";
import { NumberTable } from "./NumberTable";
import { closeUp, isWhole, showsNumbers, whole } from "./region";
import type { ValuesModel } from "./valuesModel";
import "./values.css";

/** The values themselves: colours from afar, numbers from near. */
export function ValuesSection({ row }: { readonly row: TensorRow }): VNode {
  const store = useParameters();
  const model = store.values(row);
  return (
    <Section title="Values">
      {row.params === 0 ? <p class="muted">It holds no values.</p> : <Values row={row} model={model} />}
    </Section>
  );
}

function Values({ row, model }: { readonly row: TensorRow; readonly model: ValuesModel }): VNode {
  const region = model.region.value;
  const { size } = model;
  const error = model.error.value;
  const limit = model.limit.value;
  return (
    <div class="values-view">
      <div class="heat-bar" role="toolbar" aria-label="Zoom">
        <IconButton icon="zoom-in" label="Zoom in (+)" onClick={() => zoomIn(model)} />
        <IconButton
          icon="zoom-out"
          label="Zoom out (-)"
          disabled={isWhole(region, size)}
          onClick={() => zoomOut(model)}
        />
        <IconButton
          icon="screen-full"
          label="Show all (0)"
          disabled={isWhole(region, size)}
          onClick={() => model.show(whole(size))}
        />
        <IconButton
          icon="symbol-numeric"
          label="Zoom in until numbers can be read"
          disabled={showsNumbers(region)}
          onClick={() => model.show(closeUp(region, size))}
        />
        <span class="toolbar-gap" />
        <span
          class="heat-legend num"
          title="Colour is the square root of a value's part of the largest size, so that small weights are seen, too"
        >
          {model.values.value?.sampled === true && (
            <span title="The window is too large to read all of it: each colour stands for some of its values. Closer up, all are read.">
              sampled
            </span>
          )}
          {real(-limit, 3)} <span class="heat-scale" aria-hidden="true" /> {real(limit, 3)}
        </span>
      </div>
      {error !== null && (
        <p class="failed" role="alert">
          {error.message}{" "}
          <Button secondary onClick={() => model.retry()}>
            Try Again
          </Button>
        </p>
      )}
      <HeatMap model={model} label={`Values of ${row.tensor.name}`} />
      {showsNumbers(region) && model.values.value !== null && (
        <NumberTable values={model.values.value} region={region} name={row.tensor.name} />
      )}
    </div>
  );
}
