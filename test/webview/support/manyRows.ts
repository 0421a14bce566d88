import type { PanelApi } from "../../../src/protocol/panels";
import type { LayerRow, RowPage, RowQuery } from "../../../src/protocol/rows";
import type { Handlers } from "../../../src/rpc/contract";

/** Handlers with a table of so many rows in place of the model's own, in file order. */
export function withManyRows(handlers: Handlers<PanelApi>, row: LayerRow, total: number): Handlers<PanelApi> {
  return {
    ...handlers,
    rows: (query: RowQuery): RowPage => ({
      revision: 0,
      total,
      matchingNodes: total,
      allNodes: total,
      innerNodes: 0,
      start: query.start,
      rows: Array.from({ length: Math.max(0, Math.min(query.count, total - query.start)) }, (_, offset) => ({
        ...row,
        key: `n${query.start + offset}`,
        name: `layer ${query.start + offset}`,
        path: "",
      })),
      sum: {
        params: row.params * total,
        weightBytes: row.weightBytes * total,
        macs: row.macs,
        flops: row.flops,
        share: 1,
        timeMs: null,
        unknownNodes: 0,
        trust: "exact",
        macsTrust: "exact",
      },
    }),
  };
}
