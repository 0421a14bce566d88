import { type Interval, type Nested, uncovered } from "./nesting";
import type { Execution, TraceEvent } from "./trace";

/** Nodes on this provider are timed by the GPU itself, in events named "<node>&<op>&<program>". */
const WEBGPU = "WebGpuExecutionProvider";

interface Program extends Interval {
  readonly node: string;
  readonly op: string;
  /** What was run, for telling two nodes without a name apart. */
  readonly what: string;
}

/**
 * Microseconds of one run for each execution that the GPU timed, or that waited for it. Programs come in the order of
 * their nodes. A node of that provider without programs (a copy to the processor), and a loop or branch that needs to
 * know its condition, wait until the GPU is done: what the GPU works meanwhile is not their own time.
 *
 * @param nested the executions of one run, in order
 */
export function gpuTimes(
  nested: readonly Nested<Execution>[],
  api: readonly TraceEvent[],
): ReadonlyMap<Execution, number> {
  const executions = nested.map(({ item }) => item);
  const programs = api.map(programOf).sort((a, b) => a.start - b.start);
  const times = new Map<Execution, number>();
  let at = 0;
  let seen = new Set<string>();
  for (const program of programs) {
    const again = seen.has(program.what);
    const from = again && executions[at]?.name === "" ? at + 1 : at;
    let found = findNode(executions, program, from);
    found = found < 0 ? findNode(executions, program, 0) : found;
    if (found < 0) {
      continue;
    }
    if (found !== at) {
      at = found;
      seen = new Set();
    }
    seen.add(program.what);
    const execution = executions[at]!;
    times.set(execution, (times.get(execution) ?? 0) + (program.end - program.start));
  }
  if (programs.length > 0) {
    const inner = childrenOf(nested);
    executions.forEach((execution, index) => {
      const children = inner.get(index) ?? [];
      if (!times.has(execution) && (execution.provider === WEBGPU || children.length > 0)) {
        times.set(execution, uncovered(execution, [...programs, ...children.map(({ item }) => item)]));
      }
    });
  }
  return times;
}

function findNode(executions: readonly Execution[], { node, op }: Program, from: number): number {
  for (let index = from; index < executions.length; index++) {
    const { name, op: own, provider } = executions[index]!;
    if (name === node && own === op && provider === WEBGPU) {
      return index;
    }
  }
  return -1;
}

function programOf({ name = "", ts = 0, dur = 0, args }: TraceEvent): Program {
  // A node's own name may hold the separator.
  const parts = name.split("&");
  return {
    node: parts.slice(0, -2).join("&"),
    op: parts.at(-2) ?? "",
    what: `${parts.at(-1)}\n${args?.cache_key ?? ""}`,
    start: ts,
    end: ts + dur,
  };
}

function childrenOf(nested: readonly Nested<Execution>[]): ReadonlyMap<number, readonly Nested<Execution>[]> {
  const children = new Map<number, Nested<Execution>[]>();
  for (const one of nested) {
    const list = children.get(one.parent);
    if (list === undefined) {
      children.set(one.parent, [one]);
    } else {
      list.push(one);
    }
  }
  return children;
}
