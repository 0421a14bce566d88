import { COLUMN_IDS, type ColumnId, type LayerRow } from "../../../../src/protocol/rows";
import { trusted, trustWords } from "../../../shared/format/amount";
import { bytes, count, duration, exact, percent, ratio } from "../../../shared/format/units";
import { tabSeparated } from "../../../shared/table/tsv";

export interface Column {
  readonly id: ColumnId;
  readonly title: string;
  /** What the column holds and by what rule; hovers and the column chooser say it. */
  readonly rule: string;
  readonly numeric: boolean;
  /** Filled only when the model was profiled. */
  readonly measured: boolean;
  readonly width: number;
  /** How far it may shrink in a narrow view; absent: not at all. */
  readonly narrowest?: number;
  text(row: LayerRow): string;
  /** Exact value in words. */
  hover(row: LayerRow): string;
  /** For copying: all digits, empty when unknown. */
  plain(row: LayerRow): string;
}

type Values = Pick<Column, "title" | "rule" | "width" | "narrowest"> & { readonly measured?: boolean };

function textual(
  values: Values & { readonly text: (row: LayerRow) => string; hover?: (row: LayerRow) => string },
) {
  return {
    ...values,
    numeric: false,
    measured: false,
    hover: values.hover ?? values.text,
    plain: values.text,
  };
}

function numeric(
  values: Values & {
    readonly unit: string;
    readonly value: (row: LayerRow) => number | null;
    readonly format: (value: number) => string;
    /** Follows from the file alone: no rule of thumb takes part. */
    readonly certain?: boolean;
    /** A ratio: with parts unknown it is no lower bound, only a guess. */
    readonly isRatio?: boolean;
    /** Counted by definition: a rule of thumb for other arithmetic makes it no less exact. */
    readonly counted?: boolean;
    /** Where there is nothing to give a figure of, which is not the same as not knowing it. */
    readonly absent?: (row: LayerRow) => boolean;
  },
) {
  const { format, unit, certain = false, isRatio = false, counted = false } = values;
  const trustOf = (row: LayerRow) => (counted ? row.macsTrust : row.trust);
  const value = (row: LayerRow) => (!certain && row.unknownNodes >= row.nodes ? null : values.value(row));
  return {
    ...values,
    numeric: true,
    measured: values.measured ?? false,
    text: (row: LayerRow) => {
      if (values.absent?.(row) === true) {
        return "–";
      }
      const trust = certain ? "exact" : isRatio && row.trust === "unknown" ? "estimate" : trustOf(row);
      return trusted(value(row), trust, format);
    },
    hover: (row: LayerRow) => {
      if (values.absent?.(row) === true) {
        return "none";
      }
      const known = value(row);
      const missing =
        row.unknownNodes > 0 && row.kind === "module"
          ? [`without ${row.unknownNodes} of ${row.nodes} nodes, whose cost is unknown`]
          : [];
      const trust = certain ? [] : [trustWords(trustOf(row))];
      return [known === null ? "unknown" : `${exact(known)} ${unit}`.trim(), ...missing, ...trust].join("\n");
    },
    plain: (row: LayerRow) => {
      const known = value(row);
      return known === null ? "" : String(known);
    },
  };
}

