import { basename } from "node:path";
import * as vscode from "vscode";
import type { ActionCall, Change } from "../../protocol/actions";
import type {
  Bindings,
  EngineApi,
  Fingerprint,
  ModelSummary,
  SaveParams,
  SaveResult,
  TextView,
} from "../../protocol/engine";
import type { ProfileOptions, ProfileResult } from "../../protocol/profiler";
import type { ParamsOf, ResultOf } from "../../rpc/contract";
import { hostError } from "../errors";
import { type BackupFile, type Restore, toBackupFile } from "./backupFile";
import { DiskWatcher } from "./diskWatcher";
import { type EditGroup, EditLog } from "./editLog";
import type { EngineClient } from "./engineClient";
import { type EngineEvent, EngineLifecycle } from "./engineLifecycle";
import type { DiskState, ModelState } from "./modelState";
import { Mutex } from "./mutex";
import type { Opened } from "./openModel";

const NONE: Record<string, never> = {};

export interface SessionOptions {
  readonly workerPath: string;
  readonly log: vscode.LogOutputChannel;
  /** The engine crashed and another one has everything again. */
  onRecovered(fileName: string): void;
  /** Dims that the user set or that are remembered, read at each opening. */
  bindings(): Bindings;
}

/** Calls that only read: safe to ask again of a restarted engine. */
type ReadMethod = Exclude<
  keyof EngineApi,
  "open" | "bind" | "apply" | "undo" | "redo" | "save" | "revert" | "profile" | "clearProfile" | "backup"
>;

/**
 * One open model: its engine, its state, and the log of its edits. Every view of the model shares one session.
 * The engine may crash or be ended at any time; another one is started and the log replayed.
 */
export class ModelSession implements vscode.Disposable {
  readonly uri: vscode.Uri;
  readonly fileName: string;
  /** Rises when edits are dropped; an undo step of an older generation has nothing to undo. */
  generation = 0;
  /** Edits of a backup that no longer fit the file; whoever owns the document asks the user about them. */
  unfit: Restore | undefined;

  private readonly log = new EditLog();
  private readonly changes = new Mutex();
  private readonly disk: DiskWatcher;
  private readonly engine: EngineLifecycle;
  private bound: Bindings = {};
  /** Edits of a backup until the model that they belong to is open. */
  private pending: Restore | undefined;
  private restored: readonly EditGroup[] = [];
  private restoring: Promise<void> = Promise.resolve();
  private engineCanRedo = false;
  private textView: Promise<TextView> | undefined;

  private readonly stateEmitter = new vscode.EventEmitter<void>();
  private readonly changeEmitter = new vscode.EventEmitter<{ change: Change; summary: ModelSummary }>();
  private readonly figuresEmitter = new vscode.EventEmitter<object | undefined>();
  private readonly eventEmitter = new vscode.EventEmitter<EngineEvent>();

  /** Loading, open, failed, or the file on disk became another. */
  readonly onDidChangeState = this.stateEmitter.event;
  /** An edit was made, undone or redone, or the edits were saved. */
  readonly onDidChangeModel = this.changeEmitter.event;
  /** Figures changed with the model as it was: other dims, or a profile. */
  readonly onDidChangeFigures = this.figuresEmitter.event;
  readonly onEngineEvent = this.eventEmitter.event;

  constructor(uri: vscode.Uri, options: SessionOptions, restore?: Restore) {
    this.uri = uri;
    this.fileName = basename(uri.fsPath);
    this.pending = restore;
    this.disk = new DiskWatcher(uri, () => this.stateEmitter.fire());
    this.engine = new EngineLifecycle({
      path: uri.fsPath,
      fileName: this.fileName,
      workerPath: options.workerPath,
      log: options.log,
      bindings: () => ({ ...options.bindings(), ...this.bound }),
      mayDropEdits: () => !this.hasHistory,
      onState: () => {
        this.textView = undefined;
        this.stateEmitter.fire();
      },
      onEvent: (event) => this.eventEmitter.fire(event),
      onOpened: (opened, asked) => this.opened(opened, asked),
      onRecovered: () => options.onRecovered(this.fileName),
      onCrash: () => this.restoreAfterCrash(),
    });
    if (uri.scheme === "file") {
      this.engine.start(restore);
    } else {
      this.engine.fail({
        code: "unsupported",
        message: `Only files on a disk can be opened, not "${uri.scheme}:" documents.`,
        hint: "Save the model to a folder and open it from there.",
      });
    }
  }

