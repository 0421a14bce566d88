// biome-ignore-all lint/a11y/useSemanticElements: a virtualised grid draws a window of its rows, which a table element cannot
import { useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { useCallback, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { LayerRow } from "../../../../src/protocol/rows";
import { GridHeader } from "../../../shared/table/GridHeader";
import { type KeyPress, tableIntent } from "../../../shared/table/keyboard";
import { extended, isSelected, only, toggled } from "../../../shared/table/selection";
import {
  contentPx,
  type Geometry,
  scrollTopCentred,
  scrollTopFor,
  windowAt,
} from "../../../shared/table/window";
import { useSize } from "../../../shared/ui/useSize";
import { usePage } from "../context";
import { columnPixels } from "./columnWidths";
import { copySelection } from "./copyRows";
import { fillHover } from "./hovers";
import { folds, LayerRowView } from "./LayerRowView";
import { TableFooter } from "./TableFooter";
import "../../../shared/table/dataGrid.css";
import "./table.css";

const ROW_PX = 22;
const HEADER_PX = 26;
const FOOTER_PX = 26;
const OVERSCAN = 12;

export function rowId(index: number): string {
  return `row-${index}`;
}

/** The virtualised table: draws the rows in view and a few around them, whatever their number. */
export function LayerTable(): VNode {
  const { store, layers, offers } = usePage();
  const scroller = useRef<HTMLDivElement>(null);
  const size = useSize(scroller);
  const [scrollTop, setScrollTop] = useState(0);
  const [served, setServed] = useState(-1);
  // Read for their change alone: the cache behind them is no signal.
  const version = layers.rowsVersion.value;
  const stamp = store.stamp.value;
  const query = layers.query.value;
  const isTree = layers.isTree.value;
  const columns = layers.columns.value;
  const selection = layers.selection.value;
  const widths = store.viewState.value.widths;
  const page = layers.rows.page;
  const total = page?.total ?? 0;
  const geometry: Geometry = {
    total,
    rowPx: ROW_PX,
    viewPx: Math.max(0, size.height - HEADER_PX - FOOTER_PX),
  };
  const view = windowAt(geometry, scrollTop, OVERSCAN);
  const pixels = columnPixels(columns, widths, size.width);
  const template = pixels.map((width) => `${width}px`).join(" ");
  const tableWidth = pixels.reduce((sum, width) => sum + width, 0);

  useLayoutEffect(() => {
    layers.showRows(view.first, view.end);
  }, [layers, view.first, view.end, stamp, query, version]);

  // A wish can come before the rows it means, or before the table is laid out: it is served when both are there.
  const wish = layers.scrollWish.value;
  useLayoutEffect(() => {
    const element = scroller.current;
    if (
      element !== null &&
      wish.serial !== served &&
      geometry.viewPx > 0 &&
      (wish.index < total || wish.index === 0)
    ) {
      setServed(wish.serial);
      element.scrollTop = wish.centred
        ? scrollTopCentred(geometry, wish.index)
        : scrollTopFor(geometry, element.scrollTop, wish.index);
      setScrollTop(element.scrollTop);
    }
  }, [wish, served, total, geometry.viewPx]);

  useSignalEffect(() => {
    if (layers.focusKey.value !== null && store.viewState.value.detailOpen) {
      layers.loadDetail();
    }
  });

  const onFold = useCallback((row: LayerRow) => layers.toggleFold(row.key), [layers]);
  const onFixes = useCallback(
    (row: LayerRow) => void offers.openRow(row.key, row.kind === "module" ? row.path : row.name),
    [offers],
  );

  const goTo = (index: number, extend: boolean) => {
    layers.select(extend ? extended(layers.selection.value, index) : only(index));
    const element = scroller.current;
    if (element !== null) {
      element.scrollTop = scrollTopFor(geometry, element.scrollTop, index);
    }
  };

  const goToParent = async (row: LayerRow | undefined) => {
    const parent = row === undefined ? undefined : parentKey(row, query.group);
    if (parent !== undefined) {
      const place = await store.client.call("locate", {
        key: parent,
        query: { ...query, start: 0, count: 0 },
      });
      if (place.index >= 0) {
        goTo(place.index, false);
      }
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== scroller.current) {
      return;
    }
    const focus = layers.selection.value.focus;
    const row = layers.rows.row(focus);
    const intent = tableIntent(
      event as KeyPress,
      { focus, total, page: Math.floor(geometry.viewPx / ROW_PX) },
      row === undefined ? undefined : { folds: folds(row), expanded: row.expanded },
    );
    if (intent === undefined) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    switch (intent.kind) {
      case "move":
        return goTo(intent.to, intent.extend);
      case "fold":
      case "unfold":
        return row === undefined ? undefined : layers.toggleFold(row.key);
      case "parent":
        return void store.attempt(() => goToParent(row));
      case "detail":
        return store.update({ detailOpen: true });
      case "toggle":
        return layers.select(toggled(layers.selection.value, focus));
      case "copy":
        return void copySelection(store, layers);
      case "selectAll":
        return layers.selectAll();
    }
  };

  const onPointerDown = (event: MouseEvent) => {
    const index = rowIndexAt(event.target);
    if (index === undefined) {
      return;
    }
    const keep = event.button === 2 && isSelected(layers.selection.value, index);
    if (event.shiftKey) {
      event.preventDefault();
      layers.select(extended(layers.selection.value, index));
    } else if (event.ctrlKey || event.metaKey) {
      layers.select(toggled(layers.selection.value, index));
    } else if (!keep) {
      layers.select(only(index));
    }
  };

  const onDblClick = (event: MouseEvent) => {
    const index = rowIndexAt(event.target);
    const row = index === undefined ? undefined : layers.rows.row(index);
    if (row?.kind === "module") {
      layers.toggleFold(row.key);
    } else if (row !== undefined) {
      store.update({ detailOpen: true });
    }
  };

  const rows: VNode[] = [];
  for (let index = view.first; index < view.end; index++) {
    rows.push(
      <LayerRowView
        key={index}
        row={layers.rows.row(index)}
        index={index}
        id={rowId(index)}
        columns={columns}
        isTree={isTree}
        grouped={query.group}
        selected={isSelected(selection, index)}
        focused={selection.focus === index}
        onFold={onFold}
        onFixes={onFixes}
      />,
    );
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its role is grid or treegrid
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: its role is grid or treegrid
    // biome-ignore lint/a11y/useKeyWithMouseEvents: the detail pane tells keyboards what hovers tell the mouse
    <div
      ref={scroller}
      class="data-grid layer-table"
      role={isTree ? "treegrid" : "grid"}
      aria-label="Layers"
      aria-rowcount={total + 1}
      aria-colcount={columns.length}
      aria-multiselectable="true"
      aria-activedescendant={selection.focus >= 0 ? rowId(selection.focus) : undefined}
      tabIndex={0}
      style={{ "--columns": template, "--table-width": `${tableWidth}px` }}
      onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
      onMouseDown={onPointerDown}
      onDblClick={onDblClick}
      onMouseOver={(event) => void fillHover(event.target, layers, columns)}
    >
      <GridHeader
        columns={columns}
        pixels={pixels}
        sort={store.viewState.value.sort}
        onSort={(column) => layers.sortBy(column)}
        onWidth={(column, width) => layers.setWidth(column, width)}
      />
      <div class="rows" role="rowgroup" style={{ height: `${contentPx(geometry)}px` }}>
        <div class="rows-window" role="presentation" style={{ transform: `translateY(${view.topPx}px)` }}>
          {rows}
        </div>
      </div>
      {page !== undefined && <TableFooter columns={columns} page={page} />}
      {page !== undefined && total === 0 && <p class="no-rows">No layer passes the filter.</p>}
    </div>
  );
}

function rowIndexAt(target: EventTarget | null): number | undefined {
  if (!(target instanceof Element) || target.closest("button") !== null) {
    return undefined;
  }
  const row = target.closest<HTMLElement>("[data-index]");
  return row === null ? undefined : Number(row.dataset["index"]);
}

/** Key of the row that one stands below: the node that runs its graph, or a module when grouping. */
function parentKey(row: LayerRow, grouped: boolean): string | undefined {
  if (row.runBy !== null) {
    return row.runBy;
  }
  if (!grouped) {
    return undefined;
  }
  if (row.kind === "node") {
    return row.path === "" ? undefined : `m${row.path}`;
  }
  const cut = row.path.lastIndexOf(".");
  return cut < 0 ? undefined : `m${row.path.slice(0, cut)}`;
}
