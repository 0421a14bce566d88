import type { VNode } from "preact";
import type { AttentionBlock, AttentionPart, AttentionReport } from "../../../../src/protocol/attention";
import type { Amount } from "../../../../src/protocol/rows";
import { amountHover, amountText } from "../../../shared/format/amount";
import { count, percent, UNKNOWN } from "../../../shared/format/units";
import type { GridColumn } from "../../../shared/table/DataGrid";
import type { Sort } from "../../../shared/table/sort";
import { ShareBar } from "../../../shared/ui/share";
import { maskText, PART_WORDS, sizeHover, sizeText } from "../words";
import { BLOCK_COLUMNS, type BlockColumn } from "./columnIds";

/** A block beside the cost of the whole model, which its share is of. */
export interface BlockRow {
  readonly block: AttentionBlock;
  readonly share: number | null;
}

export interface BlockColumnView extends GridColumn<BlockRow, BlockColumn> {
  /** What sorting goes by. */
  order(row: BlockRow): number | string | null;
  /** For exports: all digits. */
  plain(row: BlockRow): string;
}

type Words = Pick<BlockColumnView, "title" | "rule" | "width"> & { readonly narrowest?: number };

function textual(
  words: Words,
  text: (block: AttentionBlock) => string,
  hover = text,
): Omit<BlockColumnView, "id"> {
  return {
    ...words,
    numeric: false,
    content: ({ block }) => text(block),
    hover: ({ block }) => hover(block),
    order: ({ block }) => text(block),
    plain: ({ block }) => text(block),
  };
}

function figure(
  words: Words,
  of: (block: AttentionBlock) => Amount,
  unit: string,
): Omit<BlockColumnView, "id"> {
  return {
    ...words,
    numeric: true,
    content: ({ block }) => amountText(of(block), count),
    hover: ({ block }) => amountHover(words.title, unit, of(block)),
    order: ({ block }) => of(block).value,
    plain: ({ block }) => String(of(block).value ?? ""),
  };
}

function partMacs(part: AttentionPart, rule: string): Omit<BlockColumnView, "id"> {
  return figure({ title: PART_WORDS[part], rule, width: 118 }, (block) => block.cost[part].macs, "MACs");
}

