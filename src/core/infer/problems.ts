import type { ErrorCode, Problem, Severity, Where } from "../../protocol/problem";
import type { Graph, Node } from "../model/types";

/** More than this would bury what matters; the rest is counted. */
const MAX_PROBLEMS = 200;

/** Collects problems once each, however often a loop body or a function is inferred. */
export class Problems {
  readonly #found = new Map<string, Problem>();
  #dropped = 0;

  report(severity: Severity, code: ErrorCode, message: string, where: Where, hint?: string): void {
    const key = `${code} ${where.graph ?? ""} ${where.node ?? ""} ${message}`;
    if (this.#found.has(key)) {
      return;
    }
    if (this.#found.size >= MAX_PROBLEMS) {
      this.#dropped++;
      return;
    }
    this.#found.set(key, { severity, code, message, where, ...(hint === undefined ? {} : { hint }) });
  }

  list(): readonly Problem[] {
    const problems = [...this.#found.values()];
    if (this.#dropped > 0) {
      problems.push({
        severity: "info",
        code: "limit",
        message: `${this.#dropped} more problems of shape inference are not listed`,
      });
    }
    return problems;
  }
}

/** Where a node is, for people. */
export function whereIs(graph: Graph, node: Node): Where {
  return { graph: graph.path, node: nodeLabel(node) };
}

/** A node's name, or its first output when it has none. */
export function nodeLabel(node: Node): string {
  return node.name !== "" ? node.name : (node.outputs.find((output) => output !== "") ?? node.opType);
}
