import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { real } from "../../../shared/format/reals";
import { exact } from "../../../shared/format/units";
import { useSize } from "../../../shared/ui/useSize";
import { axisTicks, cellAt, cellWords, rowLabel } from "./cells";
import { type HeatColours, heatColours } from "./colours";
import { paint, pictureOf } from "./paint";
import { panned, type Region, whole, zoomed } from "./region";
import type { ValuesModel } from "./valuesModel";

const ZOOM_STEP = 0.7;
const PAN_STEP = 0.2;
const WHEEL_SPEED = 0.0015;
/** Room between labels of rows and of columns. */
const ROW_LABEL_PX = 36;
const COLUMN_LABEL_PX = 64;
const MIDDLE = { x: 0.5, y: 0.5 };

/** Values as colours; wheel, buttons and keys zoom, dragging and arrow keys move. */
export function HeatMap({ model, label }: { readonly model: ValuesModel; readonly label: string }): VNode {
  const stage = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = useSize(stage);
  const colours = useHeatColours(stage);
  const [pointed, setPointed] = useState<{ readonly x: number; readonly y: number } | null>(null);
  const region = model.region.value;
  const values = model.values.value;
  const overview = model.overview.value;
  const limit = model.limit.value;
  const { size } = model;

  useLayoutEffect(() => model.resize(width, height), [model, width, height]);

  const layers = useMemo(
    () =>
      colours === null
        ? []
        : [overview, values]
            .filter((layer, place, all) => layer !== null && all.indexOf(layer) === place)
            .flatMap((layer) => {
              const picture = pictureOf(layer!, limit, colours);
              return picture === null ? [] : [{ values: layer!, picture }];
            }),
    [overview, values, limit, colours],
  );

  useLayoutEffect(() => {
    if (canvas.current !== null && width > 0 && height > 0) {
      canvas.current.width = Math.round(width * devicePixelRatio);
      canvas.current.height = Math.round(height * devicePixelRatio);
      paint(canvas.current, region, size, layers);
    }
  }, [region, layers, width, height]);

  const place = (event: { readonly clientX: number; readonly clientY: number }) => {
    const box = canvas.current!.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  };

  const onWheel = (event: WheelEvent) => {
    const next = zoomed(model.region.value, Math.exp(event.deltaY * WHEEL_SPEED), place(event), size);
    // At an end of the zoom the wheel scrolls the page, as it does elsewhere.
    if (!sameSize(next, model.region.value)) {
      event.preventDefault();
      model.show(next);
    }
  };

  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) {
      return;
    }
    const target = event.currentTarget as HTMLElement;
    target.setPointerCapture(event.pointerId);
    const start = { at: place(event), region: model.region.value };
    const onMove = (move: PointerEvent) => {
      const at = place(move);
      model.show(panned(start.region, { x: start.at.x - at.x, y: start.at.y - at.y }, size));
    };
    target.addEventListener("pointermove", onMove);
    target.addEventListener("lostpointercapture", () => target.removeEventListener("pointermove", onMove), {
      once: true,
    });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const next = regionAfter(event.key, model);
    if (next !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      event.stopPropagation();
      model.show(next);
    }
  };

  const cell =
    pointed === null || values === null
      ? undefined
      : cellAt(
          values,
          Math.floor(region.row + pointed.y * region.rows),
          Math.floor(region.column + pointed.x * region.columns),
        );
  return (
    <div class="heat">
      <div class="heat-rows" aria-hidden="true">
        {axisTicks(region.row, region.rows, Math.max(1, Math.floor(height / ROW_LABEL_PX))).map((row) => (
          <span
            key={row}
            title={`row ${row}`}
            style={{ top: `${((row + 0.5 - region.row) / region.rows) * 100}%` }}
          >
            {rowLabel(row, model.dims)}
          </span>
        ))}
      </div>
      <div
        class="heat-stage"
        ref={stage}
        role="img"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys zoom and move what it shows
        tabIndex={0}
        aria-label={`${label}: rows ${exact(Math.floor(region.row))} to ${exact(Math.ceil(region.row + region.rows) - 1)} of ${exact(size.rows)}, columns ${exact(Math.floor(region.column))} to ${exact(Math.ceil(region.column + region.columns) - 1)} of ${exact(size.columns)}, largest size ${real(limit)}. Plus and minus zoom, arrows move, 0 shows all.`}
        aria-busy={model.busy.value}
        onWheel={onWheel}
        onPointerDown={onPointerDown}
        onPointerMove={(event) => setPointed(place(event))}
        onPointerLeave={() => setPointed(null)}
        onDblClick={(event) => model.show(zoomed(region, ZOOM_STEP * ZOOM_STEP, place(event), size))}
        onKeyDown={onKeyDown}
      >
        <canvas ref={canvas} />
        <i class="heat-zero" hidden />
        <i class="heat-negative" hidden />
        <i class="heat-positive" hidden />
        <i class="heat-none" hidden />
      </div>
      <div class="heat-columns" aria-hidden="true">
        {axisTicks(region.column, region.columns, Math.max(1, Math.floor(width / COLUMN_LABEL_PX))).map(
          (column) => (
            <span
              key={column}
              style={{ left: `${((column + 0.5 - region.column) / region.columns) * 100}%` }}
            >
              {exact(column)}
            </span>
          ),
        )}
      </div>
      <p class="heat-note num">{cell === undefined ? " " : cellWords(cell)}</p>
    </div>
  );
}

function regionAfter(key: string, { region: { value: region }, size }: ValuesModel): Region | undefined {
  switch (key) {
    case "+":
    case "=":
      return zoomed(region, ZOOM_STEP, MIDDLE, size);
    case "-":
    case "_":
      return zoomed(region, 1 / ZOOM_STEP, MIDDLE, size);
    case "0":
      return whole(size);
    case "ArrowLeft":
      return panned(region, { x: -PAN_STEP, y: 0 }, size);
    case "ArrowRight":
      return panned(region, { x: PAN_STEP, y: 0 }, size);
    case "ArrowUp":
      return panned(region, { x: 0, y: -PAN_STEP }, size);
    case "ArrowDown":
      return panned(region, { x: 0, y: PAN_STEP }, size);
    case "Home":
      return { ...region, row: 0, column: 0 };
    case "End":
      return { ...region, row: size.rows - region.rows, column: size.columns - region.columns };
    default:
      return undefined;
  }
}

export function zoomIn(model: ValuesModel): void {
  model.show(zoomed(model.region.value, ZOOM_STEP, MIDDLE, model.size));
}

export function zoomOut(model: ValuesModel): void {
  model.show(zoomed(model.region.value, 1 / ZOOM_STEP, MIDDLE, model.size));
}

function sameSize(a: Region, b: Region): boolean {
  return a.rows === b.rows && a.columns === b.columns;
}

/** The theme's colours, also after another theme was chosen. */
function useHeatColours(stage: { readonly current: HTMLElement | null }): HeatColours | null {
  const [colours, setColours] = useState<HeatColours | null>(null);
  useEffect(() => {
    const read = () => stage.current !== null && setColours(heatColours(stage.current));
    read();
    const observer = new MutationObserver(read);
    observer.observe(document.body, { attributes: true, attributeFilter: ["class", "data-vscode-theme-id"] });
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style"] });
    return () => observer.disconnect();
  }, [stage]);
  return colours;
}
