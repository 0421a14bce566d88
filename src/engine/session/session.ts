import { basename } from "node:path";
import { History } from "../../core/edit/history";
import { ModelError } from "../../core/errors";
import { type InferOptions, infer } from "../../core/infer/infer";
import type { Inference } from "../../core/infer/types";
import { LIMITS } from "../../core/limits";
import { readModel } from "../../core/model/reader";
import type { Model } from "../../core/model/types";
import { TensorReader } from "../../core/tensor/reader";
import type { ActionCall, Change, Effect, NodeRef, Preview } from "../../protocol/actions";
import type { AttentionCurve, AttentionReport, CurveQuery } from "../../protocol/attention";
import type {
  Backup,
  Bindings,
  DimControl,
  Finding,
  Fingerprint,
  Lens,
  LensQuery,
  ModelSummary,
  OpenParams,
  Overview,
  SaveParams,
  SaveResult,
  Series,
  TextView,
} from "../../protocol/engine";
import type {
  ParametersReport,
  TensorKey,
  TensorPage,
  TensorQuery,
  TensorStatistics,
  TensorValues,
  ValuesQuery,
} from "../../protocol/parameters";
import type { ProfileOptions, ProfileResult, ProviderInfo } from "../../protocol/profiler";
import type { InspectReport } from "../../protocol/report";
import type { RowDetail, RowQuery } from "../../protocol/rows";
import type { EngineOptions } from "../engine";
import { externalTensors } from "../files/externalTensors";
import { sameFile } from "../files/fileSource";
import { checkExternalData, externalBytes, ModelFiles } from "../files/modelFiles";
import { profileModel } from "../profile/profileModel";
import { listProviders } from "../profile/providers";
import { saveModel } from "../save/saveModel";
import type { LayerTable } from "../table/layerTable";
import { applyCalls, nodeRefOf } from "./apply";
import { readMask } from "./attentionView";
import { moduleDetail, nodeDetail, positionsBelow } from "./detail";
import { dimControls } from "./dims";
import { effectOf } from "./effect";
import { exportRows } from "./exportRows";
import { lensesOf } from "./lenses";
import type { Answers } from "./offers";
import { overviewOf } from "./overview";
import type { Contents } from "./parametersCopies";
import type { Reading } from "./parametersReading";
import { previewOf } from "./preview";
import { inspectReport } from "./report";
import { growthSeries } from "./series";
import { ModelState } from "./state";
import { modelSummary } from "./summary";
import { View } from "./view";

/** Small constants that shape arithmetic may read. */
const SMALL_ELEMENTS = 256;

/** One open file: what was read of it and what was done to it since. */
interface Opened {
  readonly path: string;
  readonly files: ModelFiles;
  readonly reader: TensorReader;
  readonly model: Model;
  readonly history: History;
  /** Of the file on disk as this session last read or wrote it. */
  fingerprint: Fingerprint;
}

/** One open model, from the file to its figures. Everything that depends on the edits is in `view`, made anew by each. */
export class Session {
  private readonly options: EngineOptions;
  private opened: Opened | undefined;
  private view: View | undefined;
  /** Sizes that somebody chose; the others take their defaults. */
  private chosen: Bindings = {};
  private profiled: ProfileResult | null = null;
  private revision = 0;
  private readonly contents: Contents = { hashes: new WeakMap(), repeats: new WeakMap() };

  constructor(options: EngineOptions) {
    this.options = options;
  }

  open(params: OpenParams): ModelSummary {
    const opened = this.read(params.path);
    if (params.fingerprint !== undefined && !sameFile(params.fingerprint, opened.fingerprint)) {
      opened.files.close();
      throw new ModelError(
        "stale",
        `${basename(params.path)} is not the file that the edits were made on.`,
        { file: params.path },
        "Open it without the edits.",
      );
    }
    this.close();
    this.opened = opened;
    this.chosen = params.bindings ?? {};
    this.profiled = null;
    this.show();
    const actions = params.actions ?? [];
    actions.forEach((call, done) => {
      this.options.emit("openProgress", { phase: "replay", fraction: done / actions.length });
      this.apply([call]);
    });
    return this.summary();
  }

  summary(): ModelSummary {
    const { opened, view } = this.current();
    return modelSummary({
      view,
      dims: this.dims(),
      fileName: basename(opened.path),
      fileBytes: opened.files.source.size,
      externalBytes: view.externalBytes,
      problems: view.problems,
      fingerprint: opened.fingerprint,
      dirty: opened.history.dirty,
      canUndo: opened.history.canUndo,
      canRedo: opened.history.canRedo,
      profile: this.profiled,
    });
  }

  /** Sizes of dims; those that are not named keep theirs. */
  bind(bindings: Bindings): ModelSummary {
    const { view } = this.current();
    for (const [name, value] of Object.entries(bindings)) {
      if (!Number.isSafeInteger(value) || value < 0) {
        throw new ModelError(
          "usage",
          `The size of ${name} must be a whole number of at least 0, not ${value}.`,
        );
      }
    }
    this.chosen = { ...this.chosen, ...bindings };
    view.bind(this.bindings(view.dims));
    return this.summary();
  }

