import { scaleLinear, scaleLog } from "d3-scale";
import { area, curveMonotoneX, line, stack } from "d3-shape";
import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Series } from "../../../src/protocol/engine";
import { count, exact } from "../format/units";
import { useSize } from "../ui/useSize";
import "./charts.css";

const PARTS = ["constant", "linear", "quadratic"] as const;
type Part = (typeof PARTS)[number];

const WORDS: { readonly [part in Part]: string } = {
  constant: "fixed",
  linear: "linear",
  quadratic: "quadratic",
};

const MARGIN = { top: 8, right: 12, bottom: 20, left: 46 };
const MIN_HEIGHT = 130;

/** FLOPs against one size, as stacked areas by how the parts grow; sizes are spaced by their logarithm. */
export function GrowthCurve({ series }: { readonly series: Series }): VNode {
  const root = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(root);
  const [hovered, setHovered] = useState<number | null>(null);
  const points = series.x.map((_, place) => pointAt(series, place));
  const used = PARTS.filter((part) => series[part].some((value) => value > 0));
  return (
    <div class="chart">
      <div class="plot" ref={root}>
        {width > 0 && points.length > 1 && (
          <Plot
            series={series}
            points={points}
            used={used}
            width={width}
            height={Math.max(MIN_HEIGHT, height)}
            hovered={hovered}
            onHover={setHovered}
          />
        )}
      </div>
      <ul class="legend">
        {used.map((part) => (
          <li key={part}>
            <span class={`swatch part-${part}`} />
            {WORDS[part]}
          </li>
        ))}
        <li class="num legend-value">{hovered === null ? "" : pointText(series, points[hovered]!)}</li>
      </ul>
    </div>
  );
}

interface Point extends Record<Part, number> {
  readonly x: number;
  readonly total: number;
}

function pointAt(series: Series, place: number): Point {
  const constant = series.constant[place] ?? 0;
  const linear = series.linear[place] ?? 0;
  const quadratic = series.quadratic[place] ?? 0;
  return { x: series.x[place]!, constant, linear, quadratic, total: constant + linear + quadratic };
}

function pointText(series: Series, point: Point): string {
  return `${series.dim} = ${exact(point.x)}: ${count(point.total)}FLOPs`.replace(/ ?FLOPs/, " FLOPs");
}

function Plot({
  series,
  points,
  used,
  width,
  height,
  hovered,
  onHover,
}: {
  readonly series: Series;
  readonly points: readonly Point[];
  readonly used: readonly Part[];
  readonly width: number;
  readonly height: number;
  readonly hovered: number | null;
  readonly onHover: (place: number | null) => void;
}): VNode {
  const first = Math.max(1, points[0]!.x);
  const last = Math.max(first + 1, points.at(-1)!.x);
  const x = scaleLog([first, last], [MARGIN.left, width - MARGIN.right]).base(2);
  const y = scaleLinear(
    [0, Math.max(1, ...points.map((point) => point.total))],
    [height - MARGIN.bottom, MARGIN.top],
  );
  const layers = stack<Point, Part>()
    .keys([...used])
    .value((point, part) => point[part])([...points]);
  const shape = area<[number, number]>()
    .x((_, place) => x(Math.max(1, points[place]!.x)))
    .y0((pair) => y(pair[0]))
    .y1((pair) => y(pair[1]))
    .curve(curveMonotoneX);
  const top = line<Point>()
    .x((point) => x(Math.max(1, point.x)))
    .y((point) => y(point.total))
    .curve(curveMonotoneX)([...points]);
  const current = points.reduce((best, point) =>
    Math.abs(point.x - series.current) < Math.abs(best.x - series.current) ? point : best,
  );
  const currentX = x(Math.min(last, Math.max(first, series.current)));
  const onMove = (event: PointerEvent) => {
    const at = x.invert(event.offsetX);
    onHover(nearest(points, at));
  };
  const marked = hovered === null ? undefined : points[hovered];
  return (
    <svg
      width={width}
      height={height}
      role="img"
      aria-label={`FLOPs grow from ${count(points[0]!.total)} at ${series.dim} ${first} to ${count(points.at(-1)!.total)} at ${last}; ${count(current.total)} at ${series.current}`}
      onPointerMove={onMove}
      onPointerLeave={() => onHover(null)}
    >
      {y.ticks(3).map((tick) => (
        <g key={tick} class="axis">
          <line x1={MARGIN.left} x2={width - MARGIN.right} y1={y(tick)} y2={y(tick)} />
          <text x={MARGIN.left - 6} y={y(tick)} dy="0.32em" text-anchor="end">
            {count(tick)}
          </text>
        </g>
      ))}
      {xTicks(first, last, width).map((tick) => (
        <text key={tick} class="axis" x={x(tick)} y={height - 6} text-anchor="middle">
          {sizeText(tick)}
        </text>
      ))}
      {layers.map((layer) => (
        <path
          key={layer.key}
          class={`area part-${layer.key}`}
          d={shape(layer.map((pair) => [pair[0], pair[1]])) ?? ""}
        />
      ))}
      <path class="curve" d={top ?? ""} />
      {series.crossover !== null && series.crossover > first && series.crossover < last && (
        <line
          class="crossover"
          x1={x(series.crossover)}
          x2={x(series.crossover)}
          y1={MARGIN.top}
          y2={height - MARGIN.bottom}
        >
          <title>quadratic overtakes linear</title>
        </line>
      )}
      <g class="current">
        <line x1={currentX} x2={currentX} y1={MARGIN.top} y2={height - MARGIN.bottom} />
        <circle cx={currentX} cy={y(totalNear(points, series.current))} r={3.5} />
      </g>
      {marked !== undefined && (
        <circle class="marked" cx={x(Math.max(1, marked.x))} cy={y(marked.total)} r={3} />
      )}
    </svg>
  );
}

/** Sizes past four digits in the binary thousands that lengths are spoken of in: 16384 → "16k". */
function sizeText(size: number): string {
  return size >= 10_000 ? `${size / 1024}k` : String(size);
}

/** Powers of two, thinned until their labels have room. */
function xTicks(first: number, last: number, width: number): number[] {
  const from = Math.ceil(Math.log2(first));
  const to = Math.floor(Math.log2(last));
  const room = Math.max(2, Math.floor((width - MARGIN.left) / 56));
  const step = Math.max(1, Math.ceil((to - from + 1) / room));
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, place) => 2 ** (from + place * step));
}

function nearest(points: readonly Point[], at: number): number {
  let best = 0;
  points.forEach((point, place) => {
    if (
      Math.abs(Math.log(Math.max(1, point.x) / at)) < Math.abs(Math.log(Math.max(1, points[best]!.x) / at))
    ) {
      best = place;
    }
  });
  return best;
}

/** The total between two points, in a straight line. */
function totalNear(points: readonly Point[], at: number): number {
  const after = points.findIndex((point) => point.x >= at);
  if (after < 0) {
    return points.at(-1)!.total;
  }
  const right = points[after]!;
  const left = points[after - 1] ?? right;
  const part = right.x === left.x ? 0 : (at - left.x) / (right.x - left.x);
  return left.total + part * (right.total - left.total);
}
