import type { ModelSummary } from "../../protocol/engine";
import type { PeakMemory } from "../../protocol/memory";
import type { ProfileResult } from "../../protocol/profiler";
import type { LayerRow } from "../../protocol/rows";
import { printable } from "./printable";
import { type TableColumn, tableLines } from "./table";
import { bytes, count, milliseconds, percent } from "./units";

/** The model and its totals, a line for each kind of figure. */
export function modelHeading(summary: ModelSummary): readonly string[] {
  const { totals } = summary;
  const { coverage } = totals;
  const atLeast = coverage.unknown > 0 ? "at least " : "";
  const opsets = summary.opsets.map(({ domain, version }) => `${domain} ${version}`).join(", ");
  const byDtype = totals.weightBytesByDtype.map((part) => `${part.dtype} ${bytes(part.bytes)}`).join(", ");
  const unknown = coverage.unknownOps.map(
    ({ op, domain, nodes }) => `${domain ? `${domain}.` : ""}${op} ×${nodes}`,
  );
  const figures: readonly (readonly [string, string])[] = [
    ["dims", dimsText(Object.fromEntries(summary.dims.map(({ name, value }) => [name, value])))],
    ["parameters", `${count(totals.params)} in ${bytes(totals.weightBytes)}${byDtype && ` (${byDtype})`}`],
    ["compute", `${atLeast}${computeText(totals.flops.value, totals.macs.value)}`],
    [
      "memory",
      `${atLeast}${bytes(totals.readBytes.value)} read, ${bytes(totals.writeBytes.value)} written, ` +
        `activations up to ${bytes(totals.peakActivationBytes.value)} at once (estimate)`,
    ],
    [
      "coverage",
      `${coverage.nodes - coverage.unknown} of ${coverage.nodes} nodes counted, ${coverage.estimate} of them by estimate` +
        (unknown.length === 0 ? "" : `; no figure for ${unknown.join(", ")}`),
    ],
  ];
  return [
    [
      summary.fileName,
      bytes(summary.fileBytes + summary.externalBytes),
      `IR ${summary.irVersion}`,
      opsets,
      summary.producer,
    ],
    ...figures.map(([title, text]) => [title.padEnd(10), text || "all fixed"]),
  ].map((parts) => `${parts[0]}  ${printable(parts.slice(1).join("  "))}`);
}

const HELD_SHOWN = 3;

/** Where the peak of activations is and what is held there, largest first. */
export function peakLine({ at, held }: PeakMemory): string {
  const shown = held.slice(0, HELD_SHOWN).map(({ name, bytes: size, kind, idle }) => {
    const why = kind === "input" ? " (input)" : idle ? " (kept for later)" : "";
    return `${name} ${bytes(size)}${why}`;
  });
  const more = held.length > HELD_SHOWN ? ` and ${held.length - HELD_SHOWN} more` : "";
  const text = at === null ? "no size is known" : `at ${at.name}, with ${shown.join(", ")}${more}`;
  return `peak        ${printable(text)}`;
}

const COLUMNS: readonly TableColumn[] = [
  { title: "layer", align: "left", narrowest: 30 },
  { title: "op", align: "left", narrowest: 10 },
  { title: "output", align: "left", narrowest: 10, leaves: 3 },
  { title: "params", align: "right", leaves: 2 },
  { title: "weights", align: "right", leaves: 1 },
  { title: "MACs", align: "right", leaves: 4 },
  { title: "FLOPs", align: "right" },
  { title: "share", align: "right" },
];

const TIME_COLUMNS: readonly TableColumn[] = [
  { title: "ms", align: "right" },
  { title: "of time", align: "right" },
];

export interface LayerTableParts {
  readonly rows: readonly LayerRow[];
  readonly summary: ModelSummary;
  readonly profile?: ProfileResult;
  readonly width: number;
}

