// biome-ignore-all lint/a11y/useSemanticElements: a virtualised grid draws a window of its rows, which a table element cannot
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid keeps the focus and names its row by aria-activedescendant
import { Component, type ComponentChildren, type VNode } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useSize } from "../ui/useSize";
import { fittedPixels, type SizedColumn } from "./columnWidths";
import { GridHeader, type HeaderColumn } from "./GridHeader";
import { type KeyPress, type TableIntent, tableIntent } from "./keyboard";
import type { Page, RowCache } from "./rowCache";
import { everything, extended, isSelected, only, type Selection, toggled } from "./selection";
import type { Sort } from "./sort";
import { contentPx, type Geometry, scrollTopCentred, scrollTopFor, windowAt } from "./window";
import "./dataGrid.css";

const ROW_PX = 22;
const HEADER_PX = 26;
const FOOTER_PX = 26;
const OVERSCAN = 12;
const NO_FOLD = { folds: false, expanded: false };

/** How one column draws a row. The one called "name" comes first and stays in place while the rest scrolls. */
export interface GridColumn<Row, Id extends string> extends HeaderColumn<Id>, SizedColumn {
  readonly id: Id;
  content(row: Row): ComponentChildren;
  /** Exact value in words. */
  hover(row: Row): string;
}

/** What the table is to scroll to; another `serial` makes the same place another wish. */
export interface GridWish {
  readonly index: number;
  readonly serial: number;
}

export interface DataGridProps<Row, P extends Page<Row>, Id extends string> {
  readonly label: string;
  /** Told apart from other grids of the page. */
  readonly id: string;
  readonly columns: readonly GridColumn<Row, Id>[];
  readonly rows: RowCache<P>;
  /** Changes whenever `rows` has others to show: it is no signal by itself. */
  readonly version: number;
  /** Asks `rows` for what is in view; another identity asks again. */
  readonly onShow: (first: number, end: number) => void;
  readonly sort: Sort<Id> | null;
  readonly onSort: (column: Id) => void;
  readonly widths: { readonly [column: string]: number | undefined };
  readonly onWidth: (column: Id, width: number) => void;
  /** Columns that are seen whole in a narrow view. */
  readonly leading: ReadonlySet<string>;
  readonly selection: Selection;
  readonly onSelect: (selection: Selection) => void;
  readonly onDetail: () => void;
  readonly onCopy: () => void;
  readonly wish: GridWish;
  readonly footer: (column: Id) => ComponentChildren;
  /** Said in place of rows when there are none. */
  readonly none: string;
  /** Names the state of a row for its looks. */
  readonly rowClass?: (row: Row) => string;
}

