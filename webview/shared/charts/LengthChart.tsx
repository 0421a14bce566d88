import { scaleLinear, scaleLog } from "d3-scale";
import { area, curveMonotoneX, line } from "d3-shape";
import type { RefObject, VNode } from "preact";
import { useRef } from "preact/hooks";
import { useSize } from "../ui/useSize";
import { doublings, lengthText, logDomain, nearestPlace, powers } from "./logAxis";
import "./charts.css";
import "./lengthChart.css";

/** Values at each x of the chart; `look` names its colour. */
export interface LengthSeries {
  readonly look: string;
  readonly title: string;
  readonly values: readonly number[];
}

/** A vertical line with a word. */
export interface LengthMark {
  readonly kind: "current" | "crossover" | "wins";
  readonly x: number;
  readonly title: string;
}

export interface LengthChartProps {
  /** All that matters of it in words. */
  readonly label: string;
  /** Lengths, rising. */
  readonly x: readonly number[];
  /** Stacked from the bottom. */
  readonly bands: readonly LengthSeries[];
  /** Drawn by themselves, over the bands. */
  readonly lines: readonly LengthSeries[];
  readonly marks: readonly LengthMark[];
  /** The file's own lengths end here; what is beyond is shaded. */
  readonly limit: number | null;
  readonly isLog: boolean;
  readonly format: (value: number) => string;
  /** What one unit of `format` is a multiple of to the next: 10 for counts, 2 for bytes. */
  readonly base: 2 | 10;
  /** Place in `x` that is pointed at. */
  readonly at: number | null;
  readonly onAt: (place: number | null) => void;
  /** The drawing, for whoever exports it. */
  readonly drawing: RefObject<SVGSVGElement | null>;
}

const MARGIN = { top: 30, right: 14, bottom: 20, left: 52 };
const MIN_HEIGHT = 170;
/** Room that a label needs. */
const X_LABEL_PX = 52;
const Y_LABEL_PX = 26;
const MARK_ROW_PX = 12;

/** Figures against a length: stacked areas and lines over a logarithmic axis. Arrow keys read it point by point. */
export function LengthChart(props: LengthChartProps): VNode {
  const box = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(box);
  return (
    <div class="plot length-plot" ref={box}>
      {width > MARGIN.left + MARGIN.right && props.x.length > 1 && (
        <Plot {...props} width={width} height={Math.max(MIN_HEIGHT, height)} />
      )}
    </div>
  );
}