/** Rows as a table with the model's totals below; measured columns when there is a profile. */
export function layerTable({ rows, summary, profile, width }: LayerTableParts): Generator<string> {
  const timed = profile !== undefined;
  const grouped = rows.some((row) => row.kind === "module");
  return tableLines(
    timed ? [...COLUMNS, ...TIME_COLUMNS] : COLUMNS,
    rows.map((row) => [
      "  ".repeat(row.depth) + (grouped ? ownName(row) : fullName(row)),
      row.kind === "module" ? nodesText(row.nodes) : row.op,
      row.boundShape,
      row.params === 0 ? "" : count(row.params),
      row.weightBytes === 0 ? "" : bytes(row.weightBytes),
      count(row.macs),
      `${trustMark(row)}${count(row.flops)}`,
      percent(row.share),
      ...(timed
        ? [
            `${row.timeKind === "attributed" ? "~" : ""}${milliseconds(row.timeMs)}`,
            row.timeShare === null ? "" : percent(row.timeShare),
          ]
        : []),
    ]),
    width,
    [totalRow(rows, summary, profile)],
  );
}

function totalRow(
  rows: readonly LayerRow[],
  { totals, nodes }: ModelSummary,
  profile: ProfileResult | undefined,
): string[] {
  const shown = rows.filter((row) => row.kind === "node").length;
  return [
    shown < nodes ? `all, ${nodes - shown} not shown` : "all",
    nodesText(nodes),
    "",
    count(totals.params),
    bytes(totals.weightBytes),
    count(totals.macs.value),
    `${totals.coverage.unknown > 0 ? "≥" : ""}${count(totals.flops.value)}`,
    "",
    ...(profile === undefined ? [] : [milliseconds(profile.nodesMs), ""]),
  ];
}

function computeText(flops: number | null, macs: number | null): string {
  const other = flops === null || macs === null ? null : flops - 2 * macs;
  return `${count(flops, "FLOPs")} = 2 × ${count(macs, "MACs")} + ${count(other)} others`;
}

function trustMark({ kind, unknownNodes, trust }: LayerRow): string {
  if (kind === "module" && unknownNodes > 0) {
    return "≥";
  }
  return trust === "estimate" ? "~" : "";
}

/** Names of some exporters, such as node_MatMul_84, say nothing without their module. */
function fullName({ name, path }: LayerRow): string {
  return path === "" || name.includes("/") ? name : `${path}: ${name}`;
}

/** Under a module's line, its path need not be said again. */
function ownName({ kind, name }: LayerRow): string {
  return kind === "module" ? name : name.slice(name.lastIndexOf("/") + 1) || name;
}

function nodesText(nodes: number): string {
  return `${nodes} ${nodes === 1 ? "node" : "nodes"}`;
}

function dimsText(dims: { readonly [name: string]: number }): string {
  return Object.entries(dims)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

function memoryLine({ memory }: ProfileResult): readonly string[] {
  if (memory === null) {
    return [];
  }
  const estimate =
    memory.estimatedBytes === null
      ? ""
      : `, ${bytes(memory.estimatedBytes)} estimated for the graph as it is`;
  return [`memory     activations up to ${bytes(memory.peakBytes)} at once${estimate}`];
}

/** The timing of a profile, in a few lines. */
export function profileHeading(result: ProfileResult): readonly string[] {
  const ms = (value: number) => `${milliseconds(value)} ms`;
  const elsewhere = result.placement.map(({ provider, nodes }) => `${provider} ${nodesText(nodes)}`);
  return [
    `${result.provider}  ${result.device}  ${dimsText(result.bindings)}`,
    `run        p50 ${ms(result.p50Ms)}, p90 ${ms(result.p90Ms)}, p99 ${ms(result.p99Ms)}`,
    `           mean ${ms(result.meanMs)} ± ${ms(result.stdDevMs)} over ${result.runs} runs`,
    `start      session ${ms(result.createMs)}, first run ${ms(result.firstRunMs)}`,
    `layers     ${ms(result.nodesMs)} in all, of which ${ms(result.unmappedMs)} belong to no layer`,
    ...memoryLine(result),
    ...(elsewhere.length === 0 ? [] : [`ran on     ${elsewhere.join(", ")}`]),
  ].map((line) => line.match(/^ */)![0] + printable(line));
}
