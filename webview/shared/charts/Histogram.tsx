import { scaleLinear, scaleSymlog } from "d3-scale";
import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import { real } from "../format/reals";
import { count, exact } from "../format/units";
import { useSize } from "../ui/useSize";
import "./charts.css";

const MARGIN = { top: 6, right: 8, bottom: 18, left: 44 };
const HEIGHT = 130;

export interface HistogramProps {
  /** counts.length equal bins from `from` to `to`. */
  readonly from: number;
  readonly to: number;
  readonly counts: readonly number[];
  /** Counts by their logarithm, so that the tails are seen. */
  readonly log: boolean;
  readonly label: string;
}

/** How often values fall into equal bins. Left and right arrows go from bin to bin. */
export function Histogram(props: HistogramProps): VNode {
  const plot = useRef<HTMLDivElement>(null);
  const { width } = useSize(plot);
  const [bin, setBin] = useState<number | null>(null);
  const { counts, from, to, label } = props;
  const total = counts.reduce((sum, value) => sum + value, 0);
  const peak = counts.indexOf(Math.max(...counts));
  const step = (to - from) / Math.max(1, counts.length);
  const words = (at: number) =>
    `${real(from + at * step)} to ${real(from + (at + 1) * step)}: ${exact(counts[at] ?? 0)} of ${exact(total)}`;
  return (
    <div class="chart histogram">
      <div class="plot fixed" ref={plot}>
        {width > 0 && counts.length > 0 && (
          <Bars
            {...props}
            label={`${label} from ${real(from)} to ${real(to)} in ${counts.length} bins; most, ${exact(counts[peak] ?? 0)}, in ${words(peak)}`}
            width={width}
            bin={bin}
            onBin={setBin}
          />
        )}
      </div>
      <p class="chart-note num" aria-live="polite">
        {bin === null ? `${exact(total)} values in ${exact(counts.length)} bins` : words(bin)}
      </p>
    </div>
  );
}

function Bars({
  from,
  to,
  counts,
  log,
  label,
  width,
  bin,
  onBin,
}: HistogramProps & {
  readonly width: number;
  readonly bin: number | null;
  readonly onBin: (bin: number | null) => void;
}): VNode {
  const most = Math.max(1, ...counts);
  const range: [number, number] = [HEIGHT - MARGIN.bottom, MARGIN.top];
  // Symmetric, since an empty bin has a place on the axis, too.
  const y = log ? scaleSymlog([0, most], range) : scaleLinear([0, most], range);
  const inner = width - MARGIN.left - MARGIN.right;
  const binPx = inner / counts.length;
  const left = (at: number) => MARGIN.left + at * binPx;
  const binAt = (px: number) =>
    Math.min(counts.length - 1, Math.max(0, Math.floor((px - MARGIN.left) / binPx)));
  const bars = counts
    .map((value, at) =>
      value === 0
        ? ""
        : `M${left(at)},${y(0)}V${Math.min(y(value), y(0) - 1)}H${left(at) + Math.max(0.75, binPx - (binPx > 4 ? 1 : 0))}V${y(0)}Z`,
    )
    .join("");
  const onKeyDown = (event: KeyboardEvent) => {
    const next = {
      ArrowLeft: (bin ?? 1) - 1,
      ArrowRight: (bin ?? -1) + 1,
      Home: 0,
      End: counts.length - 1,
    }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      onBin(Math.min(counts.length - 1, Math.max(0, next)));
    }
  };
  const zero = from < 0 && to > 0 ? MARGIN.left + (inner * -from) / (to - from) : null;
  return (
    <svg
      width={width}
      height={HEIGHT}
      role="img"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the same
      tabIndex={0}
      onKeyDown={onKeyDown}
      onBlur={() => onBin(null)}
      onPointerMove={(event) => onBin(binAt(event.offsetX))}
      onPointerLeave={() => onBin(null)}
    >
      {countTicks(most, log).map((tick) => (
        <g key={tick} class="axis">
          <line x1={MARGIN.left} x2={width - MARGIN.right} y1={y(tick)} y2={y(tick)} />
          <text x={MARGIN.left - 6} y={y(tick)} dy="0.32em" text-anchor="end">
            {count(tick)}
          </text>
        </g>
      ))}
      <path class="bars" d={bars} />
      {bin !== null && (
        <rect
          class="bin-marked"
          x={left(bin)}
          width={Math.max(1, binPx)}
          y={MARGIN.top}
          height={y(0) - MARGIN.top}
        />
      )}
      {zero !== null && <line class="zero" x1={zero} x2={zero} y1={MARGIN.top} y2={y(0)} />}
      <text x={MARGIN.left} y={HEIGHT - 5}>
        {real(from, 3)}
      </text>
      {zero !== null && Math.min(zero - MARGIN.left, width - MARGIN.right - zero) > 56 && (
        <text x={zero} y={HEIGHT - 5} text-anchor="middle">
          0
        </text>
      )}
      <text x={width - MARGIN.right} y={HEIGHT - 5} text-anchor="end">
        {real(to, 3)}
      </text>
    </svg>
  );
}

/** Powers of ten on a logarithmic axis, thinned to at most four; even steps otherwise. */
function countTicks(most: number, log: boolean): number[] {
  if (!log) {
    return scaleLinear([0, most], [0, 1]).ticks(3).filter(Number.isInteger);
  }
  const powers = Math.floor(Math.log10(most));
  const step = Math.max(1, Math.ceil((powers + 1) / 4));
  return [0, ...Array.from({ length: Math.floor(powers / step) + 1 }, (_, at) => 10 ** (at * step))];
}