  get state(): ModelState {
    return this.engine.state;
  }

  get diskState(): DiskState {
    return this.disk.state;
  }

  /** The undo steps that are applied, those that were saved too. */
  get edits(): readonly EditGroup[] {
    return this.log.done;
  }

  /** The undo steps that are applied and not in the file; undefined when saved edits were undone. */
  get unsaved(): readonly EditGroup[] | undefined {
    return this.log.unsaved;
  }

  /** True when anything was done that a new document of this model would not know of. */
  get hasHistory(): boolean {
    return this.log.position > 0 || this.log.undone.length > 0;
  }

  /** Resolves when the model is open; rejects with what went wrong. */
  async whenOpen(): Promise<void> {
    await this.engine.whenOpen();
  }

  /** Asks the engine, once more when it crashed meanwhile. */
  async read<M extends ReadMethod>(
    method: M,
    params: ParamsOf<EngineApi, M>,
    signal?: AbortSignal,
  ): Promise<ResultOf<EngineApi, M>> {
    const client = await this.engine.whenOpen();
    try {
      return await client.call(method, params, signal);
    } catch (thrown) {
      if (client.alive) {
        throw thrown;
      }
      return await (await this.engine.whenOpen()).call(method, params, signal);
    }
  }

  /** The text view of the present revision. */
  text(): Promise<TextView> {
    if (this.textView === undefined) {
      const view = this.read("text", NONE);
      this.textView = view;
      view.catch(() => {
        if (this.textView === view) {
          this.textView = undefined;
        }
      });
    }
    return this.textView;
  }

  /** `origin` is told to listeners, so that the one who asked can leave out what it is answered anyway. */
  async bind(bindings: Bindings, origin?: object): Promise<ModelSummary> {
    const client = await this.engine.whenOpen();
    return this.showFigures(await client.call("bind", { bindings }), origin);
  }

  /** Runs the model; the result is part of the summary from then on. */
  async profile(options: ProfileOptions, signal?: AbortSignal): Promise<ProfileResult> {
    const client = await this.engine.whenOpen();
    const result = await client.call("profile", options, signal);
    this.showFigures(await this.read("summary", NONE));
    return result;
  }

  async clearProfile(origin?: object): Promise<ModelSummary> {
    const client = await this.engine.whenOpen();
    return this.showFigures(await client.call("clearProfile", NONE), origin);
  }

  apply(calls: readonly ActionCall[]): Promise<Change> {
    return this.exclusive(async (client) => {
      const change = await client.call("apply", { calls });
      this.log.push({ label: change.label, calls });
      return this.showChange(change);
    });
  }

  /** Undoes the last step; false when the engine no longer has it. */
  undo(): Promise<boolean> {
    return this.exclusive(async (client) => {
      if (!this.log.canUndo) {
        return false;
      }
      const change = await client.call("undo", NONE);
      this.log.undo();
      await this.showChange(change);
      return true;
    });
  }

  /** Does the next undone step again; false when there is none. */
  redo(): Promise<boolean> {
    return this.exclusive(async (client) => {
      const next = this.log.undone[0];
      if (next === undefined) {
        return false;
      }
      const change = this.engineCanRedo
        ? await client.call("redo", NONE)
        : await client.call("apply", { calls: next.calls });
      this.log.redo();
      await this.showChange(change);
      return true;
    });
  }

  save(params: SaveParams, signal: AbortSignal): Promise<SaveResult> {
    return this.exclusive(async (client) => {
      const result = await client.call("save", params, signal);
      if (params.copy !== true) {
        this.log.markSaved();
        this.disk.expect(result.fingerprint);
      }
      await this.showChange(result.change);
      return result;
    });
  }

  /** Brings edits of a backup onto the open, unedited model; they are `unfit` when the file is another. */
  restore(restore: Restore): void {
    this.restoring = this.replay(restore).catch(() => {
      this.unfit = restore;
    });
  }

  /** The undo steps that a backup brought back, for the one who keeps the undo stack; answers once. */
  async takeRestored(): Promise<readonly EditGroup[]> {
    await this.engine.whenOpen();
    await this.restoring;
    const groups = this.restored;
    this.restored = [];
    return groups;
  }

  /** Opens again what failed to open, with its edits. */
  async retry(): Promise<void> {
    if (this.state.kind === "failed") {
      this.engine.start(this.restoreAfterCrash());
    }
    await this.engine.whenOpen();
  }