function Plot({
  label,
  x: lengths,
  bands,
  lines,
  marks,
  limit,
  isLog,
  format,
  base,
  at,
  onAt,
  drawing,
  width,
  height,
}: LengthChartProps & { readonly width: number; readonly height: number }): VNode {
  const first = Math.max(1, lengths[0]!);
  const last = Math.max(first + 1, lengths.at(-1)!);
  const bottom = height - MARGIN.bottom;
  const right = width - MARGIN.right;
  const tops = stacked(bands, lengths.length);
  const all = [...tops, ...lines.map(({ values }) => values)].flat();
  const most = all.filter(Number.isFinite).reduce((a, b) => Math.max(a, b), 1);
  const domain = isLog ? logDomain(all, base) : ([0, most * 1.05] as const);
  const x = scaleLog([first, last], [MARGIN.left, right]).base(2);
  const y = isLog
    ? scaleLog(domain, [bottom, MARGIN.top]).clamp(true)
    : scaleLinear(domain, [bottom, MARGIN.top]).clamp(true);
  const room = Math.max(2, Math.floor((bottom - MARGIN.top) / Y_LABEL_PX));
  const yTicks = isLog ? powers(domain, room, base) : y.ticks(Math.min(5, room));
  const xTicks = doublings(first, last, Math.max(2, Math.floor((right - MARGIN.left) / X_LABEL_PX)));
  const xAt = (length: number) => x(Math.min(last, Math.max(first, length)));
  const outline = (values: readonly number[]) =>
    line<number>()
      .defined(Number.isFinite)
      .x((_, place) => xAt(lengths[place]!))
      .y((value) => y(value))
      .curve(curveMonotoneX)([...values]) ?? "";
  const filled = (place: number) =>
    area<number>()
      .defined(Number.isFinite)
      .x((_, point) => xAt(lengths[point]!))
      .y0((_, point) => y(place === 0 ? domain[0] : tops[place - 1]![point]!))
      .y1((value) => y(value))
      .curve(curveMonotoneX)([...tops[place]!]) ?? "";
  const shown = marks.filter((mark) => mark.x >= first && mark.x <= last);
  const onKeyDown = (event: KeyboardEvent) => {
    const now = at ?? nearestPlace(lengths, marks[0]?.x ?? first);
    const to = {
      ArrowLeft: at === null ? now : now - 1,
      ArrowRight: at === null ? now : now + 1,
      Home: 0,
      End: lengths.length - 1,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      onAt(Math.min(lengths.length - 1, Math.max(0, to)));
    }
  };
  return (
    <svg
      ref={drawing}
      width={width}
      height={height}
      role="img"
      aria-label={`${label} Left and right arrows read it.`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys read it, as the pointer does
      tabIndex={0}
      onKeyDown={onKeyDown}
      onBlur={() => onAt(null)}
      onPointerMove={(event) => onAt(nearestPlace(lengths, x.invert(event.offsetX)))}
      onPointerLeave={() => onAt(null)}
    >
      {limit !== null && limit < last && (
        <rect
          class="beyond"
          x={xAt(limit)}
          y={MARGIN.top}
          width={right - xAt(limit)}
          height={bottom - MARGIN.top}
        />
      )}
      {yTicks.map((tick) => (
        <g key={tick} class="axis">
          <line x1={MARGIN.left} x2={right} y1={y(tick)} y2={y(tick)} />
          <text x={MARGIN.left - 6} y={y(tick)} dy="0.32em" text-anchor="end">
            {format(tick)}
          </text>
        </g>
      ))}
      {xTicks.map((tick) => (
        <text key={tick} class="axis" x={x(tick)} y={height - 6} text-anchor="middle">
          {lengthText(tick)}
        </text>
      ))}
      {bands.map(({ look }, place) => (
        <path key={look} class={`area part-${look}`} d={filled(place)} />
      ))}
      {tops.length > 0 && <path class="curve" d={outline(tops.at(-1)!)} />}
      {lines.map(({ look, values }) => (
        <path key={look} class={`length-line part-${look}`} d={outline(values)} />
      ))}
      {limit !== null && limit < last && (
        <text class="mark-title" x={right - 3} y={bottom - 5} text-anchor="end">
          {`beyond ${lengthText(limit)}`}
        </text>
      )}
      {shown.map((mark, row) => (
        <Mark
          key={mark.kind}
          mark={mark}
          x={xAt(mark.x)}
          y={MARK_ROW_PX * (row + 1) - 4}
          bottom={bottom}
          isLeft={xAt(mark.x) > (MARGIN.left + right) / 2}
        />
      ))}
      {at !== null && (
        <g class="pointed">
          <line x1={xAt(lengths[at]!)} x2={xAt(lengths[at]!)} y1={MARGIN.top} y2={bottom} />
          {[...tops.slice(-1), ...lines.map(({ values }) => values)]
            .filter((values) => Number.isFinite(values[at]))
            .map((values, place) => (
              <circle key={place} class="marked" cx={xAt(lengths[at]!)} cy={y(values[at]!)} r={3} />
            ))}
        </g>
      )}
    </svg>
  );
}

function Mark({
  mark,
  x,
  y,
  bottom,
  isLeft,
}: {
  readonly mark: LengthMark;
  readonly x: number;
  readonly y: number;
  readonly bottom: number;
  readonly isLeft: boolean;
}): VNode {
  return (
    <g class={`length-mark mark-${mark.kind}`}>
      <line x1={x} x2={x} y1={y - 8} y2={bottom} />
      <text class="mark-title" x={isLeft ? x - 4 : x + 4} y={y} text-anchor={isLeft ? "end" : "start"}>
        {mark.title}
      </text>
    </g>
  );
}

/** Upper edge of each band. */
function stacked(bands: readonly LengthSeries[], points: number): number[][] {
  const sums = Array.from({ length: points }, () => 0);
  return bands.map(({ values }) =>
    sums.map((sum, place) => {
      sums[place] = sum + (values[place] ?? 0);
      return sums[place]!;
    }),
  );
}
