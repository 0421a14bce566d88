import type { ModelSummary } from "../../protocol/engine";
import type { ParametersReport, TensorRow } from "../../protocol/parameters";
import type {
  InspectReport,
  ParametersInspectReport,
  TensorInspectReport,
  TensorReport,
} from "../../protocol/report";
import { RpcError } from "../../rpc/error";
import type { CliEngine } from "../engine";
import { jsonPieces } from "../output/json";
import { parametersHeading, statisticsLines, tensorHeading, tensorTable } from "../output/parameters";
import { outputWidth } from "../output/terminal";
import { closest } from "../suggest";

export interface ParametersOptions {
  readonly copies?: boolean;
  readonly tensor?: string;
  readonly json?: boolean;
  readonly top?: number;
  readonly wide?: boolean;
}

const PAGE = 10_000;

/** Prints where the parameters sit, largest tensors first, or with `tensor` what the values of one are. */
export async function* parameters(
  engine: CliEngine,
  summary: ModelSummary,
  options: ParametersOptions,
): AsyncGenerator<string> {
  if (options.tensor === undefined) {
    yield* parametersPieces(engine, summary, options);
  } else {
    yield* tensorPieces(engine, summary, options, options.tensor);
  }
}

async function* parametersPieces(
  engine: CliEngine,
  summary: ModelSummary,
  { copies, json, top, wide }: ParametersOptions,
): AsyncGenerator<string> {
  const report = copies ? await engine.api.compareTensors({}) : await engine.api.parameters({});
  if (json) {
    yield* jsonPieces(await parametersReport(engine, summary, report, top));
    return;
  }
  const lines = [
    ...parametersHeading(summary.fileName, report),
    "",
    ...tensorTable(await largestFirst(engine, top), report, outputWidth(wide)),
  ];
  for (const line of lines) {
    yield `${line}\n`;
  }
}

async function* tensorPieces(
  engine: CliEngine,
  summary: ModelSummary,
  { json, wide }: ParametersOptions,
  name: string,
): AsyncGenerator<string> {
  const row = demandTensor(await allTensors(engine), summary.fileName, name);
  const {
    revision: _,
    tensor: __,
    ...statistics
  } = await engine.api.tensorStatistics({ tensor: row.tensor });
  if (json) {
    const report: TensorInspectReport = {
      schema: "onnxray.tensor/1",
      model: await modelReport(engine),
      tensor: tensorReport(row),
      statistics,
      problems: summary.problems,
    };
    yield* jsonPieces(report);
    return;
  }
  for (const line of [...tensorHeading(row), ...statisticsLines(statistics, outputWidth(wide))]) {
    yield `${line}\n`;
  }
}

async function parametersReport(
  engine: CliEngine,
  summary: ModelSummary,
  report: ParametersReport,
  top: number | undefined,
): Promise<ParametersInspectReport> {
  const { params, bytes, bitsPerWeight, gini, half, ninety, copies, concentration } = report;
  const rows = top === undefined ? await allTensors(engine) : await largestFirst(engine, top);
  return {
    schema: "onnxray.parameters/1",
    model: await modelReport(engine),
    ...{ params, bytes, bitsPerWeight, gini, half, ninety, copies, concentration },
    tensors: rows.map(tensorReport),
    problems: summary.problems,
  };
}

async function modelReport(engine: CliEngine): Promise<InspectReport["model"]> {
  return (await engine.api.report({})).model;
}

function tensorReport({ tensor, usedBy, ...row }: TensorRow): TensorReport {
  return { ...tensor, ...row, usedBy: usedBy.map(({ label }) => label) };
}

async function largestFirst(
  engine: CliEngine,
  count = Number.POSITIVE_INFINITY,
): Promise<readonly TensorRow[]> {
  return await pages(engine, { sort: { column: "bytes", descending: true } }, count);
}

async function allTensors(engine: CliEngine): Promise<readonly TensorRow[]> {
  return await pages(engine, {}, Number.POSITIVE_INFINITY);
}

async function pages(
  engine: CliEngine,
  query: { readonly sort?: { readonly column: "bytes"; readonly descending: boolean } },
  most: number,
): Promise<readonly TensorRow[]> {
  const rows: TensorRow[] = [];
  for (let start = 0; start < most; start += PAGE) {
    const page = await engine.api.tensors({ ...query, start, count: Math.min(PAGE, most - start) });
    rows.push(...page.rows);
    if (rows.length >= page.total) {
      break;
    }
  }
  return rows;
}

/** By its name, or by "graph: name" where several graphs have one of that name. */
function demandTensor(rows: readonly TensorRow[], file: string, wanted: string): TensorRow {
  const nameOf = ({ tensor: { name, graph } }: TensorRow) => (graph === "" ? name : `${graph}: ${name}`);
  const found =
    rows.find((row) => nameOf(row) === wanted) ?? rows.find(({ tensor }) => tensor.name === wanted);
  if (found === undefined) {
    const meant = closest(wanted, rows.map(nameOf));
    throw new RpcError({
      code: "usage",
      message: `${file} has no tensor named ${wanted}.`,
      hint: `${meant === undefined ? "" : `Did you mean ${meant}? `}onnxray inspect --parameters lists them.`,
    });
  }
  return found;
}