  /** Drops the edits and reads the file anew. */
  async revert(): Promise<void> {
    if (this.state.kind === "failed") {
      this.dropEdits();
      this.engine.start(undefined);
      await this.engine.whenOpen();
      return;
    }
    await this.exclusive(async (client) => {
      const summary = await client.call("revert", NONE);
      this.dropEdits();
      this.showOpen(summary);
    });
  }

  /** A few kilobytes that bring the unsaved edits back; works without an engine too. */
  async backup(): Promise<BackupFile> {
    const groups = this.log.unsaved;
    if (this.state.kind === "open") {
      const client = await this.engine.whenOpen();
      return toBackupFile(await client.call("backup", NONE), groups);
    }
    if (this.disk.expected === undefined) {
      throw hostError({ code: "internal", message: "There is nothing to back up yet." });
    }
    const actions = (groups ?? []).flatMap((group) => group.calls);
    return toBackupFile(
      { version: 1, fingerprint: this.disk.expected, actions, bindings: this.bound },
      groups,
    );
  }

  /** Stops an opening that takes too long. */
  cancelOpen(): void {
    if (this.state.kind === "loading") {
      this.engine.fail({ code: "cancelled", message: "Opening was stopped." });
    }
  }

  dispose(): void {
    this.engine.dispose();
    this.disk.dispose();
    this.stateEmitter.dispose();
    this.changeEmitter.dispose();
    this.figuresEmitter.dispose();
    this.eventEmitter.dispose();
  }

  private exclusive<T>(task: (client: EngineClient) => Promise<T>): Promise<T> {
    return this.changes.run(async () => {
      const client = await this.engine.whenOpen();
      try {
        return await task(client);
      } catch (thrown) {
        if (client.alive) {
          throw thrown;
        }
        throw hostError({
          code: "internal",
          message: "The engine stopped before this was done, and was started again.",
          where: { file: this.fileName },
          hint: "Earlier edits are back; the log says more.",
        });
      }
    });
  }

  private async replay(restore: Restore): Promise<void> {
    await this.engine.whenOpen();
    if (this.hasHistory || !sameFile(this.disk.expected, restore.fingerprint)) {
      this.unfit = restore;
      return;
    }
    await this.bind(restore.bindings);
    for (const group of restore.groups) {
      await this.apply(group.calls);
    }
    this.restored = restore.groups;
  }

  private opened(opened: Opened, asked: Restore | undefined): void {
    if (opened.unfit !== undefined) {
      this.unfit = opened.unfit;
    } else if (!this.hasHistory) {
      this.restored = asked?.groups ?? [];
      for (const group of this.restored) {
        this.log.push(group);
      }
    }
    this.pending = undefined;
    this.engineCanRedo = false;
    this.adopt(opened.summary);
  }

  private restoreAfterCrash(): Restore | undefined {
    const fingerprint = this.disk.expected;
    if (fingerprint === undefined) {
      return this.pending;
    }
    if (this.log.unsaved === undefined) {
      this.generation++;
    }
    this.log.rebase();
    return { fingerprint, groups: this.log.unsaved ?? [], bindings: this.bound };
  }

  private async showChange(change: Change): Promise<Change> {
    this.engineCanRedo = change.canRedo;
    this.textView = undefined;
    const summary = await this.read("summary", NONE);
    this.engine.setSummary(summary);
    this.changeEmitter.fire({ change, summary });
    return change;
  }

  private showFigures(summary: ModelSummary, origin?: object): ModelSummary {
    this.bound = boundOf(summary);
    this.engine.setSummary(summary);
    this.figuresEmitter.fire(origin);
    return summary;
  }

  private showOpen(summary: ModelSummary): void {
    this.adopt(summary);
    this.engine.setSummary(summary);
    this.textView = undefined;
    this.stateEmitter.fire();
  }

  private adopt(summary: ModelSummary): void {
    this.bound = boundOf(summary);
    this.disk.expect(summary.fingerprint);
  }

  private dropEdits(): void {
    this.generation++;
    this.pending = undefined;
    this.log.clear();
    this.engineCanRedo = false;
  }
}

function sameFile(a: Fingerprint | undefined, b: Fingerprint): boolean {
  return a?.size === b.size && a.mtimeMs === b.mtimeMs && a.edges === b.edges;
}

function boundOf(summary: ModelSummary): Bindings {
  return Object.fromEntries(summary.dims.map((dim) => [dim.name, dim.value]));
}
