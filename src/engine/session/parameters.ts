import { concentrationOf } from "../../core/analysis/parameters/concentration";
import { bitsPerWeight, type Parameter } from "../../core/analysis/parameters/parameters";
import { ModelError } from "../../core/errors";
import type { TreemapNode } from "../../protocol/engine";
import type {
  ParametersReport,
  TensorKey,
  TensorPage,
  TensorQuery,
  TensorRow,
  TensorStatistics,
  TensorValues,
  ValuesQuery,
} from "../../protocol/parameters";
import { type Contents, type Copies, knownCopies, readContents } from "./parametersCopies";
import { type Reading, statisticsOf, valuesOf } from "./parametersReading";
import { contextIn, type TensorRecord, tensorRecords, UNUSED } from "./parametersRecords";
import { TensorTable } from "./parametersTable";
import type { ModelState } from "./state";
import { sizeTree } from "./treemap";

/** Small enough that what is left out of the treemap cannot be seen even after zooming in a few times. */
const SMALLEST_SHARE = 1e-5;
/** Tensors that are drawn apart in one part of the trees by operator and by type. */
const DRAWN_TENSORS = 60;

/** A tensor that holds the same content more often is worth a word. */
const NOTED_REPEATS = 2;

/** What the parameters panel shows of one state of the model. */
export class ModelParameters {
  private readonly state: ModelState;
  private readonly records: readonly TensorRecord[];
  private readonly bytes: number;
  private readonly contents: Contents;
  private copies: Copies;
  private table: TensorTable;
  private trees: Pick<ParametersReport, "byModule" | "byOp" | "byDtype"> | undefined;

  constructor(state: ModelState, contents: Contents) {
    this.state = state;
    this.contents = contents;
    this.records = tensorRecords(state);
    this.bytes = this.records.reduce((sum, { parameter }) => sum + parameter.bytes, 0);
    this.copies = this.findCopies();
    this.table = this.makeTable();
  }

  report(): ParametersReport {
    const { records, bytes } = this;
    const { curve, gini, half, ninety } = concentrationOf(records.map(({ parameter }) => parameter.params));
    this.trees ??= {
      byModule: moduleTree(records),
      byOp: groupTree(records, ({ op }) => op || UNUSED),
      byDtype: groupTree(records, ({ parameter }) => parameter.tensor.dtype),
    };
    return {
      revision: this.state.revision,
      tensors: records.length,
      params: records.reduce((sum, { parameter }) => sum + parameter.params, 0),
      bytes,
      bitsPerWeight: bitsPerWeight(records.map(({ parameter }) => parameter)),
      ...this.trees,
      concentration: curve,
      gini,
      half,
      ninety,
      copies: { compared: this.copies.compared, wastedBytes: this.copies.wastedBytes },
    };
  }

  page(query: TensorQuery): TensorPage {
    return this.table.page(query);
  }

  async statistics(tensor: TensorKey, reading: Reading): Promise<TensorStatistics> {
    const { revision, model, inference } = this.state;
    const parameter = this.find(tensor);
    const options = { model, inference, contextOf: contextIn(inference), ...reading };
    return { revision, tensor, ...(await statisticsOf(parameter, options)) };
  }

  async values(query: ValuesQuery, reading: Reading): Promise<TensorValues> {
    const { tensor } = this.find(query.tensor);
    return {
      revision: this.state.revision,
      tensor: query.tensor,
      ...(await valuesOf(tensor, query, reading)),
    };
  }

  async compare(reading: Reading): Promise<ParametersReport> {
    await readContents(
      this.records.map(({ parameter }) => parameter),
      this.contents,
      reading,
    );
    this.copies = this.findCopies();
    this.table = this.makeTable();
    return this.report();
  }

  private findCopies(): Copies {
    return knownCopies(
      this.records.map(({ parameter }) => parameter),
      this.contents,
    );
  }

