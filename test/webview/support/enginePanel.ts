import { createEngine } from "../../../src/engine/engine";
import type { Change } from "../../../src/protocol/actions";
import type { EngineApi, ModelSummary } from "../../../src/protocol/engine";
import type { ExportedFile, PanelApi, PanelEvents } from "../../../src/protocol/panels";
import type { CallContext, Handlers } from "../../../src/rpc/contract";

const NONE: Record<string, never> = {};
const CONTEXT: CallContext = { signal: new AbortController().signal };

export interface EnginePanel {
  readonly handlers: Handlers<PanelApi>;
  readonly copied: string[];
  readonly exported: ExportedFile[];
  /** Keys of the rows chosen in the page, each time. */
  readonly selected: (readonly string[])[];
  readonly revealed: string[];
  /** Told of every edit; to be connected to the page. */
  onChanged: (changed: PanelEvents["changed"]) => void;
  readonly summary: () => Promise<ModelSummary>;
  readonly dispose: () => void;
}

/** What a panel has behind it in VS Code, without VS Code: the engine on a model, and a host that keeps what it is given. */
export async function enginePanel(path: string, groupByModule: boolean): Promise<EnginePanel> {
  const engine = createEngine({ profilerPath: "not used", emit: () => {} });
  const api: Handlers<EngineApi> = engine.handlers;
  await api.open({ path }, CONTEXT);
  const summary = async () => await api.summary(NONE, CONTEXT);
  const panel: EnginePanel = {
    copied: [],
    exported: [],
    selected: [],
    revealed: [],
    onChanged: () => {},
    summary,
    dispose: engine.dispose,
    handlers: {
      ...api,
      ready: async () => ({
        kind: "open",
        summary: await summary(),
        disk: "same",
        remembered: {},
        settings: { groupByModule, profile: { provider: "cpu" } },
      }),
      apply: async (params) => await told(await api.apply(params, CONTEXT)),
      undo: async () => {
        await told(await api.undo(NONE, CONTEXT));
        return null;
      },
      redo: async () => {
        await told(await api.redo(NONE, CONTEXT));
        return null;
      },
      exportFile: (params) => {
        panel.exported.push(params);
        return { path: params.suggestedName };
      },
      select: ({ keys }) => {
        panel.selected.push(keys);
        return null;
      },
      reveal: ({ key }) => {
        panel.revealed.push(key);
        return null;
      },
      openPanel: () => null,
      identity: () => ({ model: `file://${path}` }),
      copy: ({ text }) => {
        panel.copied.push(text);
        return null;
      },
      openText: () => null,
      reload: () => null,
      cancelOpen: () => null,
      remember: () => null,
    },
  };
  const told = async (change: Change): Promise<Change> => {
    panel.onChanged({ change, summary: await summary() });
    return change;
  };
  return panel;
}
