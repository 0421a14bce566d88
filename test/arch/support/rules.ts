/**
 * Who may import whom. A folder's files may import from the same folder and from what stands here, nothing else.
 * A rule about a deeper folder or a file goes before one about its parent.
 */
export interface Rule {
  readonly folder: string;
  readonly files?: readonly string[];
  /** Only for types: nothing of it runs here. */
  readonly typesOf?: readonly string[];
  readonly packages?: readonly string[];
  /** Node's own modules: all, or those named. */
  readonly node?: "all" | readonly string[];
  readonly why: string;
}

const VIEW_PACKAGES = [
  "preact",
  "@preact/signals",
  "@vscode-elements/elements",
  "d3-hierarchy",
  "d3-scale",
  "d3-shape",
];

export const RULES: readonly Rule[] = [
  { folder: "src/protocol", why: "plain data: whoever reads the seam needs nothing else" },
  {
    folder: "src/core",
    typesOf: ["src/protocol"],
    packages: ["protobufjs"],
    why: "pure: the same code runs in the worker, the command line and the tests",
  },
  {
    folder: "src/rpc/node.ts",
    files: ["src/rpc", "src/protocol"],
    packages: ["vscode-jsonrpc"],
    node: ["node:worker_threads", "node:child_process"],
    why: "the ports of Node; the pages load the rest of the folder",
  },
  {
    folder: "src/rpc",
    files: ["src/protocol"],
    packages: ["vscode-jsonrpc"],
    why: "typed calls over any port, in pages too",
  },
  {
    folder: "src/engine",
    files: ["src/core", "src/protocol", "src/rpc"],
    node: "all",
    why: "owns files and runs in a worker; never hears of VS Code",
  },
  {
    folder: "src/profiler",
    files: ["src/protocol", "src/rpc", "src/core/errors.ts"],
    packages: ["onnxruntime-node"],
    node: "all",
    why: "a child that may crash: it knows onnxruntime and nobody else does",
  },
  {
    folder: "src/extension.ts",
    files: ["src/host"],
    packages: ["vscode"],
    why: "the door: it registers and decides nothing",
  },
  {
    folder: "src/host",
    files: ["src/protocol", "src/rpc"],
    packages: ["vscode"],
    node: ["node:worker_threads", "node:path", "node:crypto", "node:fs/promises"],
    why: "translates for VS Code, and never holds a graph: neither core nor engine code",
  },
  {
    folder: "src/cli",
    files: ["src/engine", "src/protocol", "src/rpc"],
    packages: ["commander"],
    node: "all",
    why: "the same engine session for a terminal",
  },
  {
    folder: "webview/shared",
    files: ["src/protocol", "src/rpc"],
    packages: VIEW_PACKAGES,
    why: "parts of pages: no panel is known here",
  },
  {
    folder: "webview/views",
    files: ["webview/shared", "src/protocol", "src/rpc"],
    packages: VIEW_PACKAGES,
    why: "views that stand in several panels: none of these is known here",
  },
  {
    folder: "webview/panels",
    files: ["webview/shared", "webview/views", "src/protocol", "src/rpc"],
    packages: VIEW_PACKAGES,
    why: "draws what it is told",
  },
];

/** Inside core, lowest first: a folder imports from the tiers before its own, never from one beside or above it. */
export const CORE_TIERS: readonly (readonly string[])[] = [
  ["errors"],
  ["limits"],
  ["expr"],
  ["wire"],
  ["tensor"],
  ["facts"],
  ["model"],
  ["edit"],
  ["ops"],
  ["infer"],
  ["patterns"],
  ["analysis"],
  ["text", "findings"],
  ["actions"],
];

export interface Exception {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
  readonly why: string;
}

/** Imports against the order of core that are right all the same. */
export const CORE_EXCEPTIONS: readonly Exception[] = [
  {
    from: "src/core/tensor/",
    to: "src/core/model/types.ts",
    typeOnly: true,
    why: "a tensor's description is part of the model's types; no code goes along",
  },
];
