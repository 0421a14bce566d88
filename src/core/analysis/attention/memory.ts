import { add, type Expr, equal, mul } from "../../expr";
import type { Dim } from "../../facts/fact";
import { elements } from "../../facts/size";
import type { Inference } from "../../infer/types";
import { opsetOf } from "../../model/opset";
import type { Model, Node } from "../../model/types";
import { scoreCount } from "../../ops/attention";
import { times } from "../../ops/dims";
import { operator } from "../../ops/index";
import type { AttentionRegion } from "../../patterns/attention/types";
import { bitsPerElement, type DType } from "../../tensor/dtype";

/** Bytes that a block needs beside its operands; undefined where a size or a type is not known. */
export interface BlockMemory {
  readonly scoreBytes: Expr | undefined;
  readonly streamedBytes: Expr | undefined;
  readonly scoreTensors: number;
  readonly kvBytesPerToken: Expr | undefined;
  /** Of all keys that the queries see. */
  readonly cacheBytes: Expr | undefined;
}

/** A kernel that streams keeps the maximum and the sum of each query as float32. */
const STREAMED_BYTES = 2 * 4;

export function memoryOf(model: Model, inference: Inference, region: AttentionRegion): BlockMemory {
  const { batch, heads, kvHeads, headDim, vHeadDim, queryLength, keyLength } = region.sizes;
  const scoreTensors = region.form === "fused" ? 0 : scoresAtOnce(model, inference, region);
  const scoreBytes = bytesOf(scoreCount(region.sizes), scoreType(inference, region));
  const width = headDim === undefined || vHeadDim === undefined ? undefined : add(headDim, vHeadDim);
  const kvBytesPerToken = bytesOf(times(kvHeads ?? heads, width), keyType(inference, region));
  return {
    scoreBytes: times(scoreBytes, Math.max(1, scoreTensors)),
    streamedBytes: times(batch, heads, queryLength, STREAMED_BYTES),
    scoreTensors,
    kvBytesPerToken,
    cacheBytes: times(batch, keyLength, kvBytesPerToken),
  };
}

function bytesOf(count: Dim, dtype: DType | undefined): Expr | undefined {
  return count === undefined || dtype === undefined ? undefined : mul(count, bitsPerElement(dtype) / 8);
}

/** Type of the scores: what Softmax makes, or the fused operator. */
function scoreType(inference: Inference, { graph, anchor }: AttentionRegion): DType | undefined {
  return inference.fact(graph, anchor.outputs[0] ?? "").dtype;
}

/** Type of keys and values: the second factor of the scores; a fused operator answers in it. */
function keyType(inference: Inference, region: AttentionRegion): DType | undefined {
  const [product] = region.roles.scores;
  return product === undefined
    ? scoreType(inference, region)
    : inference.fact(region.graph, product.inputs[1] ?? "").dtype;
}

/**
 * Most tensors of the scores' size that are alive at one node of the block, nodes run in file order; where a kernel
 * may write over its operand, as onnxruntime's do, both are one.
 */
function scoresAtOnce(model: Model, inference: Inference, region: AttentionRegion): number {
  const count = scoreCount(region.sizes);
  const { roles, graph } = region;
  const nodes = [...roles.scores, ...roles.softmax, ...roles.weightedSum, ...roles.between].sort(
    (a, b) => a.id - b.id,
  );
  const isScores = (name: string) => {
    const size = name === "" ? undefined : elements(inference.fact(graph, name));
    return count !== undefined && size !== undefined && equal(size, count);
  };
  const lastRead = new Map<string, number>();
  const made = new Set<string>();
  nodes.forEach((node, at) => {
    for (const name of node.inputs) {
      lastRead.set(name, at);
    }
    for (const name of node.outputs) {
      if (isScores(name)) {
        made.add(name);
      }
    }
  });
  let most = 0;
  const alive = new Set<string>();
  nodes.forEach((node, at) => {
    const outputs = node.outputs.filter((name) => made.has(name));
    for (const name of outputs) {
      alive.add(name);
    }
    const dying = node.inputs.filter((name) => alive.has(name) && lastRead.get(name) === at);
    const saved = outputs.length > 0 && dying.length > 0 && keepsBuffer(model, region, node, dying) ? 1 : 0;
    most = Math.max(most, alive.size - saved);
    for (const name of dying) {
      alive.delete(name);
    }
  });
  return most;
}

function keepsBuffer(
  model: Model,
  { graph }: AttentionRegion,
  node: Node,
  dying: readonly string[],
): boolean {
  const reuses = operator(node.domain, node.opType, opsetOf(model, graph, node.domain))?.reuses;
  return reuses?.inputs.some((index) => dying.includes(node.inputs[index] ?? "")) === true;
}
