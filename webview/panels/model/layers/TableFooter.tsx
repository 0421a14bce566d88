// biome-ignore-all lint/a11y/useSemanticElements: a virtualised grid draws a window of its rows, which a table element cannot
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid keeps the focus and names its row by aria-activedescendant
import type { VNode } from "preact";
import type { ColumnId, RowPage, Trust } from "../../../../src/protocol/rows";
import { trusted, trustWords } from "../../../shared/format/amount";
import { bytes, count, duration, exact, percent } from "../../../shared/format/units";
import type { Column } from "./columns";

/** Columns whose sums are as sure as the rules of the operators in them. */
const TRUSTED: ReadonlySet<ColumnId> = new Set(["macs", "flops", "share"]);

interface Total {
  readonly value: number | null;
  readonly text: string;
}

/** Sums over the layers that pass the filter, under their columns. */
export function TableFooter({
  columns,
  page,
}: {
  readonly columns: readonly Column[];
  readonly page: RowPage;
}): VNode {
  const totals = totalsOf(page);
  const filtered = page.matchingNodes !== page.allNodes;
  return (
    <div class="foot" role="row" aria-rowindex={page.total + 2}>
      {columns.map((column) => {
        const total = totals[column.id];
        return (
          <div key={column.id} role="gridcell" class={`cell ${column.id} ${column.numeric ? "num" : ""}`}>
            {column.id === "name" ? (
              <span class="name">
                {filtered
                  ? `${exact(page.matchingNodes)} of ${exact(page.allNodes)} layers`
                  : `${exact(page.allNodes)} layers`}
              </span>
            ) : (
              total !== undefined && <span title={hover(column, total, page)}>{total.text}</span>
            )}
          </div>
        );
      })}
    </div>
  );
}

function totalsOf({ sum, matchingNodes }: RowPage): { readonly [column in ColumnId]?: Total } {
  const unknown = matchingNodes > 0 && sum.unknownNodes >= matchingNodes;
  const cost = (value: number | null, trust: Trust, format: (value: number) => string): Total => {
    const known = unknown ? null : value;
    return { value: known, text: trusted(known, trust, format) };
  };
  return {
    params: { value: sum.params, text: count(sum.params) },
    weightBytes: { value: sum.weightBytes, text: bytes(sum.weightBytes) },
    macs: cost(sum.macs, sum.macsTrust, count),
    flops: cost(sum.flops, sum.trust, count),
    // A part of what is known is no lower bound of the part of the whole.
    share: cost(sum.share, sum.trust === "exact" ? "exact" : "estimate", percent),
    ...(sum.timeMs === null ? {} : { time: { value: sum.timeMs, text: duration(sum.timeMs) } }),
  };
}

function hover(column: Column, total: Total, page: RowPage): string {
  const missing =
    page.sum.unknownNodes > 0 && TRUSTED.has(column.id)
      ? [`without ${page.sum.unknownNodes} layers whose cost is unknown`]
      : [];
  const trust = TRUSTED.has(column.id)
    ? [trustWords(column.id === "macs" ? page.sum.macsTrust : page.sum.trust)]
    : [];
  return [`Sum of ${column.title}: ${exact(total.value)}`, ...missing, ...trust].join("\n");
}
