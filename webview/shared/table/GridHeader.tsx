// biome-ignore-all lint/a11y/useSemanticElements: a virtualised grid draws a window of its rows, which a table element cannot
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid keeps the focus and names its row by aria-activedescendant
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Icon } from "../ui/Icon";
import type { Sort } from "./sort";

const MIN_WIDTH = 48;
const MAX_WIDTH = 900;
const KEY_STEP = 16;

export interface HeaderColumn<Id extends string> {
  readonly id: Id;
  readonly title: string;
  /** What the column holds and by what rule. */
  readonly rule: string;
  readonly numeric: boolean;
  readonly width: number;
}

export interface GridHeaderProps<Id extends string> {
  readonly columns: readonly HeaderColumn<Id>[];
  /** Width of each column as it is drawn. */
  readonly pixels: readonly number[];
  readonly sort: Sort<Id> | null;
  readonly onSort: (column: Id) => void;
  readonly onWidth: (column: Id, width: number) => void;
}

/** Column titles: sort by click or Enter, resize by the edge or Shift with arrows; one tab stop for all of them. */
export function GridHeader<Id extends string>({
  columns,
  pixels,
  sort,
  onSort,
  onWidth,
}: GridHeaderProps<Id>): VNode {
  type Column = HeaderColumn<Id>;
  const [active, setActive] = useState(0);
  const widthOf = (column: Column) => pixels[columns.indexOf(column)] ?? column.width;
  const resize = (column: Column, width: number) =>
    onWidth(column.id, Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, width)));

  const onKeyDown = (event: KeyboardEvent, column: Column, place: number) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) {
      return;
    }
    event.preventDefault();
    if (event.shiftKey) {
      resize(column, widthOf(column) + step * KEY_STEP);
      return;
    }
    const next = Math.min(columns.length - 1, Math.max(0, place + step));
    setActive(next);
    const header = (event.currentTarget as HTMLElement).closest("[role='row']");
    header?.querySelectorAll<HTMLElement>("button.column-title")[next]?.focus();
  };

  const onResize = (event: PointerEvent, column: Column) => {
    event.preventDefault();
    event.stopPropagation();
    const handle = event.currentTarget as HTMLElement;
    const start = { x: event.clientX, width: widthOf(column) };
    handle.setPointerCapture(event.pointerId);
    const onMove = (move: PointerEvent) => resize(column, start.width + move.clientX - start.x);
    handle.addEventListener("pointermove", onMove);
    handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", onMove), {
      once: true,
    });
  };

  return (
    <div class="head" role="row" aria-rowindex={1}>
      {columns.map((column, place) => {
        const sorted =
          sort?.column === column.id ? (sort.descending ? "descending" : "ascending") : undefined;
        return (
          <div
            key={column.id}
            role="columnheader"
            class={`cell ${column.id} ${column.numeric ? "num" : ""}`}
            aria-sort={sorted ?? "none"}
          >
            <button
              type="button"
              class="column-title"
              title={column.rule}
              tabIndex={place === Math.min(active, columns.length - 1) ? 0 : -1}
              onClick={() => onSort(column.id)}
              onFocus={() => setActive(place)}
              onKeyDown={(event) => onKeyDown(event, column, place)}
            >
              <span class="column-words">{column.title}</span>
              {sorted !== undefined && <Icon name={sorted === "descending" ? "arrow-down" : "arrow-up"} />}
            </button>
            {/* biome-ignore lint/a11y/noStaticElementInteractions: keys resize from the title */}
            <span
              class="column-edge"
              role="presentation"
              onPointerDown={(event) => onResize(event, column)}
              onDblClick={() => resize(column, column.width)}
            />
          </div>
        );
      })}
    </div>
  );
}
