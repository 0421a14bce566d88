import "vscode-jsonrpc/browser";

export { createPeer, type Peer } from "./peer";
export type { Port } from "./port";