const COLUMNS: { readonly [id in ColumnId]: Omit<Column, "id"> } = {
  name: textual({
    title: "Layer",
    rule: "Name of the node, or of what it makes when it has none",
    width: 250,
    text: (row) => row.name,
    hover: (row) =>
      row.path === "" || row.kind === "module" ? row.path || row.name : `${row.name}\nin ${row.path}`,
  }),
  path: textual({
    title: "Module",
    rule: "Module that the layer belongs to, from the exporter's notes or from the names",
    width: 200,
    text: (row) => row.path,
  }),
  op: textual({
    title: "Operator",
    rule: "Operator of the node",
    width: 130,
    narrowest: 84,
    text: (row) => row.op,
    hover: (row) => (row.domain === "" ? row.op : `${row.domain}::${row.op}`),
  }),
  shape: textual({
    title: "Output shape",
    rule: "Shape of the first output, with the file's symbols",
    width: 160,
    text: (row) => row.shape,
    hover: (row) => (row.shape === row.boundShape ? row.shape : `${row.shape}\n= ${row.boundShape}`),
  }),
  dtype: textual({
    title: "Type",
    rule: "Element type of the first output",
    width: 76,
    text: (row) => row.dtype,
  }),
  params: numeric({
    title: "Params",
    rule: "Elements of the initializers that the layer reads; a shared tensor counts in each layer and once in totals",
    unit: "parameters",
    width: 84,
    value: (row) => row.params,
    format: count,
    certain: true,
  }),
  weightBytes: numeric({
    title: "Weights",
    rule: "Bytes of those initializers as they are stored",
    unit: "bytes",
    width: 88,
    value: (row) => row.weightBytes,
    format: bytes,
    certain: true,
  }),
  macs: numeric({
    title: "MACs",
    rule: "Multiply-accumulate operations of one run at the chosen sizes",
    unit: "MACs",
    width: 84,
    value: (row) => row.macs,
    format: count,
    counted: true,
  }),
  flops: numeric({
    title: "FLOPs",
    rule: "2 × MACs + all other floating-point operations of one run",
    unit: "FLOPs",
    width: 84,
    value: (row) => row.flops,
    format: count,
  }),
  share: numeric({
    title: "% of model",
    rule: "Part of the model's known FLOPs",
    unit: "of the model's FLOPs",
    width: 136,
    narrowest: 92,
    value: (row) => row.share,
    format: percent,
    isRatio: true,
  }),
  readBytes: numeric({
    title: "Read",
    rule: "Bytes read in one run: inputs and weights, each once",
    unit: "bytes",
    width: 88,
    value: (row) => row.readBytes,
    format: bytes,
    counted: true,
  }),
  writeBytes: numeric({
    title: "Written",
    rule: "Bytes written in one run: outputs",
    unit: "bytes",
    width: 88,
    value: (row) => row.writeBytes,
    format: bytes,
    counted: true,
  }),
  intensity: numeric({
    title: "FLOPs/byte",
    rule: "Arithmetic intensity: FLOPs per byte read or written; a low one is bound by memory, a high one by arithmetic",
    unit: "FLOPs per byte",
    width: 104,
    value: (row) => row.intensity,
    format: ratio,
    isRatio: true,
    absent: (row) => row.intensity === null && row.readBytes === 0 && row.writeBytes === 0,
  }),
  time: {
    title: "Time",
    rule: "Mean time of one run on this machine",
    numeric: true,
    measured: true,
    width: 84,
    text: (row) =>
      row.timeMs === null ? "" : `${row.timeKind === "attributed" ? "~" : ""}${duration(row.timeMs)}`,
    hover: (row) =>
      row.timeMs === null
        ? "No time was measured for this layer"
        : `${exact(row.timeMs)} ms, ${timeWords(row)}`,
    plain: (row) => (row.timeMs === null ? "" : String(row.timeMs)),
  },
  timeShare: {
    title: "% of time",
    rule: "Part of the summed time of all layers",
    numeric: true,
    measured: true,
    width: 136,
    narrowest: 92,
    text: (row) => (row.timeShare === null ? "" : percent(row.timeShare)),
    hover: (row) => (row.timeShare === null ? "No time was measured for this layer" : percent(row.timeShare)),
    plain: (row) => (row.timeShare === null ? "" : String(row.timeShare)),
  },
};

function timeWords(row: LayerRow): string {
  return row.timeKind === "attributed" ? "a part of what ran as one kernel with other layers" : "measured";
}

/** What a layer is and what it costs comes first: these are in view beside the detail pane. */
const FIRST: readonly ColumnId[] = ["name", "op", "flops", "share", "time", "timeShare", "macs"];

export const ALL_COLUMNS: readonly Column[] = [
  ...FIRST,
  ...COLUMN_IDS.filter((id) => !FIRST.includes(id)),
].map((id) => ({ id, ...COLUMNS[id] }));

export function columnOf(id: ColumnId): Column {
  return ALL_COLUMNS.find((column) => column.id === id)!;
}

/** Rows as tab-separated text with a header, amounts in full. */
export function rowsAsTsv(columns: readonly Column[], rows: readonly LayerRow[]): string {
  return tabSeparated([
    columns.map((column) => column.title),
    ...rows.map((row) => columns.map((column) => column.plain(row))),
  ]);
}
