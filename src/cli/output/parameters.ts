import type { ParametersReport, TensorRow, TensorStatistics } from "../../protocol/parameters";
import { printable } from "./printable";
import { type TableColumn, tableLines } from "./table";
import { bytes, count, percent } from "./units";

const ROLES: { readonly [role in TensorRow["role"]]: string } = {
  weight: "weight",
  bias: "bias",
  norm: "norm",
  vocabulary: "vocabulary",
  positions: "positions",
  scale: "scale",
  zeroPoint: "zero point",
  constant: "constant",
};

const COLUMNS: readonly TableColumn[] = [
  { title: "tensor", align: "left", narrowest: 24 },
  { title: "used by", align: "left", narrowest: 12, leaves: 2 },
  { title: "is", align: "left" },
  { title: "shape", align: "left", narrowest: 8, leaves: 4 },
  { title: "dtype", align: "left" },
  { title: "params", align: "right", leaves: 3 },
  { title: "bytes", align: "right" },
  { title: "share", align: "right" },
  { title: "bits", align: "right", leaves: 5 },
  { title: "note", align: "left", narrowest: 10, leaves: 1 },
];

/** The sums over all tensors and how they are spread, a line each. */
export function parametersHeading(file: string, report: ParametersReport): readonly string[] {
  const { copies, bitsPerWeight, half, ninety, tensors, gini } = report;
  const bits = bitsPerWeight === null ? "" : `, ${decimals(bitsPerWeight)} bits for each weight`;
  return [
    `${printable(file)}  ${counted(tensors, "tensor")}`,
    `parameters  ${count(report.params)} in ${bytes(report.bytes)}${bits}`,
    `spread      half of them in ${counted(half, "tensor")}, 90 % in ${counted(ninety, "tensor")}, Gini coefficient ${gini.toFixed(2)}`,
    copies.compared
      ? `copies      ${bytes(copies.wastedBytes)} are stored more than once`
      : "copies      not compared; --copies reads the tensors of equal size",
  ];
}

export function tensorTable(
  rows: readonly TensorRow[],
  { tensors, params, bytes: allBytes }: ParametersReport,
  width: number,
): Generator<string> {
  const hidden = tensors - rows.length;
  return tableLines(
    COLUMNS,
    rows.map((row) => [
      row.tensor.graph === "" ? row.tensor.name : `${row.tensor.graph}: ${row.tensor.name}`,
      usedBy(row),
      ROLES[row.role],
      row.dims.join("×"),
      row.dtype,
      row.params === 0 ? "" : count(row.params),
      bytes(row.bytes),
      percent(row.share),
      row.bitsPerWeight === null ? "" : decimals(row.bitsPerWeight),
      notesOf(row).join(" "),
    ]),
    width,
    [
      [
        hidden > 0 ? `all, ${hidden} not shown` : "all",
        "",
        "",
        "",
        "",
        count(params),
        bytes(allBytes),
        "",
        "",
        "",
      ],
    ],
  );
}

export function tensorHeading(row: TensorRow): readonly string[] {
  const { tensor, dims, dtype, role, location } = row;
  const where = location === "" ? "" : ` in ${location}`;
  return [
    tensor.graph === "" ? tensor.name : `${tensor.graph}: ${tensor.name}`,
    `${ROLES[role]}  ${dtype} ${dims.join("×") || "scalar"}  ${bytes(row.bytes)}${where}`,
    `used by     ${usedBy(row) || "nothing"}`,
    ...notesOf(row).map((note) => `note        ${note}`),
  ].map(printable);
}

/** What the values are, a line for each kind of figure, and the histogram. */
export function statisticsLines(
  statistics: Omit<TensorStatistics, "revision" | "tensor">,
  width: number,
): readonly string[] {
  const { elements, zeros, nearZeros, nan, infinite, nm, blocks, channels, histogram } = statistics;
  const share = (part: number) => percent(elements === 0 ? null : part / elements);
  return [
    `range       ${real(statistics.min)} to ${real(statistics.max)}`,
    `mean        ${real(statistics.mean)} ± ${real(statistics.std)}`,
    `zeros       ${share(zeros)}; ${share(nearZeros)} below ${real(statistics.nearZeroBelow)}`,
    ...(nan + infinite === 0 ? [] : [`not finite  ${nan} NaN, ${infinite} infinite`]),
    ...(nm === null
      ? []
      : [
          `${nm.keep}:${nm.of}         ${percent(nm.share)} of the groups of ${nm.of} have at least ${nm.of - nm.keep} zeros`,
        ]),
    ...(blocks.length === 0
      ? []
      : [
          `blocks      ${blocks.map((block) => `${block.rows}×${block.columns} ${percent(block.zeroShare)}`).join(", ")} wholly zero`,
        ]),
    ...(channels === null
      ? []
      : [
          `channels    ${channels.count} along axis ${channels.axis}, ${channels.outliers.length === 0 ? "none" : channels.outliers.length} out of line` +
            (channels.outliers.length === 0 ? "" : `: ${channels.outliers.slice(0, 8).join(", ")}`),
        ]),
    "",
    ...histogramLines(histogram, width),
  ];
}

const BAR = "█";

function histogramLines({ from, to, counts }: TensorStatistics["histogram"], width: number): string[] {
  const most = counts.reduce((largest, value) => Math.max(largest, value), 0);
  const labels = counts.map((_, bin) => real(from + ((to - from) * bin) / counts.length));
  const widest = labels.reduce((longest, label) => Math.max(longest, label.length), 0);
  const room = Math.max(10, Math.min(60, width - widest - 12));
  return counts.map((value, bin) =>
    `${labels[bin]!.padStart(widest)}  ${BAR.repeat(Math.round((room * value) / most))} ${value === 0 ? "" : count(value)}`.trimEnd(),
  );
}

function usedBy({ usedBy: readers, uses }: TensorRow): string {
  const [first] = readers;
  return first === undefined ? "" : uses > 1 ? `${first.label} and ${uses - 1} more` : first.label;
}

function notesOf({ sharing, notes, uses }: TensorRow): readonly string[] {
  const shared =
    sharing === null
      ? []
      : sharing.kind === "tied"
        ? [`Tied: ${uses} layers read it.`]
        : [`${sharing.kind === "copy" ? "Copy" : "Transpose"} of ${sharing.of}.`];
  return [...shared, ...notes];
}

function real(value: number | null): string {
  return value === null ? "?" : String(Number(value.toPrecision(4)));
}

function decimals(value: number): string {
  return String(Number(value.toFixed(2)));
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
