import type { NodeLine } from "./textIndex";

/** A part of the text for outlines, breadcrumbs and folding: a graph, a module or a node. */
export interface OutlinePart {
  readonly kind: "graph" | "module" | "node";
  readonly label: string;
  readonly detail: string;
  readonly start: number;
  /** Last line, itself included. */
  readonly end: number;
  readonly children: readonly OutlinePart[];
}

interface Open {
  readonly kind: OutlinePart["kind"];
  readonly label: string;
  readonly start: number;
  readonly children: OutlinePart[];
  readonly isBody: boolean;
}

const PATH = /^\s*\/\/ (.+)$/;
const OPENS = /^\s*(?:(\S+?)(?: <[^>]*>)? \(.*)?\{?$/;

/**
 * Modules nest by the dots of their paths, which stand in comment lines in front of their nodes; graphs inside of nodes
 * and functions nest by their braces. A module that is left and entered again is there twice.
 */
export function outlineOf(lines: readonly string[], nodes: readonly NodeLine[]): readonly OutlinePart[] {
  const nodeAt = new Map(nodes.map((node) => [node.line, node]));
  const root: Open = { kind: "graph", label: "", start: 0, children: [], isBody: true };
  const open: Open[] = [root];
  let title = "";
  const top = () => open.at(-1)!;
  const close = (end: number) => {
    const { kind, label, start, children } = open.pop()!;
    top().children.push({ kind, label, detail: "", start, end, children });
  };
  const closeModules = (depth: number, end: number) => {
    while (modulesIn(open) > depth) {
      close(end);
    }
  };
  lines.forEach((text, line) => {
    const path = PATH.exec(text)?.[1];
    const node = nodeAt.get(line);
    if (node !== undefined) {
      const label = node.name || node.outputs[0] || node.op;
      top().children.push({ kind: "node", label, detail: node.op, start: line, end: line, children: [] });
    } else if (path !== undefined) {
      const parts = path === "(no module)" ? [] : path.split(".");
      const now = open.slice(open.findLastIndex(({ isBody }) => isBody) + 1).map(({ label }) => label);
      const shared = parts.findIndex((part, index) => part !== now[index]);
      const kept = shared < 0 ? parts.length : shared;
      closeModules(kept, line - 1);
      for (const label of parts.slice(kept)) {
        open.push({ kind: "module", label, start: line, children: [], isBody: false });
      }
    } else if (text.trim() === "{") {
      open.push({ kind: "graph", label: title || "graph", start: line, children: [], isBody: true });
    } else if (text.trim() === "}" && open.length > 1) {
      closeModules(0, line - 1);
      if (open.length > 1) {
        close(line);
      }
    } else {
      title = titleOf(text) ?? title;
    }
  });
  while (open.length > 1) {
    close(lines.length - 1);
  }
  return root.children;
}

/** Modules that are open in the innermost body. */
function modulesIn(open: readonly Open[]): number {
  return open.length - 1 - open.findLastIndex(({ isBody }) => isBody);
}

/** The name in front of a graph's inputs: `main_graph (`. */
function titleOf(text: string): string | undefined {
  const found = OPENS.exec(text)?.[1];
  return found === undefined || /^[)<>]/.test(found) ? undefined : found.replaceAll('"', "");
}
