import type { VNode } from "preact";
import type { TensorRow, TensorStatistics } from "../../../../src/protocol/parameters";
import { ChannelRanges } from "../../../shared/charts/ChannelRanges";
import { Histogram } from "../../../shared/charts/Histogram";
import { real } from "../../../shared/format/reals";
import { bytes, exact, percent } from "../../../shared/format/units";
import { Button, Checkbox, ProgressBar } from "../../../shared/ui/elements";
import { Icon } from "../../../shared/ui/Icon";
import { Section } from "../../../shared/ui/Section";
import { useParameters } from "../context";
import { keyOf } from "../words";

/** What the values are: read when asked for, since that takes the whole tensor. */
export function StatisticsSection({ row }: { readonly row: TensorRow }): VNode {
  const store = useParameters();
  const statistics = store.statisticsOf(row);
  return (
    <Section title="Statistics">
      {statistics === undefined ? <Reading row={row} /> : <Statistics statistics={statistics} />}
    </Section>
  );
}

function Reading({ row }: { readonly row: TensorRow }): VNode {
  const store = useParameters();
  const isOurs = store.readingOf.value === keyOf(row.tensor);
  const state = isOurs ? store.reading.state.value : ({ kind: "idle" } as const);
  if (state.kind === "running") {
    const { done, total } = state;
    return (
      <div class="reading">
        <ProgressBar
          fraction={done === null || total === null || total === 0 ? null : done / total}
          label="Reading the values"
        />
        <p class="muted num" role="status">
          {done === null ? `reading ${bytes(row.bytes)}` : `${bytes(done)} of ${bytes(total)}`}
        </p>
        <Button secondary onClick={() => store.reading.cancel()}>
          Cancel
        </Button>
      </div>
    );
  }
  return (
    <div class="reading">
      {state.kind === "failed" && (
        <p class="failed" role="alert">
          {state.error.message} {state.error.hint}
        </p>
      )}
      {state.kind === "cancelled" && <p class="muted">Reading was stopped.</p>}
      <Button title={`Reads ${exact(row.bytes)} bytes once`} onClick={() => void store.read(row)}>
        Read values
      </Button>
    </div>
  );
}

function Statistics({ statistics }: { readonly statistics: TensorStatistics }): VNode {
  const store = useParameters();
  const { elements, min, max, mean, std, nan, infinite, zeros, nearZeros, nearZeroBelow } = statistics;
  const { histogram, nm, blocks, channels } = statistics;
  const { logCounts } = store.viewState.value;
  return (
    <div class="statistics">
      {nan + infinite > 0 && (
        <p class="failed" role="alert">
          <Icon name="warning" /> {exact(nan)} NaN and {exact(infinite)} infinite values
        </p>
      )}
      <dl class="moments">
        <Moment name="min" value={real(min)} exactly={min} />
        <Moment name="max" value={real(max)} exactly={max} />
        <Moment name="mean" value={real(mean)} exactly={mean} />
        <Moment name="std" value={real(std)} exactly={std} />
        <Moment name="zeros" value={share(zeros, elements)} exactly={zeros} />
        <Moment
          name={`|x| < ${real(nearZeroBelow, 2)}`}
          value={share(nearZeros, elements)}
          exactly={nearZeros}
        />
      </dl>
      {histogram.counts.length > 0 && (
        <>
          <div class="chart-head">
            <h3>Histogram</h3>
            <Checkbox
              label="Log counts"
              checked={logCounts}
              onChange={(checked) => store.update({ logCounts: checked })}
            />
          </div>
          <Histogram {...histogram} log={logCounts} label="Histogram of the values" />
        </>
      )}
      {channels !== null && (
        <>
          <div class="chart-head">
            <h3>Channels</h3>
            <span class="muted num">
              {exact(channels.count)} along axis {channels.axis}
              {channels.picked.length < channels.count && `, ${exact(channels.picked.length)} of them shown`}
            </span>
          </div>
          <ChannelRanges {...channels} />
        </>
      )}
      {(nm !== null || blocks.length > 0) && (
        <>
          <div class="chart-head">
            <h3>Sparsity</h3>
          </div>
          <Sparsity nm={nm} blocks={blocks} />
        </>
      )}
    </div>
  );
}

function Moment({
  name,
  value,
  exactly,
}: {
  readonly name: string;
  readonly value: string;
  readonly exactly: number | null;
}): VNode {
  return (
    <div title={exactly === null ? "none" : String(exactly)}>
      <dt>{name}</dt>
      <dd class="num">{value}</dd>
    </div>
  );
}

function Sparsity({ nm, blocks }: Pick<TensorStatistics, "nm" | "blocks">): VNode {
  return (
    <table class="sparsity">
      <thead>
        <tr>
          <th scope="col">Pattern</th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        {nm !== null && (
          <tr
            title={`Groups of ${nm.of} values along the summed axis with at least ${nm.of - nm.keep} zeros`}
          >
            <th scope="row">
              {nm.keep}:{nm.of} groups that comply
            </th>
            <td class="num">{percent(nm.share)}</td>
          </tr>
        )}
        {blocks.map(({ rows, columns, zeroShare }) => (
          <tr key={`${rows} ${columns}`}>
            <th scope="row">
              {rows} × {columns} blocks of zeros
            </th>
            <td class="num">{percent(zeroShare)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function share(part: number, whole: number): string {
  return part === 0 ? "0" : percent(whole > 0 ? part / whole : null);
}
