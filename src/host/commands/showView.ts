import type { ViewPanelId } from "../../protocol/panels";
import type { Host } from "../host";
import { targetModel } from "./target";

/** Shows a view of the model in a panel of its own, beside what is active. */
export function showView(host: Host, id: ViewPanelId, argument: unknown): void {
  const model = targetModel(host, argument);
  if (model !== undefined) {
    host.viewPanels.show(id, model);
  }
}
