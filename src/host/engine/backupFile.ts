import type { Backup, Bindings, Fingerprint } from "../../protocol/engine";
import type { EditGroup } from "./editLog";

/** Unsaved edits as VS Code keeps them for hot exit: the engine's backup, with the undo steps it consists of. */
export interface BackupFile extends Backup {
  readonly groups?: readonly { readonly label: string; readonly calls: number }[];
}

/** Edits to bring back onto the file that they were made on. */
export interface Restore {
  readonly fingerprint: Fingerprint;
  readonly groups: readonly EditGroup[];
  readonly bindings: Bindings;
}

/** Adds the undo steps when they account for all the backup's actions. */
export function toBackupFile(backup: Backup, groups: readonly EditGroup[] | undefined): BackupFile {
  const steps = groups?.map(({ label, calls }) => ({ label, calls: calls.length })) ?? [];
  const total = steps.reduce((sum, step) => sum + step.calls, 0);
  return total === backup.actions.length ? { ...backup, groups: steps } : backup;
}

/** Reads a backup; undefined for anything that is not one. */
export function parseBackup(text: string): Restore | undefined {
  let value: Partial<BackupFile>;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (value?.version !== 1 || value.fingerprint === undefined || !Array.isArray(value.actions)) {
    return undefined;
  }
  const actions = (value as BackupFile).actions;
  const steps = value.groups ?? actions.map((call) => ({ label: call.action, calls: 1 }));
  let start = 0;
  const groups = steps.map(({ label, calls }) => {
    const group = { label, calls: actions.slice(start, start + calls) };
    start += calls;
    return group;
  });
  return { fingerprint: value.fingerprint, groups, bindings: value.bindings ?? {} };
}