const VIEWS: { readonly [id in BlockColumn]: Omit<BlockColumnView, "id"> } = {
  name: textual(
    { title: "Block", rule: "Module of the block, or the node that stands for it", width: 210 },
    ({ label }) => label,
    ({ label, runs }) => (runs.formula === "1" ? label : `${label}\n${sizeHover("Runs", runs)}`),
  ),
  op: textual(
    { title: "Form", rule: "A fused operator, or the operators that exporters write for it", width: 118 },
    ({ form, op }) => (form === "fused" ? (op.split(".").at(-1) ?? op) : "decomposed"),
    ({ form, op }) => (form === "fused" ? `The operator ${op}` : `Several operators around a ${op}`),
  ),
  relation: textual(
    {
      title: "Kind",
      rule: "Self: keys come from the same sequence as queries; cross: from another one",
      width: 58,
    },
    ({ relation }) => relation,
  ),
  heads: {
    title: "Heads",
    rule: "Heads of queries; and those of keys and values where there are fewer",
    width: 68,
    numeric: true,
    content: ({ block }) =>
      block.kvHeads.value === block.heads.value
        ? sizeText(block.heads)
        : `${sizeText(block.heads)} / ${sizeText(block.kvHeads)}`,
    hover: ({ block }) =>
      `${sizeHover("Heads", block.heads)}\n${sizeHover("Heads of keys and values", block.kvHeads)}`,
    order: ({ block }) => block.heads.value,
    plain: ({ block }) => `${block.heads.value ?? ""}/${block.kvHeads.value ?? ""}`,
  },
  headDim: {
    title: "Head width",
    rule: "Width of a head's queries and keys",
    width: 106,
    numeric: true,
    content: ({ block }) => sizeText(block.headDim),
    hover: ({ block }) =>
      `${sizeHover("Queries and keys", block.headDim)}\n${sizeHover("Values", block.valueHeadDim)}`,
    order: ({ block }) => block.headDim.value,
    plain: ({ block }) => String(block.headDim.value ?? ""),
  },
  lengths: {
    title: "Queries × keys",
    rule: "Lengths of both sequences now, cached keys included",
    width: 146,
    numeric: true,
    content: ({ block }) => `${sizeText(block.queryLength)} × ${sizeText(block.keyLength)}`,
    hover: ({ block }) =>
      [
        sizeHover("Queries", block.queryLength),
        sizeHover("Keys", block.keyLength),
        ...(block.pastLength.value === 0 ? [] : [sizeHover("of them from the cache", block.pastLength)]),
      ].join("\n"),
    order: ({ block }) => block.keyLength.value,
    plain: ({ block }) => `${block.queryLength.value ?? ""}x${block.keyLength.value ?? ""}`,
  },
  mask: textual(
    { title: "Mask", rule: "Which keys a query may see, as far as the file tells", width: 116 },
    ({ mask }) => maskText(mask),
    ({ mask }) => (mask.evidence === "" ? maskText(mask) : `${maskText(mask)}\n${mask.evidence}`),
  ),
  share: {
    title: "Share",
    rule: "Part of the model's FLOPs, projections included",
    width: 108,
    numeric: true,
    content: ({ share }) => <Share share={share} />,
    hover: ({ share }) => (share === null ? "unknown" : `${percent(share)} of the model's FLOPs`),
    order: ({ share }) => share,
    plain: ({ share }) => String(share ?? ""),
  },
  macs: {
    title: "MACs",
    rule: "Multiply-accumulates of the whole block, projections included",
    width: 84,
    numeric: true,
    content: ({ block }) => macsText(block),
    hover: ({ block }) => `${macsText(block)} MACs\n= ${block.polynomials.macs?.formula ?? "unknown"}`,
    order: ({ block }) => wholeMacs(block),
    plain: ({ block }) => String(wholeMacs(block) ?? ""),
  },
  projections: partMacs("projections", "Linear layers that make queries, keys and values, and the one after"),
  scores: partMacs("scores", "Products of queries and keys"),
  softmax: figure(
    { title: "Softmax FLOPs", rule: "Scaling to weights that sum to 1", width: 130 },
    (block) => block.cost.softmax.flops,
    "FLOPs",
  ),
  weightedSum: partMacs("weightedSum", "Products of weights and values"),
  formula: textual(
    { title: "FLOPs in n", rule: "FLOPs of the block as a polynomial in the length n", width: 260 },
    ({ polynomials }) => polynomials.flops?.formula ?? UNKNOWN,
  ),
};

export const COLUMNS: readonly BlockColumnView[] = BLOCK_COLUMNS.map((id) => ({ id, ...VIEWS[id] }));

/** Seen whole where there is little room. */
export const LEADING: ReadonlySet<string> = new Set(["name", "share", "macs"]);

export function columnOf(id: BlockColumn): BlockColumnView {
  return COLUMNS.find((column) => column.id === id)!;
}

/** The blocks with their shares, in the order of a sort: what is unknown comes last. */
export function blockRows(report: AttentionReport, sort: Sort<BlockColumn> | null): readonly BlockRow[] {
  const whole = report.totals.modelFlops.value;
  const rows = report.blocks.map((block) => {
    const flops = sumOf(block, "flops");
    return { block, share: flops === null || whole === null || whole === 0 ? null : flops / whole };
  });
  if (sort === null) {
    return rows;
  }
  const { order } = columnOf(sort.column);
  const sign = sort.descending ? -1 : 1;
  return rows
    .map((row, place) => ({ row, place, value: order(row) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) {
        return Number(a.value === null) - Number(b.value === null) || a.place - b.place;
      }
      const difference =
        typeof a.value === "number" && typeof b.value === "number"
          ? a.value - b.value
          : String(a.value).localeCompare(String(b.value), undefined, { numeric: true });
      return sign * difference || a.place - b.place;
    })
    .map(({ row }) => row);
}

/** A figure of a whole block; null where a part is unknown. */
export function sumOf(block: AttentionBlock, what: "macs" | "flops" | "bytes"): number | null {
  const parts = Object.values(block.cost).map((part) => part[what].value);
  return parts.some((value) => value === null)
    ? null
    : parts.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

function wholeMacs(block: AttentionBlock): number | null {
  return sumOf(block, "macs");
}

function macsText(block: AttentionBlock): string {
  return count(wholeMacs(block));
}

function Share({ share }: { readonly share: number | null }): VNode {
  return (
    <span class="share-cell">
      <ShareBar share={share ?? 0} />
      <span class="num">{percent(share)}</span>
    </span>
  );
}
