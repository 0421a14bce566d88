import type { PanelApi, PanelEvents } from "../../../src/protocol/panels";
import { createPeer, type Peer } from "../../../src/rpc/browser";
import type { Port } from "../../../src/rpc/port";
import type { VsCodeApi } from "./vscodeApi";

type Nothing = Record<never, never>;

/** The panel's way to the engine and to VS Code. */
export type Client = Peer<PanelApi, PanelEvents, Nothing>;

export function connect(api: VsCodeApi): Client {
  return createPeer<Nothing, Nothing, PanelApi, PanelEvents>(webviewPort(api), {});
}

function webviewPort(api: VsCodeApi): Port {
  return {
    post: (message) => api.postMessage(message),
    listen: (onMessage) => {
      window.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
        if (isRpcMessage(data)) {
          onMessage(data);
        }
      });
    },
  };
}

/** Other scripts of the frame may post messages, too; only the channel's own may reach it. */
export function isRpcMessage(data: unknown): boolean {
  return typeof data === "object" && data !== null && "jsonrpc" in data && data.jsonrpc === "2.0";
}
