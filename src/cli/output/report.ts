import type { ModelSummary } from "../../protocol/engine";
import type { Problem } from "../../protocol/problem";
import type { ProfileResult } from "../../protocol/profiler";
import type { LayerRow } from "../../protocol/rows";
import { renderTable, type TableColumn } from "./table";
import { bytes, count, milliseconds, percent } from "./units";

/** The model and its totals, in a few lines. */
export function modelHeading(summary: ModelSummary): string {
  const { totals } = summary;
  const { coverage } = totals;
  const opsets = summary.opsets.map(({ domain, version }) => `${domain || "ai.onnx"} ${version}`).join(", ");
  const dims = summary.dims.map((dim) => `${dim.name}=${dim.value}`).join(" ");
  const atLeast = coverage.unknown > 0 ? "≥ " : "";
  const unknown = coverage.unknownOps.map(
    ({ op, domain, nodes }) => `${domain ? `${domain}.` : ""}${op} ×${nodes}`,
  );
  return [
    `${summary.fileName}  ${bytes(summary.fileBytes + summary.externalBytes)}  IR ${summary.irVersion}  opset ${opsets}  ${summary.producer}`.trimEnd(),
    ...(dims === "" ? [] : [`at ${dims}`]),
    `${count(totals.params)} parameters, ${bytes(totals.weightBytes)} weights, ` +
      `${atLeast}${count(totals.flops.value)}FLOPs, ${atLeast}${count(totals.macs.value)}MACs, ` +
      `peak activations ${bytes(totals.peakActivationBytes.value)} (estimate)`,
    `${coverage.exact + coverage.estimate} of ${coverage.nodes} nodes counted` +
      (unknown.length === 0 ? "" : `; no figure for ${unknown.join(", ")}`),
  ].join("\n");
}

const COLUMNS: readonly TableColumn[] = [
  { title: "layer", align: "left", maxWidth: 60 },
  { title: "op", align: "left" },
  { title: "output", align: "left", maxWidth: 32 },
  { title: "params", align: "right" },
  { title: "weights", align: "right" },
  { title: "MACs", align: "right" },
  { title: "FLOPs", align: "right" },
  { title: "share", align: "right" },
];

const TIME_COLUMNS: readonly TableColumn[] = [
  { title: "ms", align: "right" },
  { title: "of time", align: "right" },
];

/** Rows as a table; measured columns appear when a row has them. */
export function layerTable(rows: readonly LayerRow[]): string {
  const timed = rows.some((row) => row.timeMs !== null);
  return renderTable(
    timed ? [...COLUMNS, ...TIME_COLUMNS] : COLUMNS,
    rows.map((row) => [
      "  ".repeat(row.depth) + row.name,
      row.kind === "module" ? `${row.nodes} nodes` : row.op,
      row.boundShape,
      row.params === 0 ? "" : count(row.params),
      row.weightBytes === 0 ? "" : bytes(row.weightBytes),
      count(row.macs),
      `${row.kind === "module" && row.unknownNodes > 0 ? "≥ " : ""}${count(row.flops)}`,
      percent(row.share),
      ...(timed
        ? [
            `${row.timeKind === "attributed" ? "~" : ""}${milliseconds(row.timeMs)}`,
            row.timeShare === null ? "" : percent(row.timeShare),
          ]
        : []),
    ]),
  );
}

export function problemLines(problems: readonly Problem[]): string[] {
  return problems.length === 0
    ? []
    : [problems.map(({ severity, message }) => `${severity}: ${message}`).join("\n")];
}

/** The timing of a profile, in a few lines. */
export function profileHeading(result: ProfileResult): string {
  const dims = Object.entries(result.bindings).map(([name, value]) => `${name}=${value}`);
  return [
    `${result.provider} (${result.device})${dims.length === 0 ? "" : ` at ${dims.join(" ")}`}`,
    `p50 ${result.p50Ms.toPrecision(3)} ms, p90 ${result.p90Ms.toPrecision(3)} ms, p99 ${result.p99Ms.toPrecision(3)} ms, ` +
      `mean ${result.meanMs.toPrecision(3)} ± ${result.stdDevMs.toPrecision(2)} ms over ${result.runs} runs`,
    `session creation ${result.createMs.toPrecision(3)} ms, first run ${result.firstRunMs.toPrecision(3)} ms`,
    `node times sum to ${result.nodesMs.toPrecision(3)} ms; ${result.unmappedMs.toPrecision(3)} ms of them could not be joined to a layer`,
  ].join("\n");
}
