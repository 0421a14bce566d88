import { scaleLinear } from "d3-scale";
import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import { real } from "../format/reals";
import { exact } from "../format/units";
import { useSize } from "../ui/useSize";
import { rangesIn } from "./ranges";
import "./charts.css";

const MARGIN = { top: 6, right: 8, bottom: 18, left: 44 };
const HEIGHT = 130;
/** Channels out of line that are named one by one. */
const MOST_NAMED = 12;

export interface ChannelRangesProps {
  /** Channels there are, of which `picked` are shown. */
  readonly count: number;
  readonly picked: readonly number[];
  readonly min: readonly number[];
  readonly max: readonly number[];
  /** Channels out of line, by their number. */
  readonly outliers: readonly number[];
}

/** Smallest and largest value of each channel; those out of line stand out. Left and right arrows go from one to the next. */
export function ChannelRanges(props: ChannelRangesProps): VNode {
  const plot = useRef<HTMLDivElement>(null);
  const { width } = useSize(plot);
  const [at, setAt] = useState<number | null>(null);
  const { picked, min, max, outliers } = props;
  const words = (place: number) =>
    `channel ${exact(picked[place] ?? 0)}: ${real(min[place] ?? null)} to ${real(max[place] ?? null)}${outliers.includes(picked[place] ?? -1) ? ", out of line" : ""}`;
  return (
    <div class="chart channels">
      <div class="plot fixed" ref={plot}>
        {width > 0 && picked.length > 0 && <Ranges {...props} width={width} at={at} onAt={setAt} />}
      </div>
      <p class="chart-note num" aria-live="polite">
        {at === null ? outlierWords(outliers) : words(at)}
      </p>
    </div>
  );
}

function outlierWords(outliers: readonly number[]): VNode | string {
  if (outliers.length === 0) {
    return "none is out of line";
  }
  const shown = outliers.slice(0, MOST_NAMED).map(exact).join(", ");
  const more = outliers.length > MOST_NAMED ? ` and ${exact(outliers.length - MOST_NAMED)} more` : "";
  return (
    <span title="Channels whose largest size is beyond the median and six times the median deviation of all channels">
      <span class="swatch out" /> out of line: {shown}
      {more}
    </span>
  );
}

function Ranges({
  count,
  picked,
  min,
  max,
  outliers,
  width,
  at,
  onAt,
}: ChannelRangesProps & {
  readonly width: number;
  readonly at: number | null;
  readonly onAt: (at: number | null) => void;
}): VNode {
  const low = min.reduce((a, b) => Math.min(a, b), 0);
  const high = max.reduce((a, b) => Math.max(a, b), 0);
  const y = scaleLinear([low, high === low ? low + 1 : high], [HEIGHT - MARGIN.bottom, MARGIN.top]).nice(3);
  const inner = width - MARGIN.left - MARGIN.right;
  const stepPx = inner / picked.length;
  const x = (place: number) => MARGIN.left + (place + 0.5) * stepPx;
  const out = new Set(outliers);
  const lines = (isOut: boolean) =>
    rangesIn(picked, min, max, inner, (channel) => out.has(channel) === isOut)
      .map(({ place, from, to }) => `M${x(place)},${y(to)}V${Math.max(y(from), y(to) + 1)}`)
      .join("");
  const placeAt = (px: number) =>
    Math.min(picked.length - 1, Math.max(0, Math.floor((px - MARGIN.left) / stepPx)));
  const onKeyDown = (event: KeyboardEvent) => {
    const next = {
      ArrowLeft: (at ?? 1) - 1,
      ArrowRight: (at ?? -1) + 1,
      Home: 0,
      End: picked.length - 1,
    }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      onAt(Math.min(picked.length - 1, Math.max(0, next)));
    }
  };
  return (
    <svg
      width={width}
      height={HEIGHT}
      role="img"
      aria-label={`Ranges of ${exact(picked.length)} of ${exact(count)} channels, between ${real(low)} and ${real(high)}; ${outliers.length === 0 ? "none" : exact(outliers.length)} out of line`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the same
      tabIndex={0}
      onKeyDown={onKeyDown}
      onBlur={() => onAt(null)}
      onPointerMove={(event) => onAt(placeAt(event.offsetX))}
      onPointerLeave={() => onAt(null)}
    >
      {y.ticks(3).map((tick) => (
        <g key={tick} class="axis">
          <line x1={MARGIN.left} x2={width - MARGIN.right} y1={y(tick)} y2={y(tick)} />
          <text x={MARGIN.left - 6} y={y(tick)} dy="0.32em" text-anchor="end">
            {real(tick, 3)}
          </text>
        </g>
      ))}
      <path class="ranges" d={lines(false)} stroke-width={Math.max(1, stepPx - 1)} />
      <path class="ranges out" d={lines(true)} stroke-width={Math.max(2, stepPx - 1)} />
      {at !== null && <line class="zero" x1={x(at)} x2={x(at)} y1={MARGIN.top} y2={HEIGHT - MARGIN.bottom} />}
      <text x={MARGIN.left} y={HEIGHT - 5}>
        {exact(picked[0] ?? 0)}
      </text>
      <text x={width - MARGIN.right} y={HEIGHT - 5} text-anchor="end">
        {exact(picked.at(-1) ?? 0)}
      </text>
    </svg>
  );
}
