import type { AttentionBlock, AttentionCurve, AttentionReport } from "../../protocol/attention";
import type { ModelSummary } from "../../protocol/engine";
import type { AttentionBlockReport, AttentionInspectReport } from "../../protocol/report";
import type { CliEngine } from "../engine";
import { attentionLines } from "../output/attention";
import { jsonPieces } from "../output/json";
import { modelHeading } from "../output/report";
import { outputWidth } from "../output/terminal";

export interface AttentionOptions {
  readonly json?: boolean;
  readonly wide?: boolean;
}

/** What attention costs and how it grows, for people or as JSON. */
export async function* attention(
  engine: CliEngine,
  summary: ModelSummary,
  { json, wide }: AttentionOptions,
): AsyncGenerator<string> {
  const report = await engine.api.attention({});
  const curves = await Promise.all(
    report.modes.map(({ mode, axis }) => engine.api.attentionCurve({ mode, axis: axis.id })),
  );
  if (json === true) {
    yield* jsonPieces(await jsonReport(engine, report, curves));
    return;
  }
  for (const line of modelHeading(summary)) {
    yield `${line}\n`;
  }
  for (const line of attentionLines(report, curves, outputWidth(wide))) {
    yield `${line}\n`;
  }
}

/** Keys of rows are of the session alone: names stand in their place. */
async function jsonReport(
  engine: CliEngine,
  { modes, noAxis, totals, blocks, notRecognised }: AttentionReport,
  curves: readonly AttentionCurve[],
): Promise<AttentionInspectReport> {
  const rows = await engine.rows({ group: false, inner: "beside" });
  const names = new Map(rows.map(({ key, name }) => [key, name]));
  const nameOf = (key: string) => names.get(key) ?? key;
  const { model, dims, problems } = await engine.api.report({});
  return {
    schema: "onnxray.attention/1",
    model,
    dims,
    modes,
    noAxis,
    totals,
    curves: curves.map(({ revision: _, whatIf: __, ...curve }) => curve),
    blocks: blocks.map((block) => blockReport(block, nameOf)),
    notRecognised: notRecognised.map(({ key, reason, edge }) => ({
      name: nameOf(key),
      reason,
      edge: {
        value: edge.value,
        from: edge.from === null ? null : nameOf(edge.from),
        to: nameOf(edge.to),
      },
    })),
    problems,
  };
}

function blockReport(
  { key, label: _, nodes, projections, ...block }: AttentionBlock,
  nameOf: (key: string) => string,
): AttentionBlockReport {
  const { query, key: keys, value, output } = projections;
  return {
    name: nameOf(key),
    ...block,
    nodes: nodes.map(nameOf),
    projections: {
      query: query.map(nameOf),
      key: keys.map(nameOf),
      value: value.map(nameOf),
      output: output.map(nameOf),
    },
  };
}
