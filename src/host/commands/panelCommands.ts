import type { Host } from "../host";
import { openModel, showModel } from "../open";
import { targetModel, targetPanel } from "./target";

/** Commands that the page carries out itself, since it alone knows its filter, sorting and selection. */
export const PANEL_COMMANDS = [
  "profile",
  "focusFilter",
  "groupByModule",
  "exportCsv",
  "exportJson",
  "copyRows",
] as const;

/** Hands the command to the model's panel, which is opened or brought to the front first. */
export async function runPanelCommand(
  host: Host,
  command: (typeof PANEL_COMMANDS)[number],
  argument: unknown,
): Promise<void> {
  let panel = targetPanel(host, argument);
  if (panel === undefined) {
    const model = targetModel(host, argument);
    if (model === undefined) {
      return;
    }
    await showModel(model);
    await openModel(host.editors, model);
    panel = targetPanel(host, model);
  }
  panel?.show();
  panel?.command(command);
}
