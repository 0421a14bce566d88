import type { TensorRole } from "../../../protocol/parameters";
import { parametersOf } from "../../infer/price";
import type { Inference } from "../../infer/types";
import { opsetOf } from "../../model/opset";
import type { Graph, Model, TensorRef } from "../../model/types";
import { operator } from "../../ops/index";
import type { OpContext, OpSpec } from "../../ops/spec";
import { isFloat } from "../../tensor/dtype";
import { byteLength } from "../../tensor/size";
import { notesOf } from "./notes";
import { companionInputs, scaleBehindProduct } from "./quantisation";
import { type RoleFacts, roleOf } from "./roles";
import { type StoredTensor, storedTensors } from "./stored";
import { type Use, Uses } from "./uses";

/** A stored tensor and what it is to the model. */
export interface Parameter extends StoredTensor {
  readonly role: TensorRole;
  /** Weights that it stands for; several may be packed into one stored element. */
  readonly params: number;
  readonly bytes: number;
  /** Scales and zero points that its readers need beside it. */
  readonly companions: readonly StoredTensor[];
  /** Bits for each weight, those of companions included, which share theirs evenly; null for what is no weight. */
  readonly bitsPerWeight: number | null;
  readonly notes: readonly string[];
}

export interface ParameterOptions {
  readonly model: Model;
  readonly inference: Inference;
  /** A node as its operator sees it. */
  readonly contextOf: (graph: Graph, node: Use["node"], opset: number) => OpContext;
}

const TRAINED: ReadonlySet<TensorRole> = new Set(["weight", "bias", "norm", "vocabulary", "positions"]);

/** All stored tensors in file order. No element is read. */
export function parametersIn({ model, inference, contextOf }: ParameterOptions): Parameter[] {
  const uses = new Uses(model);
  const stored = storedTensors(model, uses);
  const specOf = ({ graph, node }: Use): OpSpec | undefined =>
    operator(node.domain, node.opType, opsetOf(model, graph, node.domain));
  const facts: RoleFacts = {
    uses,
    specOf,
    shapeOf: (graph, value) => inference.fact(graph, value).shape,
  };
  const unpacked = (use: Use, spec: OpSpec | undefined): number | undefined =>
    spec?.weightElements?.(
      contextOf(use.graph, use.node, opsetOf(model, use.graph, use.node.domain)),
      use.index,
    );
  const finder = new CompanionFinder(uses, stored);
  const parts = stored.map((one) => {
    const companions = new Set<StoredTensor>();
    let packed: number | undefined;
    for (const use of one.uses) {
      const spec = specOf(use);
      const elements = unpacked(use, spec);
      packed ??= elements;
      finder.collect(use, companionInputs(spec, use.index, elements !== undefined), companions);
    }
    companions.delete(one);
    return {
      role: roleOf(one.tensor, one.finalUses, facts),
      params: packed ?? parametersOf(one.tensor),
      companions: [...companions],
    };
  });
  const served = new Map<TensorRef, number>();
  for (const companion of parts.flatMap(({ companions }) => companions)) {
    served.set(companion.tensor, (served.get(companion.tensor) ?? 0) + 1);
  }
  return stored.map((one, index): Parameter => {
    const { role: said, params, companions } = parts[index]!;
    const role = said === "constant" && served.has(one.tensor) && isFloat(one.tensor.dtype) ? "scale" : said;
    const bytes = byteLength(one.tensor);
    const beside = companions.reduce((sum, { tensor }) => sum + byteLength(tensor) / served.get(tensor)!, 0);
    const isWeight = TRAINED.has(role) && params > 0;
    return {
      ...one,
      role,
      params,
      bytes,
      companions,
      bitsPerWeight: isWeight ? (8 * (bytes + beside)) / params : null,
      notes: notesOf(one, role, bytes),
    };
  });
}

/** Bits that the model stores for each trained weight, scales and zero points included; null without weights. */
export function bitsPerWeight(parameters: readonly Parameter[]): number | null {
  let weights = 0;
  let bytes = 0;
  const companions = new Set<TensorRef>();
  for (const parameter of parameters) {
    if (parameter.bitsPerWeight !== null) {
      weights += parameter.params;
      bytes += parameter.bytes;
      for (const { tensor } of parameter.companions) {
        companions.add(tensor);
      }
    }
  }
  for (const tensor of companions) {
    bytes += byteLength(tensor);
  }
  return weights === 0 ? null : (8 * bytes) / weights;
}

/** Finds the stored tensors behind inputs. */
class CompanionFinder {
  private readonly uses: Uses;
  private readonly byName = new Map<Graph, Map<string, StoredTensor>>();

  constructor(uses: Uses, stored: readonly StoredTensor[]) {
    this.uses = uses;
    for (const one of stored) {
      const names = this.byName.get(one.graph) ?? new Map<string, StoredTensor>();
      this.byName.set(one.graph, names.set(one.name, one));
    }
  }

  collect(use: Use, inputs: readonly number[], into: Set<StoredTensor>): void {
    for (const index of inputs) {
      this.add(use.graph, use.node.inputs[index] ?? "", into);
    }
    const behind = scaleBehindProduct(this.uses, use);
    if (behind !== undefined) {
      this.add(behind.graph, behind.value, into);
    }
  }

  private add(graph: Graph, value: string, into: Set<StoredTensor>): void {
    const home = value === "" ? undefined : this.uses.home(graph, value);
    const found = home === undefined ? undefined : this.byName.get(home)?.get(value);
    if (found !== undefined) {
      into.add(found);
    }
  }
}
