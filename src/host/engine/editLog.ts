import type { ActionCall } from "../../protocol/actions";

/** The calls of one undo step, with the words of its menu entry. */
export interface EditGroup {
  readonly label: string;
  readonly calls: readonly ActionCall[];
}

/**
 * The edits of one open model as plain data, kept outside the engine so that its crash loses nothing.
 * Groups before `position` are applied, those after it can be redone.
 */
export class EditLog {
  private groups: EditGroup[] = [];
  private applied = 0;
  private savedAt = 0;
  private floor = 0;

  get position(): number {
    return this.applied;
  }

  get canUndo(): boolean {
    return this.applied > this.floor;
  }

  get canRedo(): boolean {
    return this.applied < this.groups.length;
  }

  /** Groups whose effect is not in the file; undefined when an edit that was saved has since been undone. */
  get unsaved(): readonly EditGroup[] | undefined {
    return this.applied < this.savedAt ? undefined : this.groups.slice(this.savedAt, this.applied);
  }

  /** All groups that are applied, saved ones too. */
  get done(): readonly EditGroup[] {
    return this.groups.slice(0, this.applied);
  }

  /** Groups that were undone and can be redone. */
  get undone(): readonly EditGroup[] {
    return this.groups.slice(this.applied);
  }

  push(group: EditGroup): void {
    this.groups.length = this.applied;
    this.groups.push(group);
    this.applied++;
  }

  undo(): void {
    this.applied--;
  }

  redo(): void {
    this.applied++;
  }

  markSaved(): void {
    this.savedAt = this.applied;
  }

  clear(): void {
    this.groups = [];
    this.applied = 0;
    this.savedAt = 0;
    this.floor = 0;
  }

  /** A new engine knows only what was replayed on the saved file: older steps can no longer be undone. */
  rebase(): void {
    this.floor = this.savedAt;
    this.applied = Math.max(this.applied, this.savedAt);
  }
}
