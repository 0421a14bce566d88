import type { Node } from "../../../core/model/types";
import type { NodeTime, TraceNode } from "../../../protocol/profiler";
import type { Cover } from "./covers";
import { providerTitle } from "./providerTitle";
import type { Shares } from "./shares";

/** One kernel's part in the time of a row. */
export interface Part {
  readonly kernel: TraceNode;
  /** The row's part of the kernel's time. */
  readonly ms: number;
  readonly how: Cover["how"];
  /** Nodes that the kernel covers. */
  readonly shared: number;
  readonly rule: Shares["rule"];
}

const KERNELS_NAMED = 4;

/** Gathers the kernels that did a node's work. */
export class RowTime {
  private readonly node: Node;
  private readonly parts: Part[] = [];

  constructor(node: Node) {
    this.node = node;
  }

  add(part: Part): void {
    this.parts.push(part);
  }

  time(): Omit<NodeTime, "key"> {
    const ranAs = this.ranAs();
    const exact = this.parts.every(({ how, shared }) => how === "work" && shared === 1);
    const largest = this.parts.reduce((best, part) => (part.ms > best.ms ? part : best));
    return {
      ms: this.parts.reduce((sum, { ms }) => sum + ms, 0),
      kind: exact ? "measured" : "attributed",
      provider: providerTitle(largest.kernel.provider),
      ...(ranAs === undefined ? {} : { ranAs }),
    };
  }

  private ranAs(): string | undefined {
    const { kernel, how, shared } = this.parts[0]!;
    if (this.parts.length === 1 && how === "work" && shared === 1 && kernel.op === this.node.opType) {
      return undefined;
    }
    const named = this.parts.slice(0, KERNELS_NAMED).map(describe);
    const more = this.parts.length - named.length;
    return [...named, ...(more > 0 ? [`${more} more`] : [])].join("; ");
  }
}

const WORDS: { readonly [how in Cover["how"]]: readonly string[] } = {
  work: [],
  helper: ["added by onnxruntime"],
  name: ["known by its name only, may include other nodes"],
};

function describe({ kernel, how, shared, rule }: Part): string {
  const words = [
    ...WORDS[how],
    ...(shared > 1 ? [`shared by ${shared} nodes, its time divided by ${rule}`] : []),
  ];
  return `${kernel.op} ${kernel.name}${words.length === 0 ? "" : ` (${words.join(", ")})`}`;
}
