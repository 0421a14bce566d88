import "vscode-jsonrpc/node";
import type { ChildProcess } from "node:child_process";
import type { MessagePort, Worker } from "node:worker_threads";
import type { Port } from "./port";

export { createPeer, type Peer } from "./peer";

/** A worker as its parent sees it. */
export function workerPort(worker: Worker): Port {
  return {
    post: (message) => worker.postMessage(message),
    listen: (onMessage) => worker.on("message", onMessage),
    onClose: (callback) => worker.once("exit", callback),
  };
}

/** The parent as its worker sees it. */
export function parentPort(port: MessagePort): Port {
  return {
    post: (message) => port.postMessage(message),
    listen: (onMessage) => port.on("message", onMessage),
    onClose: (callback) => port.once("close", callback),
  };
}

/** A forked child as its parent sees it; fork it with `serialization: "advanced"`. */
export function childPort(child: ChildProcess): Port {
  return {
    post: (message) => {
      if (child.connected) {
        child.send(message as object);
      }
    },
    listen: (onMessage) => child.on("message", onMessage),
    onClose: (callback) => child.once("exit", callback),
  };
}

/** The parent as a forked child sees it. */
export function processPort(): Port {
  return {
    post: (message) => {
      if (process.connected) {
        process.send?.(message);
      }
    },
    listen: (onMessage) => process.on("message", onMessage),
    onClose: (callback) => process.once("disconnect", callback),
  };
}
