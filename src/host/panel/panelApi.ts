import { basename, dirname, join } from "node:path";
import * as vscode from "vscode";
import type { PanelApi, PanelState } from "../../protocol/panels";
import type { Handlers } from "../../rpc/contract";
import { hostError } from "../errors";
import { profileDefaults } from "../settings/settings";
import type { PagePanel } from "./pagePanel";

const TRUST_HINT = "Trust this workspace to profile: that runs the model's operators as native code.";

/** What a page may ask for: reads go to the engine, changes through the document, wishes to VS Code. */
export function panelHandlers(panel: PagePanel): Handlers<PanelApi> {
  const { session, services, uri } = panel;
  const { memory } = services;
  return {
    summary: (params, { signal }) => session.read("summary", params, signal),
    overview: (params, { signal }) => session.read("overview", params, signal),
    series: (params, { signal }) => session.read("series", params, signal),
    rows: (params, { signal }) => session.read("rows", params, signal),
    locate: (params, { signal }) => session.read("locate", params, signal),
    detail: (params, { signal }) => session.read("detail", params, signal),
    exportRows: (params, { signal }) => session.read("exportRows", params, signal),
    offers: (params, { signal }) => session.read("offers", params, signal),
    preview: (params, { signal }) => session.read("preview", params, signal),
    effect: (params, { signal }) => session.read("effect", params, signal),
    providers: (params, { signal }) => session.read("providers", params, signal),
    attention: (params, { signal }) => session.read("attention", params, signal),
    attentionCurve: (params, { signal }) => session.read("attentionCurve", params, signal),
    parameters: (params, { signal }) => session.read("parameters", params, signal),
    tensors: (params, { signal }) => session.read("tensors", params, signal),
    tensorStatistics: (params, { signal }) => session.read("tensorStatistics", params, signal),
    tensorValues: (params, { signal }) => session.read("tensorValues", params, signal),
    compareTensors: (params, { signal }) => session.read("compareTensors", params, signal),
    clearProfile: () => session.clearProfile(panel),

    async bind({ bindings }) {
      const summary = await session.bind(bindings, panel);
      memory.setDims(uri, { ...memory.dims(uri), ...bindings });
      return summary;
    },

    profile(params, { signal }) {
      if (!vscode.workspace.isTrusted) {
        throw hostError({ code: "refused", message: "This workspace is not trusted.", hint: TRUST_HINT });
      }
      return session.profile({ ...profileDefaults(uri), ...params }, signal);
    },

    ready: (): PanelState => panel.state(),
    apply: ({ calls }) => panel.apply(calls),

    async undo() {
      await panel.runInEditor("undo");
      return null;
    },

    async redo() {
      await panel.runInEditor("redo");
      return null;
    },

    async exportFile(file) {
      const target = await vscode.window.showSaveDialog({
        defaultUri: vscode.Uri.file(join(dirname(uri.fsPath), basename(file.suggestedName))),
        title: "Export",
      });
      if (target === undefined) {
        return { path: null };
      }
      const content = "text" in file ? Buffer.from(file.text) : Buffer.from(file.base64, "base64");
      await vscode.workspace.fs.writeFile(target, content);
      offerToOpen(target);
      return { path: target.fsPath };
    },

    async copy({ text }) {
      await vscode.env.clipboard.writeText(text);
      return null;
    },

    async openText({ key }) {
      await services.openText(uri, key);
      return null;
    },

    async reload() {
      await panel.reload();
      return null;
    },

    cancelOpen() {
      session.cancelOpen();
      return null;
    },

    remember({ view, value }) {
      memory.setView(uri, view, value);
      return null;
    },

    select({ keys }) {
      services.selections.select({ model: uri, keys, origin: panel });
      return null;
    },

    async reveal({ key }) {
      await panel.revealRow(key);
      return null;
    },

    openPanel({ panel: id }) {
      services.openPanel(id, uri);
      return null;
    },

    identity: () => ({ model: uri.toString() }),
  };
}

function offerToOpen(file: vscode.Uri): void {
  const open = "Open";
  vscode.window
    .showInformationMessage(`Exported to ${vscode.workspace.asRelativePath(file)}.`, open)
    .then((answer) => (answer === open ? vscode.commands.executeCommand("vscode.open", file) : undefined))
    .then(undefined, () => {});
}
