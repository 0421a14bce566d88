import { quantizeWeights } from "../../../src/core/actions/quantizeWeights";
import type { ActionAnswer, ActionContext } from "../../../src/core/actions/types";
import { allGraphs } from "../../../src/core/edit/graphs";
import { History } from "../../../src/core/edit/history";
import { infer } from "../../../src/core/infer/infer";
import type { Inference } from "../../../src/core/infer/types";
import { readModel } from "../../../src/core/model/reader";
import type { Graph, Model, Node } from "../../../src/core/model/types";
import { TensorReader } from "../../../src/core/tensor/reader";
import { textView } from "../../../src/core/text/view";
import type { ByteSource } from "../../../src/core/wire/source";
import type { Preview } from "../../../src/protocol/actions";
import { savedBytes } from "../../support/planBytes";
import { memoryFiles, memorySource } from "../../support/sources";

/** A model with an action at hand, by node name; what is read of it is counted. */
export class Opened {
  readonly model: Model;
  readonly reader: TensorReader;
  readonly history = new History();
  bytesRead = 0;

  constructor(source: ByteSource, files: { readonly [location: string]: Uint8Array } = {}) {
    const counted: ByteSource = {
      name: source.name,
      size: source.size,
      read: (offset, into) => {
        this.bytesRead += into.length;
        source.read(offset, into);
      },
    };
    this.model = readModel(counted);
    this.reader = new TensorReader(counted, memoryFiles(files));
  }

  static of(bytes: Uint8Array, files: { readonly [location: string]: Uint8Array } = {}): Opened {
    return new Opened(memorySource(bytes), files);
  }

  get inference(): Inference {
    return infer(this.model, { readSmall: (tensor) => this.reader.small(tensor, 256) });
  }

  *nodes(): Generator<{ readonly graph: Graph; readonly node: Node }> {
    for (const graph of allGraphs(this.model)) {
      for (const node of graph.nodes) {
        yield { graph, node };
      }
    }
  }

  context(name: string, inference = this.inference): ActionContext {
    for (const { graph, node } of this.nodes()) {
      if (node.name === name) {
        return { model: this.model, inference, graph, node };
      }
    }
    throw new Error(`There is no node ${name}.`);
  }

  answer(name: string): ActionAnswer {
    return quantizeWeights.answer(this.context(name));
  }

  /** Why the action is not offered; fails when it is, or when it says nothing. */
  refusal(name: string): string {
    const answer = this.answer(name);
    if (answer.kind !== "refusal") {
      throw new Error(`The answer at ${name} is ${answer.kind}.`);
    }
    return answer.refusal.reason;
  }

  preview(name: string): Preview {
    return quantizeWeights.preview(this.context(name), {}, this.reader);
  }

  /** All names as one step. */
  quantize(...names: readonly string[]): void {
    const { inference } = this;
    this.history.step(this.model, "quantise", [], (apply) => {
      for (const name of names) {
        apply(quantizeWeights.plan(this.context(name, inference)));
      }
    });
  }

  /** Names of the nodes at which the action is offered. */
  offered(): string[] {
    const { inference, model } = this;
    return [...this.nodes()]
      .filter(({ graph, node }) => quantizeWeights.answer({ model, inference, graph, node }).kind === "offer")
      .map(({ node }) => node.name);
  }

  saved(): Uint8Array {
    return savedBytes(this.model, this.reader).model;
  }

  text(): string {
    return textView(this.model, this.inference, () => "").lines.join("\n");
  }

  storedBytes(): number {
    let bytes = 0;
    for (const graph of allGraphs(this.model)) {
      for (const { dtype, dims } of graph.initializers.values()) {
        const width = { float32: 4, float16: 2, int8: 1 }[dtype as string] ?? 0;
        bytes += dims.reduce((product, dim) => product * dim, width);
      }
    }
    return bytes;
  }
}
