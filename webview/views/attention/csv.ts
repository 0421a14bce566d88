import type { AttentionCurve, AttentionReport } from "../../../src/protocol/attention";
import { blockRows, COLUMNS } from "./table/columns";

/** All figures of the curve, one length a line. */
export function curveCsv(curve: AttentionCurve): string {
  const { whatIf } = curve;
  const columns: readonly (readonly [string, readonly number[]])[] = [
    ["n", curve.x],
    ["flops_rest_constant", curve.constant],
    ["flops_rest_growing", curve.linear],
    ["flops_projections", curve.projections],
    ["flops_attention", curve.attention],
    ["bytes_scores", curve.scoreBytes],
    ["bytes_streamed", curve.streamedBytes],
    ["bytes_kv_cache", curve.kvCacheBytes],
    ["bytes_weights", curve.x.map(() => curve.weightBytes)],
    ...(whatIf === undefined
      ? []
      : ([
          ["then_flops_projections", whatIf.projections],
          ["then_flops_attention", whatIf.attention],
          ["then_bytes_scores", whatIf.scoreBytes],
          ["then_bytes_kv_cache", whatIf.kvCacheBytes],
        ] as const)),
  ];
  return lines([
    columns.map(([name]) => name),
    ...curve.x.map((_, place) => columns.map(([, values]) => numberText(values[place]))),
  ]);
}

/** The table of blocks in file order, with all digits. */
export function blocksCsv(report: AttentionReport): string {
  return lines([
    COLUMNS.map(({ title }) => title),
    ...blockRows(report, null).map((row) => COLUMNS.map((column) => column.plain(row))),
  ]);
}

function numberText(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? "" : String(value);
}

/** A spreadsheet runs text that starts like a formula, and names come from a file that nobody vouched for. */
function lines(rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => {
    const safe = /^[=+\-@]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  };
  return `${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}