  overview(): Overview {
    const { view } = this.current();
    return overviewOf(view, this.dims());
  }

  series(dim: string): Series | null {
    return growthSeries(this.current().view.state, dim);
  }

  table(): LayerTable {
    return this.current().view.table;
  }

  detail(key: string): RowDetail {
    const { view } = this.current();
    if (key.startsWith("m")) {
      const path = key.slice(1);
      const offers = view.offers.below(positionsBelow(view.state, path));
      return { kind: "module", module: { ...moduleDetail(view.state, path), offers } };
    }
    const position = view.positionOf(key);
    return {
      kind: "node",
      node: { ...nodeDetail(view.state, view.links, position), ...view.offers.at(position) },
    };
  }

  exportRows(query: RowQuery, format: "csv" | "json" | "tsv"): { readonly text: string } {
    return { text: exportRows(this.table().allRows(query), format) };
  }

  offers(key: string): Answers {
    const { view } = this.current();
    if (key === "") {
      return view.offers.ofModel;
    }
    if (!key.startsWith("m")) {
      return view.offers.at(view.positionOf(key));
    }
    const path = key.slice(1);
    const below = view.offers.below(positionsBelow(view.state, path));
    return { offers: path === "" ? [...view.offers.suggestedForModel, ...below] : below, refusals: [] };
  }

  preview(call: ActionCall): Preview {
    const { opened, view } = this.current();
    return previewOf(view, call, opened.reader);
  }

  effect(calls: readonly ActionCall[]): Effect {
    const { opened, view } = this.current();
    return effectOf(view, calls, { reader: opened.reader, infer: () => this.infer() });
  }

  apply(calls: readonly ActionCall[]): Change {
    const { opened, view } = this.current();
    const label = applyCalls(view.state, opened.history, calls, {
      reader: opened.reader,
      infer: () => this.infer(),
    });
    this.show();
    return this.change(label);
  }

  undo(): Change {
    const { opened } = this.current();
    return this.stepped(opened.history.undo());
  }

  redo(): Change {
    const { opened } = this.current();
    return this.stepped(opened.history.redo());
  }

  async save(params: SaveParams, signal: AbortSignal): Promise<SaveResult> {
    const { opened } = this.current();
    const { model, files, reader, history } = opened;
    const overItself = params.path === undefined || params.path === opened.path;
    const saved = await saveModel({
      model,
      files,
      reader,
      path: params.path ?? opened.path,
      ...(this.options.computePath === undefined ? {} : { computePath: this.options.computePath }),
      ...(overItself ? { expected: opened.fingerprint } : {}),
      compact: params.compact === true,
      signal,
      onProgress: (progress) => this.options.emit("saveProgress", progress),
    });
    if (params.copy !== true) {
      history.markSaved();
      this.opened = { ...opened, path: saved.path, fingerprint: saved.fingerprint };
    } else if (overItself) {
      opened.fingerprint = saved.fingerprint;
    }
    return { ...saved, change: this.change("Save") };
  }

  revert(): ModelSummary {
    const { opened } = this.current();
    const fresh = this.read(opened.path);
    this.close();
    this.opened = fresh;
    this.profiled = null;
    this.show();
    return this.summary();
  }

  backup(): Backup {
    const { opened } = this.current();
    const actions = opened.history.callsSinceSave;
    if (actions === undefined) {
      throw new ModelError(
        "unsupported",
        "Edits that were saved and then undone cannot be kept without the file.",
        { file: opened.path },
        "Save the model, or redo the edits, before closing.",
      );
    }
    return { version: 1, fingerprint: opened.fingerprint, actions, bindings: this.bound() };
  }

  text(): TextView {
    return this.current().view.text.view();
  }

  lenses(params: LensQuery): Lens[] {
    return lensesOf(this.current().view, params);
  }

  findings(): Finding[] {
    return this.current().view.text.findings();
  }

  nodeRef(key: string): NodeRef {
    const { view } = this.current();
    return nodeRefOf(view.state, view.positionOf(key));
  }

  report(): InspectReport {
    const { view } = this.current();
    return inspectReport(
      view.state,
      this.summary(),
      this.profiled === null ? undefined : (position) => view.table.nodeRow(position),
    );
  }

  parameters(): ParametersReport {
    return this.current().view.tensors.report();
  }

  tensors(query: TensorQuery): TensorPage {
    return this.current().view.tensors.page(query);
  }

  tensorStatistics(tensor: TensorKey, signal: AbortSignal): Promise<TensorStatistics> {
    return this.current().view.tensors.statistics(tensor, this.reading(signal));
  }

  tensorValues(query: ValuesQuery, signal: AbortSignal): Promise<TensorValues> {
    return this.current().view.tensors.values(query, this.reading(signal));
  }

