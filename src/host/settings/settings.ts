import * as vscode from "vscode";
import type { Bindings } from "../../protocol/engine";
import type { PanelSettings } from "../../protocol/panels";
import type { ProfileOptions, ProviderId } from "../../protocol/profiler";
import { CONFIGURATION } from "../ids";

const PROVIDERS: readonly ProviderId[] = ["cpu", "webgpu", "cuda", "tensorrt", "dml", "coreml"];

/** Dims that the user wants every model to start with. Anything but positive whole numbers is left out. */
export function defaultDims(scope: vscode.Uri): Bindings {
  const dims = read<Record<string, unknown>>("defaults.dims", scope, {});
  return Object.fromEntries(
    Object.entries(dims).filter(
      (entry): entry is [string, number] =>
        typeof entry[1] === "number" && Number.isSafeInteger(entry[1]) && entry[1] > 0,
    ),
  );
}

/** How to profile where the panel does not say. */
export function profileDefaults(scope: vscode.Uri): ProfileOptions {
  const provider = read<string>("profile.provider", scope, "cpu");
  return {
    provider: PROVIDERS.find((known) => known === provider) ?? "cpu",
    runs: read("profile.runs", scope, 50),
    warmup: read("profile.warmup", scope, 3),
    maxSeconds: read("profile.maxSeconds", scope, 20),
    threads: read("profile.threads", scope, 0),
  };
}

export function panelSettings(scope: vscode.Uri): PanelSettings {
  return {
    groupByModule: read("editor.groupByModule", scope, true),
    profile: profileDefaults(scope),
  };
}

export interface LensSettings {
  readonly enabled: boolean;
  /** 0 to 1. */
  readonly minShare: number;
  /** Bytes. */
  readonly minSaving: number;
  readonly maxFixes: number;
}

export function lensSettings(scope: vscode.Uri): LensSettings {
  return {
    enabled: read("lenses.enabled", scope, true),
    minShare: read("lenses.minShare", scope, 1) / 100,
    minSaving: read("lenses.minSaving", scope, 1) * 2 ** 20,
    maxFixes: read("lenses.maxFixes", scope, 2),
  };
}

export function pythonLenses(scope: vscode.Uri): boolean {
  return read("python.lenses", scope, true);
}

export function findingsEnabled(scope: vscode.Uri): boolean {
  return read("findings.enabled", scope, true);
}

/** Codes of findings that the user does not want to hear of. Anything but texts is left out. */
export function disabledFindings(scope: vscode.Uri): ReadonlySet<string> {
  const codes = read<unknown>("findings.disabled", scope, []);
  return new Set(Array.isArray(codes) ? codes.filter((code) => typeof code === "string") : []);
}

/** Keeps a finding from being listed: in this workspace, or everywhere where no folder is open. */
export async function disableFinding(scope: vscode.Uri, code: string): Promise<void> {
  const codes = [...new Set([...disabledFindings(scope), code])].sort();
  const target =
    vscode.workspace.workspaceFolders === undefined
      ? vscode.ConfigurationTarget.Global
      : vscode.ConfigurationTarget.Workspace;
  await vscode.workspace.getConfiguration(CONFIGURATION, scope).update("findings.disabled", codes, target);
}

/** Calls back when a setting below `section` changed. */
export function onSettings(section: string, callback: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(`${CONFIGURATION}.${section}`)) {
      callback();
    }
  });
}

function read<T>(key: string, scope: vscode.Uri, fallback: T): T {
  return vscode.workspace.getConfiguration(CONFIGURATION, scope).get<T>(key) ?? fallback;
}
