import type { Import } from "./importScan";

/**
 * Groups of files that load each other in a circle; types are left out, since they load nothing. In a circle some file
 * runs before what it needs, and which one depends on who is asked for first.
 */
export function importCycles(imports: readonly Import[]): string[][] {
  const loads = new Map<string, string[]>();
  for (const { from, target, kind, typeOnly } of imports) {
    if (kind === "file" && !typeOnly) {
      loads.set(from, [...(loads.get(from) ?? []), target]);
    }
  }
  const reached = new Map([...loads.keys()].map((file) => [file, reachableFrom(file, loads)]));
  const circular = [...loads.keys()].filter((file) => reached.get(file)?.has(file));
  const groups = new Map<string, string[]>();
  for (const file of circular) {
    const group = circular.filter((other) => reached.get(file)?.has(other) && reached.get(other)?.has(file));
    groups.set(group.join("\n"), group);
  }
  return [...groups.values()];
}

/** Everything that is loaded because of a file; itself only when it is in a circle. */
function reachableFrom(file: string, loads: ReadonlyMap<string, readonly string[]>): Set<string> {
  const reached = new Set<string>();
  const pending = [file];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const target of loads.get(next) ?? []) {
      if (!reached.has(target)) {
        reached.add(target);
        pending.push(target);
      }
    }
  }
  return reached;
}