/** A virtualised table of rows that are all alike: draws those in view and a few around them, whatever their number. */
export function DataGrid<Row, P extends Page<Row>, Id extends string>(
  props: DataGridProps<Row, P, Id>,
): VNode {
  const { columns, rows, version, onShow, selection, onSelect, wish } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const size = useSize(scroller);
  const [scrollTop, setScrollTop] = useState(0);
  const [served, setServed] = useState(-1);
  const page = rows.page;
  const total = page?.total ?? 0;
  const geometry: Geometry = {
    total,
    rowPx: ROW_PX,
    viewPx: Math.max(0, size.height - HEADER_PX - FOOTER_PX),
  };
  const view = windowAt(geometry, scrollTop, OVERSCAN);
  const pixels = fittedPixels(columns, props.widths, size.width, props.leading);
  const tableWidth = pixels.reduce((sum, width) => sum + width, 0);

  useLayoutEffect(() => {
    onShow(view.first, view.end);
  }, [onShow, view.first, view.end, version]);

  // A wish can come before the rows it means, or before the table is laid out: it is served when both are there.
  useLayoutEffect(() => {
    const element = scroller.current;
    const isThere = wish.index < total || wish.index === 0;
    if (element !== null && wish.serial !== served && geometry.viewPx > 0 && isThere) {
      setServed(wish.serial);
      element.scrollTop = wish.index === 0 ? 0 : scrollTopCentred(geometry, wish.index);
      setScrollTop(element.scrollTop);
    }
  }, [wish, served, total, geometry.viewPx]);

  const goTo = (index: number, extend: boolean) => {
    onSelect(extend ? extended(selection, index) : only(index));
    const element = scroller.current;
    if (element !== null) {
      element.scrollTop = scrollTopFor(geometry, element.scrollTop, index);
    }
  };

  const carryOut = (intent: TableIntent) => {
    switch (intent.kind) {
      case "move":
        return goTo(intent.to, intent.extend);
      case "detail":
        return props.onDetail();
      case "toggle":
        return onSelect(toggled(selection, selection.focus));
      case "copy":
        return props.onCopy();
      case "selectAll":
        return onSelect(everything(selection, total));
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== scroller.current) {
      return;
    }
    const pageRows = Math.floor(geometry.viewPx / ROW_PX);
    const place = { focus: selection.focus, total, page: pageRows };
    const intent = tableIntent(event as KeyPress, place, NO_FOLD);
    if (intent !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      carryOut(intent);
    }
  };

  const onMouseDown = (event: MouseEvent) => {
    const index = rowIndexAt(event.target);
    if (index === undefined) {
      return;
    }
    if (event.shiftKey) {
      event.preventDefault();
      onSelect(extended(selection, index));
    } else if (event.ctrlKey || event.metaKey) {
      onSelect(toggled(selection, index));
    } else if (event.button !== 2 || !isSelected(selection, index)) {
      onSelect(only(index));
    }
  };

  const drawn: VNode[] = [];
  for (let index = view.first; index < view.end; index++) {
    const row = rows.row(index) as Row | undefined;
    drawn.push(
      <GridRow<Row, Id>
        key={index}
        row={row}
        index={index}
        id={rowId(props.id, index)}
        columns={columns}
        state={row === undefined ? "pending" : (props.rowClass?.(row) ?? "")}
        selected={isSelected(selection, index)}
        focused={selection.focus === index}
      />,
    );
  }

  return (
    <div
      ref={scroller}
      class="data-grid"
      role="grid"
      aria-label={props.label}
      aria-rowcount={total + 1}
      aria-colcount={columns.length}
      aria-multiselectable="true"
      aria-activedescendant={selection.focus >= 0 ? rowId(props.id, selection.focus) : undefined}
      tabIndex={0}
      style={{
        "--columns": pixels.map((width) => `${width}px`).join(" "),
        "--table-width": `${tableWidth}px`,
      }}
      onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
      onMouseDown={onMouseDown}
      onDblClick={(event) => rowIndexAt(event.target) !== undefined && props.onDetail()}
    >
      <GridHeader
        columns={columns}
        pixels={pixels}
        sort={props.sort}
        onSort={props.onSort}
        onWidth={props.onWidth}
      />
      <div class="rows" role="rowgroup" style={{ height: `${contentPx(geometry)}px` }}>
        <div class="rows-window" role="presentation" style={{ transform: `translateY(${view.topPx}px)` }}>
          {drawn}
        </div>
      </div>
      {page !== undefined && (
        <div class="foot" role="row" aria-rowindex={total + 2}>
          {columns.map((column) => (
            <div
              key={column.id}
              role="gridcell"
              class={`cell ${column.id} ${column.numeric ? "num" : ""}`}
              title={`Sum of ${column.title}`}
            >
              {props.footer(column.id)}
            </div>
          ))}
        </div>
      )}
      {page !== undefined && total === 0 && <p class="no-rows">{props.none}</p>}
    </div>
  );
}

function rowId(grid: string, index: number): string {
  return `${grid}-row-${index}`;
}

function rowIndexAt(target: EventTarget | null): number | undefined {
  if (!(target instanceof Element) || target.closest("button") !== null) {
    return undefined;
  }
  const row = target.closest<HTMLElement>("[data-index]");
  return row === null ? undefined : Number(row.dataset["index"]);
}

interface GridRowProps<Row, Id extends string> {
  readonly row: Row | undefined;
  readonly index: number;
  readonly id: string;
  readonly columns: readonly GridColumn<Row, Id>[];
  readonly state: string;
  readonly selected: boolean;
  readonly focused: boolean;
}

/** Drawn anew only for another row or state: scrolling then costs the rows that come in. */
class GridRow<Row, Id extends string> extends Component<GridRowProps<Row, Id>> {
  override shouldComponentUpdate(next: GridRowProps<Row, Id>): boolean {
    return (Object.keys(next) as (keyof GridRowProps<Row, Id>)[]).some(
      (prop) => next[prop] !== this.props[prop],
    );
  }

  override render({ row, index, id, columns, state, selected, focused }: GridRowProps<Row, Id>): VNode {
    return (
      <div
        role="row"
        id={id}
        class={`row ${selected ? "selected" : ""} ${focused ? "focused" : ""} ${state}`}
        data-index={index}
        aria-rowindex={index + 2}
        aria-selected={selected}
        aria-busy={row === undefined ? true : undefined}
      >
        {columns.map((column) => (
          <div
            key={column.id}
            role="gridcell"
            class={`cell ${column.id} ${column.numeric ? "num" : ""}`}
            data-column={column.id}
            title={row === undefined ? undefined : column.hover(row)}
          >
            {row !== undefined && column.content(row)}
          </div>
        ))}
      </div>
    );
  }
}