  compareTensors(signal: AbortSignal): Promise<ParametersReport> {
    return this.current().view.tensors.compare(this.reading(signal));
  }

  attention(): AttentionReport {
    const { view } = this.current();
    return view.attention.report(view.totals.now());
  }

  attentionCurve(query: CurveQuery): AttentionCurve {
    const { view } = this.current();
    return view.attention.curve(query, view.totals.weightBytes);
  }

  providers(signal: AbortSignal): Promise<readonly ProviderInfo[]> {
    return listProviders(this.options.profilerPath, signal);
  }

  async profile(options: ProfileOptions, signal: AbortSignal): Promise<ProfileResult> {
    const { opened, view } = this.current();
    const result = await profileModel({
      profilerPath: this.options.profilerPath,
      state: view.state,
      files: opened.files,
      reader: opened.reader,
      edited: opened.history.canUndo || !sameFile(opened.fingerprint, opened.files.source.fingerprint()),
      options,
      signal,
      onProgress: (progress) => this.options.emit("profileProgress", progress),
    });
    this.profiled = result;
    this.view?.showProfile(result);
    return result;
  }

  clearProfile(): ModelSummary {
    this.profiled = null;
    this.current().view.showProfile(null);
    return this.summary();
  }

  dispose(): void {
    this.close();
  }

  private reading(signal: AbortSignal): Reading {
    return {
      reader: this.current().opened.reader,
      signal,
      onProgress: (progress) => this.options.emit("tensorProgress", progress),
    };
  }

  private read(path: string): Opened {
    const files = new ModelFiles(path);
    try {
      const model = readModel(files.source, {
        onProgress: (fraction) => this.options.emit("openProgress", { phase: "index", fraction }),
      });
      files.locations = [...externalTensors(model).keys()].filter((location) => location !== "");
      return {
        path,
        files,
        reader: new TensorReader(files.source, files),
        model,
        history: new History(),
        fingerprint: files.source.fingerprint(),
      };
    } catch (thrown) {
      files.close();
      throw thrown;
    }
  }

  /** Works out everything anew from the model as it is now. */
  private show(): void {
    const { model, files, history, reader } = this.demandOpened();
    const inference = this.infer({
      onProgress: (done, total) =>
        this.options.emit("openProgress", { phase: "shapes", fraction: total === 0 ? 1 : done / total }),
    });
    this.options.emit("openProgress", { phase: "costs", fraction: 0 });
    const dims = dimControls(model, inference);
    const state = new ModelState({
      revision: ++this.revision,
      model,
      inference,
      bindings: this.bindings(dims),
    });
    this.view = new View({
      state,
      dims,
      edited: history.editedNodes,
      profile: this.profiled,
      externalBytes: externalBytes(model, files),
      contents: this.contents,
      attention: {
        infer: (suppose) => this.infer({ suppose }),
        readMask: (tensor) => readMask(reader, tensor),
      },
      problems: [...model.problems, ...checkExternalData(model, files), ...inference.problems].slice(
        0,
        LIMITS.problems,
      ),
    });
  }

  /** Shapes and costs of the model as it is at this moment. */
  private infer(options: Omit<InferOptions, "readSmall"> = {}): Inference {
    const { model, reader } = this.demandOpened();
    const before = this.view?.state;
    return infer(model, {
      ...options,
      previous: before?.model === model ? before.inference : undefined,
      readSmall: (tensor) => reader.small(tensor, SMALL_ELEMENTS),
    });
  }

  private bindings(dims: readonly DimControl[]): ReadonlyMap<string, number> {
    return new Map(dims.map(({ name, defaultValue }) => [name, this.chosen[name] ?? defaultValue]));
  }

  private dims(): readonly DimControl[] {
    return this.current().view.dims.map((dim) => ({
      ...dim,
      value: this.chosen[dim.name] ?? dim.defaultValue,
    }));
  }

  private bound(): Bindings {
    return Object.fromEntries(this.dims().map(({ name, value }) => [name, value]));
  }

  private stepped(step: { readonly label: string } | undefined): Change {
    if (step === undefined) {
      return this.change("");
    }
    this.show();
    return this.change(step.label);
  }

  private change(label: string): Change {
    const { history } = this.demandOpened();
    return {
      revision: this.revision,
      label,
      canUndo: history.canUndo,
      canRedo: history.canRedo,
      dirty: history.dirty,
    };
  }

  private current(): { readonly opened: Opened; readonly view: View } {
    const opened = this.demandOpened();
    if (this.view === undefined) {
      throw noModel();
    }
    return { opened, view: this.view };
  }

  private demandOpened(): Opened {
    if (this.opened === undefined) {
      throw noModel();
    }
    return this.opened;
  }

  private close(): void {
    this.opened?.files.close();
    this.opened = undefined;
    this.view = undefined;
  }
}

function noModel(): ModelError {
  return new ModelError("usage", "No model is open.");
}
