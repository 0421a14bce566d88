import type { ComponentChildren, VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import type { AttentionCurve } from "../../../../src/protocol/attention";
import { LengthChart, type LengthMark } from "../../../shared/charts/LengthChart";
import { doublings, nearestPlace } from "../../../shared/charts/logAxis";
import { exact, percent } from "../../../shared/format/units";
import { useAttention } from "../context";
import { ExportMenu } from "./ExportMenu";
import { type Figure, putIn } from "./series";

export interface CurveCardProps {
  readonly title: string;
  /** Names its files. */
  readonly name: "cost" | "memory";
  readonly curve: AttentionCurve;
  readonly bands: readonly Figure[];
  readonly lines: readonly Figure[];
  readonly marks: readonly LengthMark[];
  readonly isLog: boolean;
  readonly unit: string;
  readonly format: (value: number) => string;
  readonly base: 2 | 10;
  readonly tools?: ComponentChildren;
}

/** A curve with a legend that says each figure at the length that is pointed at, and the formula behind it. */
export function CurveCard(props: CurveCardProps): VNode {
  const { title, name, curve, bands, lines, marks, isLog, unit, format, base, tools } = props;
  const store = useAttention();
  const [at, setAt] = useState<number | null>(null);
  const drawing = useRef<SVGSVGElement>(null);
  const card = useRef<HTMLElement>(null);
  const limit = store.axis.value?.limit ?? null;
  const place = Math.min(curve.x.length - 1, at ?? nearestPlace(curve.x, curve.current));
  const figures = [...bands, ...lines];
  return (
    <section class="curve-card chart" aria-label={title} ref={card}>
      <header>
        <h2>{title}</h2>
        <span class="curve-tools">
          {tools}
          <ExportMenu name={name} title={title} drawing={drawing} card={card} />
        </span>
      </header>
      <LengthChart
        label={spoken(props, limit)}
        x={curve.x}
        bands={bands}
        lines={lines}
        marks={marks}
        limit={limit}
        isLog={isLog}
        format={format}
        base={base}
        at={at}
        onAt={setAt}
        drawing={drawing}
      />
      <Readout
        figures={figures}
        bands={bands}
        place={place}
        curve={curve}
        unit={unit}
        format={format}
        isPointed={at !== null}
      />
      <PointTable title={title} figures={figures} curve={curve} unit={unit} />
    </section>
  );
}

function Readout({
  figures,
  bands,
  place,
  curve,
  unit,
  format,
  isPointed,
}: Pick<CurveCardProps, "bands" | "curve" | "unit" | "format"> & {
  readonly figures: readonly Figure[];
  readonly place: number;
  readonly isPointed: boolean;
}): VNode {
  const store = useAttention();
  const length = curve.x[place] ?? curve.current;
  const total = bands.reduce((sum, { values }) => sum + (values[place] ?? 0), 0);
  const sizes = store.otherSizes.value;
  return (
    <table class="readout" aria-live={isPointed ? "polite" : "off"}>
      <caption>
        at n = {exact(length)}
        {!isPointed && " (nearest to now)"}
        {bands.length > 0 && (
          <>
            : <b title={`${exact(total)} ${unit}`}>{format(total)}</b> {unit}
          </>
        )}
      </caption>
      <tbody>
        {[...figures].reverse().map(({ look, title, values, formula, hover }) => {
          const value = values[place] ?? Number.NaN;
          const known = Number.isFinite(value);
          const numbers = putIn(formula, length, sizes, store.axis.value);
          const isBand = bands.some((band) => band.look === look);
          const said =
            formula === "" ? hover : `${hover}\n= ${formula}\n= ${numbers}\n= ${exact(value)} ${unit}`;
          return (
            <tr key={look} title={said}>
              <th scope="row">
                <span class={`swatch part-${look} ${isBand ? "" : "line"}`} data-legend={title} />
                {title}
              </th>
              <td class="num">{known ? format(value) : "?"}</td>
              <td class="num muted">{isBand && known && total > 0 ? percent(value / total) : ""}</td>
              <td class="formula mono">{isPointed ? numbers : formula}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** The curve for screen readers, at its doublings. */
function PointTable({
  title,
  figures,
  curve,
  unit,
}: Pick<CurveCardProps, "title" | "curve" | "unit"> & { readonly figures: readonly Figure[] }): VNode {
  const places = doublings(curve.x[0] ?? 1, curve.x.at(-1) ?? 1, 24).map((length) =>
    nearestPlace(curve.x, length),
  );
  return (
    <table class="visually-hidden">
      <caption>
        {title} in {unit} by length
      </caption>
      <thead>
        <tr>
          <th scope="col">n</th>
          {figures.map(({ look, title: words }) => (
            <th key={look} scope="col">
              {words}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {[...new Set(places)].map((place) => (
          <tr key={place}>
            <th scope="row">{exact(curve.x[place] ?? 0)}</th>
            {figures.map(({ look, values }) => (
              <td key={look}>{exact(Math.round(values[place] ?? 0))}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function spoken(
  { title, curve, bands, lines, marks, format, unit }: CurveCardProps,
  limit: number | null,
): string {
  const first = curve.x[0] ?? 1;
  const last = curve.x.at(-1) ?? 1;
  const ends = [...bands, ...lines].map(
    ({ title: words, values }) => `${words} from ${format(values[0] ?? 0)} to ${format(values.at(-1) ?? 0)}`,
  );
  return [
    `${title} in ${unit} for lengths from ${first} to ${last}: ${ends.join(", ")}.`,
    ...marks.map((mark) => `${mark.title}.`),
    ...(limit === null ? [] : [`The file's positions end at ${limit}.`]),
  ].join(" ");
}
