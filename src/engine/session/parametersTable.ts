import type { TensorColumn, TensorPage, TensorQuery, TensorRow } from "../../protocol/parameters";
import { type TensorRecord, UNUSED } from "./parametersRecords";

type Sort = NonNullable<TensorQuery["sort"]>;
type Filter = NonNullable<TensorQuery["filter"]>;

const NUMBERS: { readonly [column in TensorColumn]?: (row: TensorRecord) => number } = {
  params: (row) => row.parameter.params,
  bytes: (row) => row.parameter.bytes,
  share: (row) => row.parameter.bytes,
  bitsPerWeight: (row) => row.parameter.bitsPerWeight ?? Number.NaN,
};

/** The table of tensors: windows of rows in any order and filter. Orders are kept, so that scrolling costs nothing. */
export class TensorTable {
  private readonly revision: number;
  private readonly records: readonly TensorRecord[];
  private readonly rowOf: (record: TensorRecord) => TensorRow;
  private readonly sharingText: (record: TensorRecord) => string;
  /** Rank of every record by column, rising; equal ones share a rank, records without a value have none (NaN). */
  private readonly ranks = new Map<TensorColumn, Float64Array>();
  private cached:
    | { readonly key: string; readonly order: Uint32Array; readonly sum: TensorPage["sum"] }
    | undefined;

  constructor(parts: {
    readonly revision: number;
    readonly records: readonly TensorRecord[];
    readonly rowOf: (record: TensorRecord) => TensorRow;
    /** What the column "sharing" sorts by. */
    readonly sharingText: (record: TensorRecord) => string;
  }) {
    this.revision = parts.revision;
    this.records = parts.records;
    this.rowOf = parts.rowOf;
    this.sharingText = parts.sharingText;
  }

  page(query: TensorQuery): TensorPage {
    const { order, sum } = this.ordered(query);
    const start = Math.max(0, Math.min(query.start, order.length));
    const window = order.subarray(start, start + Math.max(0, query.count));
    return {
      revision: this.revision,
      total: order.length,
      allTensors: this.records.length,
      start,
      rows: Array.from(window, (index) => this.rowOf(this.records[index]!)),
      sum,
    };
  }

  private ordered({ sort, filter }: TensorQuery): {
    readonly order: Uint32Array;
    readonly sum: TensorPage["sum"];
  } {
    const key = JSON.stringify([sort, filter]);
    if (this.cached?.key !== key) {
      const matches = matcher(filter ?? {});
      const order = Uint32Array.from(this.records.keys()).filter((index) => matches(this.records[index]!));
      const sum = { params: 0, bytes: 0 };
      for (const index of order) {
        sum.params += this.records[index]!.parameter.params;
        sum.bytes += this.records[index]!.parameter.bytes;
      }
      if (sort !== undefined) {
        this.sort(order, sort);
      }
      this.cached = { key, order, sum };
    }
    return this.cached;
  }

  /** What has no value stays at the end in both directions: it is neither the largest nor the smallest. */
  private sort(order: Uint32Array, { column, descending }: Sort): void {
    const ranks = this.ranksOf(column);
    const sign = descending ? -1 : 1;
    order.sort((a, b) => {
      const left = ranks[a]!;
      const right = ranks[b]!;
      if (left === right) {
        return a - b;
      }
      const missing = Number(Number.isNaN(left)) - Number(Number.isNaN(right));
      return missing || sign * (left - right) || a - b;
    });
  }

  private ranksOf(column: TensorColumn): Float64Array {
    let ranks = this.ranks.get(column);
    if (ranks === undefined) {
      const number = NUMBERS[column];
      ranks =
        number === undefined
          ? textRanks(this.records.map((record) => this.text(record, column)))
          : Float64Array.from(this.records, number);
      this.ranks.set(column, ranks);
    }
    return ranks;
  }

  private text(record: TensorRecord, column: TensorColumn): string {
    switch (column) {
      case "usedBy":
        return record.usedBy[0]?.label ?? "";
      case "path":
        return record.path;
      case "role":
        return record.parameter.role;
      case "shape":
        return record.parameter.tensor.dims.join("×");
      case "dtype":
        return record.parameter.tensor.dtype;
      case "sharing":
        return this.sharingText(record);
      default:
        return record.parameter.name;
    }
  }
}

function matcher({ text, module, op, dtype, role }: Filter): (record: TensorRecord) => boolean {
  const wanted = text?.toLowerCase() ?? "";
  return ({ parameter, path, op: itsOp, usedBy }) =>
    (wanted === "" ||
      parameter.name.toLowerCase().includes(wanted) ||
      path.toLowerCase().includes(wanted) ||
      usedBy.some(({ label }) => label.toLowerCase().includes(wanted))) &&
    (module === undefined || module === "" || path === module || path.startsWith(`${module}.`)) &&
    (op === undefined || (itsOp || UNUSED) === op) &&
    (dtype === undefined || parameter.tensor.dtype === dtype) &&
    (role === undefined || parameter.role === role);
}

/** Ranks of texts, numbers in them by value; empty ones have none. */
function textRanks(texts: readonly string[]): Float64Array {
  const collator = new Intl.Collator("en", { numeric: true });
  const distinct = [...new Set(texts)].sort(collator.compare);
  const rank = new Map(distinct.map((text, index) => [text, text === "" ? Number.NaN : index]));
  return Float64Array.from(texts, (text) => rank.get(text)!);
}
