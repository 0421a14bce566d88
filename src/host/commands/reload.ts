import type { Host } from "../host";
import { targetPanel } from "./target";

/** Reads the file anew, after asking when there are unsaved edits. */
export async function reload(host: Host, argument: unknown): Promise<void> {
  await targetPanel(host, argument)?.reload();
}
