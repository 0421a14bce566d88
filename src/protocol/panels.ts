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
  | "attention"
  | "attentionCurve"
  | "parameters"
  | "tensors"
  | "tensorStatistics"
  | "tensorValues"
  | "compareTensors"
>;

/** What a panel asks of VS Code. */
export interface HostApi {
  /** The panel is ready to be told things; the answer is all it needs to draw its first state. */
  ready(params: Record<string, never>): PanelState;
  apply(params: { readonly calls: readonly ActionCall[] }): Change;
  undo(params: Record<string, never>): null;
  redo(params: Record<string, never>): null;
  /** Asks for a file name and writes the content there; null when the user would rather not. */
  exportFile(params: ExportedFile): { readonly path: string | null };
  copy(params: { readonly text: string }): null;
  openText(params: { readonly key?: string }): null;
  reload(params: Record<string, never>): null;
  cancelOpen(params: Record<string, never>): null;
  remember(params: { readonly view: string; readonly value: unknown }): null;
  /** Rows chosen here; every other panel of the model hears `selected`. */
  select(params: { readonly keys: readonly string[] }): null;
  /** Shows a row in the layer table of the Model editor. */
  reveal(params: { readonly key: string }): null;
  /** Opens a view in a panel of its own, beside this one. */
  openPanel(params: { readonly panel: ViewPanelId }): null;
  /** Names the model in a form that brings a panel of its own back after the window was reloaded. */
  identity(params: Record<string, never>): PanelIdentity;
}

/** Views that also have a panel of their own, in any editor column. */
export const VIEW_PANELS = ["attention", "parameters"] as const;
export type ViewPanelId = (typeof VIEW_PANELS)[number];

/** What the page of such a panel hands to VS Code for the time after a reload. */
export interface PanelIdentity {
  readonly model: string;
}

/** Text, or bytes in base 64. */
export type ExportedFile = { readonly suggestedName: string } & (
  | { readonly text: string }
  | { readonly base64: string }
);

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
      /** Keys of the rows that are chosen in other panels of the model. */
      readonly selection?: readonly string[];
    }
  | { readonly kind: "failed"; readonly fileName: string; readonly error: ErrorData };

export interface PanelEvents extends EngineEvents {
  state: PanelState;
  /** After an edit, undo, redo, save or revert: draw what `change.touched` names again. */
  changed: { readonly change: Change; readonly summary: ModelSummary };
  /** Other rows were chosen in another panel of the model. */
  selected: { readonly keys: readonly string[] };
  /** Another view asks this one to show a row. */
  reveal: { readonly key: string };
  /** A command from the palette or the editor title: "profile", "focusFilter", "groupByModule", "exportCsv"... */
  command: { readonly command: string };
}

export interface PanelApi extends PanelEngineApi, HostApi {}
