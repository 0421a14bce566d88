import { scaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import { exact, percent } from "../format/units";
import { useSize } from "../ui/useSize";
import { type ConcentrationPoint, paramsAt, tensorsFor } from "./concentration";
import "./charts.css";

const MARGIN = { top: 8, right: 12, bottom: 20, left: 40 };
const TICKS = [0, 0.25, 0.5, 0.75, 1];
/** Shares of the parameters that are marked on the curve. */
const MARKS = [0.5, 0.9];
const KEY_STEP = 0.01;
/** Below this width fewer labels have room. */
const NARROW_PX = 260;

export interface ConcentrationCurveProps {
  /** Rising shares, from (0, 0) to (1, 1). */
  readonly points: readonly ConcentrationPoint[];
  readonly tensors: number;
  readonly gini: number;
  /** Tensors with which half and 90 % of the parameters are reached. */
  readonly half: number;
  readonly ninety: number;
}

/** Share of all parameters in the largest tensors. The dashed line is where all tensors are alike. */
export function ConcentrationCurve(props: ConcentrationCurveProps): VNode {
  const plot = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(plot);
  const [at, setAt] = useState<number | null>(null);
  const { points, tensors, gini, half, ninety } = props;
  return (
    <div class="chart concentration">
      <div class="plot" ref={plot}>
        {width > 0 && height > 0 && <Plot {...props} width={width} height={height} at={at} onAt={setAt} />}
      </div>
      <p class="chart-note num" aria-live="polite">
        {at === null ? (
          <>
            half in <b>{exact(half)}</b>, 90 % in <b>{exact(ninety)}</b> of {exact(tensors)} tensors ·{" "}
            <span title="Gini coefficient of the tensors' sizes: 0 where all are alike, towards 1 where one has all">
              Gini <b>{gini.toFixed(2)}</b>
            </span>
          </>
        ) : (
          pointWords(points, at)
        )}
      </p>
    </div>
  );
}

function Plot({
  points,
  tensors,
  gini,
  half,
  ninety,
  width,
  height,
  at,
  onAt,
}: ConcentrationCurveProps & {
  readonly width: number;
  readonly height: number;
  readonly at: number | null;
  readonly onAt: (at: number | null) => void;
}): VNode {
  const x = scaleLinear([0, 1], [MARGIN.left, width - MARGIN.right]).clamp(true);
  const y = scaleLinear([0, 1], [height - MARGIN.bottom, MARGIN.top]);
  const curve = line<ConcentrationPoint>()
    .x((point) => x(point.tensors))
    .y((point) => y(point.params))([...points]);
  const below = area<ConcentrationPoint>()
    .x((point) => x(point.tensors))
    .y0(y(0))
    .y1((point) => y(point.params))([...points]);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -KEY_STEP, ArrowRight: KEY_STEP }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      onAt(Math.min(1, Math.max(0, (at ?? 0) + step)));
    }
  };
  return (
    <svg
      width={width}
      height={height}
      role="img"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the same
      tabIndex={0}
      aria-label={`Of ${exact(tensors)} tensors, the ${exact(half)} largest hold half of the parameters and the ${exact(ninety)} largest 90 %. Gini coefficient ${gini.toFixed(2)}. Left and right arrows read the curve.`}
      onKeyDown={onKeyDown}
      onBlur={() => onAt(null)}
      onPointerMove={(event) => onAt(x.invert(event.offsetX))}
      onPointerLeave={() => onAt(null)}
    >
      {(width < NARROW_PX ? [0, 0.5, 1] : TICKS).map((tick) => (
        <g key={tick} class="axis">
          <line x1={MARGIN.left} x2={width - MARGIN.right} y1={y(tick)} y2={y(tick)} />
          <text x={MARGIN.left - 6} y={y(tick)} dy="0.32em" text-anchor="end">
            {tick * 100} %
          </text>
          <text x={x(tick)} y={height - 6} text-anchor={tick === 1 ? "end" : "middle"}>
            {tick * 100} %
          </text>
        </g>
      ))}
      <path class="area part-linear" d={below ?? ""} />
      <line class="even" x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} />
      <path class="curve" d={curve ?? ""} />
      {points.length > 0 &&
        MARKS.map((mark) => {
          const reached = tensorsFor(points, mark);
          return (
            <g key={mark} class="mark">
              <line x1={x(reached)} x2={x(reached)} y1={y(0)} y2={y(mark)} />
              <circle cx={x(reached)} cy={y(mark)} r={3.5} />
            </g>
          );
        })}
      {at !== null && <circle class="marked" cx={x(at)} cy={y(paramsAt(points, at))} r={3} />}
    </svg>
  );
}

function pointWords(points: readonly ConcentrationPoint[], at: number): string {
  return `the largest ${percent(at)} of the tensors hold ${percent(paramsAt(points, at))}`;
}
