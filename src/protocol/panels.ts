import type { ActionCall, Change } from "./actions";
import type { EngineApi, EngineEvents, ModelSummary } from "./engine";
import type { ErrorData } from "./problem";
import type { ProfileOptions } from "./profiler";

/** Engine calls that a panel may make directly; what changes the document goes through the host, which owns undo and save. */
export type PanelEngineApi = Pick<
  EngineApi,
  | "summary"
  | "bind"
  | "overview"
  | "series"
  | "rows"
  | "locate"
  | "detail"
  | "exportRows"
  | "offers"
  | "preview"
  | "effect"
  | "providers"
  | "profile"
  | "clearProfile"
>;

/** What a panel asks of VS Code. */
export interface HostApi {
  /** The panel is ready to be told things; the answer is all it needs to draw its first state. */
  ready(params: Record<string, never>): PanelState;
  apply(params: { readonly calls: readonly ActionCall[] }): Change;
  undo(params: Record<string, never>): null;
  redo(params: Record<string, never>): null;
  /** Asks for a file name and writes the rows there. */
  exportFile(params: { readonly suggestedName: string; readonly text: string }): {
    readonly path: string | null;
  };
  copy(params: { readonly text: string }): null;
  openText(params: { readonly key?: string }): null;
  reload(params: Record<string, never>): null;
  cancelOpen(params: Record<string, never>): null;
  remember(params: { readonly view: string; readonly value: unknown }): null;
}

/** User settings that decide how a panel starts. */
export interface PanelSettings {
  readonly groupByModule: boolean;
  readonly profile: ProfileOptions;
}

/** Life of the document as the panel shows it. */
export type PanelState =
  | { readonly kind: "loading"; readonly fileName: string; readonly fraction: number; readonly phase: string }
  | {
      readonly kind: "open";
      readonly summary: ModelSummary;
      readonly disk: "same" | "changed" | "deleted";
      readonly remembered: { readonly [view: string]: unknown };
      readonly settings?: PanelSettings;
    }
  | { readonly kind: "failed"; readonly fileName: string; readonly error: ErrorData };

export interface PanelEvents extends EngineEvents {
  state: PanelState;
  /** After an edit, undo, redo, save or revert: draw what `change.touched` names again. */
  changed: { readonly change: Change; readonly summary: ModelSummary };
  /** Another view asks this one to show a row. */
  reveal: { readonly key: string };
  /** A command from the palette or the editor title: "profile", "focusFilter", "groupByModule", "exportCsv"... */
  command: { readonly command: string };
}

export interface PanelApi extends PanelEngineApi, HostApi {}
