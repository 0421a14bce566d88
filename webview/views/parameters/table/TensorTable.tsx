import type { VNode } from "preact";
import { useCallback } from "preact/hooks";
import type { TensorColumn, TensorPage, TensorRow } from "../../../../src/protocol/parameters";
import { bytes, count, exact } from "../../../shared/format/units";
import { DataGrid } from "../../../shared/table/DataGrid";
import { useParameters } from "../context";
import { COLUMNS, LEADING } from "./columns";
import "./tensorTable.css";

/** All tensors that pass the filter. */
export function TensorTable(): VNode {
  const store = useParameters();
  const queryKey = store.queryKey();
  // Another query asks for the rows in view again.
  const onShow = useCallback((first: number, end: number) => store.showRows(first, end), [store, queryKey]);
  const { sort, widths } = store.viewState.value;
  const error = store.rowsError.value;
  return (
    <>
      {error !== null && (
        <p class="parameters-error" role="alert">
          {error.message}
        </p>
      )}
      <DataGrid<TensorRow, TensorPage, TensorColumn>
        label="Tensors"
        id="tensor"
        columns={COLUMNS}
        rows={store.rows}
        version={store.rowsVersion.value}
        onShow={onShow}
        sort={sort}
        onSort={(column) => store.sortBy(column)}
        widths={widths}
        onWidth={(column, width) => store.setWidth(column, width)}
        leading={LEADING}
        selection={store.selection.value}
        onSelect={(selection) => store.select(selection)}
        onDetail={() => store.update({ detailOpen: true })}
        onCopy={() => void store.copy()}
        wish={store.wish.value}
        footer={(column) => footerOf(column, store.rows.page)}
        none="No tensor passes the filter."
        rowClass={(row) => `${store.isMarked(row) ? "marked" : ""} ${store.isShown(row) ? "shown" : ""}`}
      />
    </>
  );
}

function footerOf(column: TensorColumn, page: TensorPage | undefined): VNode | string | null {
  if (page === undefined) {
    return null;
  }
  const { total, allTensors, sum } = page;
  switch (column) {
    case "name":
      return (
        <span class="name">
          {total === allTensors
            ? `${exact(allTensors)} tensors`
            : `${exact(total)} of ${exact(allTensors)} tensors`}
        </span>
      );
    case "params":
      return <span title={`${exact(sum.params)} parameters`}>{count(sum.params)}</span>;
    case "bytes":
      return <span title={`${exact(sum.bytes)} bytes`}>{bytes(sum.bytes)}</span>;
    default:
      return null;
  }
}
