import type { VNode } from "preact";
import { useCallback } from "preact/hooks";
import type { AttentionReport } from "../../../../src/protocol/attention";
import { amountHover, amountText } from "../../../shared/format/amount";
import { count, exact, percent } from "../../../shared/format/units";
import { DataGrid } from "../../../shared/table/DataGrid";
import type { Page } from "../../../shared/table/rowCache";
import { useAttention } from "../context";
import type { BlockColumn } from "./columnIds";
import { type BlockRow, blockRows, COLUMNS, LEADING } from "./columns";

/** All attention blocks of the model. */
export function BlockTable({ report }: { readonly report: AttentionReport }): VNode {
  const store = useAttention();
  const rowsKey = store.rowsKey();
  // Another report or order asks for the rows in view again.
  const onShow = useCallback((first: number, end: number) => store.showRows(first, end), [store, rowsKey]);
  const { sort, widths } = store.viewState.value;
  const marked = store.marked.value;
  return (
    <DataGrid<BlockRow, Page<BlockRow>, BlockColumn>
      label="Attention blocks"
      id="block"
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
      onCopy={() => void store.copyBlocks()}
      wish={store.wish.value}
      footer={(column) => footerOf(column, report)}
      none="No attention block was found."
      rowClass={({ block }) => (marked.has(block.key) ? "marked" : "")}
    />
  );
}

function footerOf(column: BlockColumn, report: AttentionReport): VNode | string | null {
  const { blocks, totals } = report;
  switch (column) {
    case "name":
      return <span class="name">{blocks.length === 1 ? "1 block" : `${exact(blocks.length)} blocks`}</span>;
    case "share": {
      const shares = blockRows(report, null).map(({ share }) => share);
      const known = shares.every((share) => share !== null);
      const sum = shares.reduce<number>((all, share) => all + (share ?? 0), 0);
      return (
        <span title="All blocks, projections included, as a part of the model's FLOPs">
          {known ? percent(Math.min(1, sum)) : "?"}
        </span>
      );
    }
    case "projections":
    case "scores":
    case "weightedSum": {
      const { macs } = totals.parts[column];
      return <span title={amountHover("All blocks", "MACs", macs)}>{amountText(macs, count)}</span>;
    }
    case "softmax": {
      const { flops } = totals.parts.softmax;
      return <span title={amountHover("All blocks", "FLOPs", flops)}>{amountText(flops, count)}</span>;
    }
    default:
      return null;
  }
}