  /** @throws ModelError when no tensor has that name there */
  private find({ name, graph }: TensorKey): Parameter {
    const found = this.records.find(
      ({ parameter }) => parameter.name === name && parameter.graph.path === graph,
    );
    if (found === undefined) {
      throw new ModelError(
        "missing",
        `There is no tensor ${name}${graph === "" ? "" : ` in ${graph}`}.`,
        { tensor: name },
        "It may have been changed since it was shown.",
      );
    }
    return found.parameter;
  }

  private makeTable(): TensorTable {
    return new TensorTable({
      revision: this.state.revision,
      records: this.records,
      rowOf: (record) => this.row(record),
      sharingText: (record) => this.sharing(record)?.kind ?? "",
    });
  }

  private row(record: TensorRecord): TensorRow {
    const { parameter, usedBy, uses, path, op } = record;
    const { name, graph, tensor, role, params, bytes, notes } = parameter;
    return {
      tensor: { name, graph: graph.path },
      usedBy,
      uses,
      path,
      op,
      role,
      dims: tensor.dims,
      dtype: tensor.dtype,
      params,
      bytes,
      share: this.bytes === 0 ? 0 : bytes / this.bytes,
      bitsPerWeight: parameter.bitsPerWeight,
      sharing: this.sharing(record),
      notes: [...notes, ...this.repeatNotes(parameter)],
      location: tensor.data.kind === "external" ? tensor.data.location : "",
    };
  }

  private repeatNotes({ tensor }: Parameter): readonly string[] {
    const times = this.contents.repeats.get(tensor) ?? 1;
    return times < NOTED_REPEATS
      ? []
      : [
          `It holds the same content ${times} times: stored once and expanded, it would be that much smaller.`,
        ];
  }

  private sharing({ parameter, uses }: TensorRecord): TensorRow["sharing"] {
    const copy = this.copies.of.get(parameter);
    if (copy !== undefined) {
      return { kind: copy.kind, of: copy.of.name, bytes: copy.wastedBytes };
    }
    return parameter.bitsPerWeight !== null && uses > 1 ? { kind: "tied", uses } : null;
  }
}

function moduleTree(records: readonly TensorRecord[]): TreemapNode {
  const leaves = {
    paths: records.map(({ path }) => path),
    labels: records.map(({ parameter }) => parameter.name),
    sizes: records.map(({ parameter: { bytes, params } }) => ({ bytes, params })),
  };
  return sizeTree(leaves, SMALLEST_SHARE);
}

/** Two levels: groups, and the largest tensors in each. */
function groupTree(records: readonly TensorRecord[], groupOf: (record: TensorRecord) => string): TreemapNode {
  const groups = new Map<string, TensorRecord[]>();
  for (const record of records) {
    const group = groupOf(record);
    const list = groups.get(group);
    if (list === undefined) {
      groups.set(group, [record]);
    } else {
      list.push(record);
    }
  }
  const node = (label: string, path: string, children: readonly TreemapNode[]): TreemapNode => ({
    label,
    path,
    bytes: children.reduce((sum, { bytes }) => sum + bytes, 0),
    params: children.reduce((sum, { params }) => sum + params, 0),
    children: children.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes),
  });
  const leaf = ({ parameter: { name, bytes, params }, path }: TensorRecord): TreemapNode => ({
    ...{ label: name, path, bytes, params },
    children: [],
  });
  const parts = [...groups].map(([label, members]) => {
    const sorted = members.sort((a, b) => b.parameter.bytes - a.parameter.bytes);
    const drawn = sorted.slice(0, DRAWN_TENSORS).map(leaf);
    const rest = sorted.slice(DRAWN_TENSORS);
    const other = {
      ...{ label: "other", path: "" },
      bytes: rest.reduce((sum, { parameter }) => sum + parameter.bytes, 0),
      params: rest.reduce((sum, { parameter }) => sum + parameter.params, 0),
      children: [],
    };
    return node(label, "", [...drawn, other]);
  });
  return node("model", "", parts);
}
