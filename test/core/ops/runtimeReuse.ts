import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onnx } from "onnx-proto";
import { InferenceSession } from "onnxruntime-node";
import type { BufferReuse, OpExample, OpSpec } from "../../../src/core/ops/spec";
import { packedBytes } from "../../../src/core/tensor/dtype";
import { parseTrace } from "../../../src/profiler/trace";
import { runnableExample } from "./runExample";

const copyOf = (name: string, copy: string, rank: number): onnx.INodeProto => ({
  opType: "Transpose",
  name: copy,
  input: [name],
  output: [copy],
  attribute: [
    {
      name: "perm",
      type: onnx.AttributeProto.AttributeType.INTS,
      ints: Array.from({ length: rank }, (_, axis) => axis),
    },
  ],
});

/**
 * Inputs of an example that can be shared: those fed as they are to the node. What the caller feeds is never written
 * over, so a copy of one input at a time says whose memory the first output takes.
 */
function candidates(example: OpExample): readonly number[] {
  const [output] = example.outputs;
  return example.inputs.flatMap((input, index) =>
    input !== null && input.content === undefined && output !== null && output !== undefined ? [index] : [],
  );
}

/** The example's model with a copy of one input in its place, its outputs only looked at, so that none is the graph's own. */
function withCopy(spec: OpSpec, example: OpExample, index: number, isReadLater: boolean) {
  const { bytes, feeds } = runnableExample(spec, example);
  const model = onnx.ModelProto.decode(bytes);
  const graph = model.graph!;
  const node = graph.node!.find(({ name }) => name === "node")!;
  const rankOf = (shape: readonly unknown[]): number => shape.length;
  const input = node.input![index]!;
  graph.node!.unshift(copyOf(input, "copy", rankOf(example.inputs[index]!.shape)) as onnx.NodeProto);
  if (graph.node!.some(({ name, output }) => name !== "copy" && output!.includes(input))) {
    return undefined;
  }
  node.input![index] = "copy";
  const outputs = example.outputs.flatMap((output, i) => (output === null ? [] : [i]));
  graph.output = [];
  for (const i of outputs) {
    const read = { opType: "Shape", input: [`out${i}`], output: [`result${i}`] };
    graph.node!.push(read as onnx.NodeProto);
    graph.output.push(onnx.ValueInfoProto.create({ name: `result${i}` }));
  }
  if (isReadLater) {
    // Of nodes that nobody reads, onnxruntime runs the first of the file last.
    graph.node!.splice(1, 0, { opType: "Shape", input: ["copy"], output: ["later"] } as onnx.NodeProto);
    graph.output.push(onnx.ValueInfoProto.create({ name: "later" }));
  }
  return { bytes: onnx.ModelProto.encode(model).finish(), feeds };
}

/** What onnxruntime says of a kernel's run; bytes as text. */
interface KernelArgs {
  readonly mem_requested_in_use_delta?: string;
  /** Of all outputs together. */
  readonly output_size?: string;
  readonly output_type_shape?: readonly { readonly [type: string]: readonly number[] }[];
}

function bytesOf({ outputs: [output] }: OpExample, shapes: KernelArgs["output_type_shape"]): number {
  const [dims] = Object.values(shapes?.[0] ?? {});
  return output && dims
    ? packedBytes(
        output.dtype,
        dims.reduce((count, dim) => count * dim, 1),
      )
    : 0;
}

/** Whether the first output took the memory of this input; undefined where onnxruntime does not run such a model. */
async function isShared(
  spec: OpSpec,
  example: OpExample,
  index: number,
  isReadLater: boolean,
): Promise<boolean | undefined> {
  const model = withCopy(spec, example, index, isReadLater);
  if (model === undefined) {
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "onnxray-reuse-"));
  try {
    const session = await InferenceSession.create(model.bytes, {
      executionProviders: ["cpu"],
      graphOptimizationLevel: "disabled",
      intraOpNumThreads: 1,
      logSeverityLevel: 4,
      enableProfiling: true,
      profileFilePrefix: join(folder, "trace"),
    });
    await session.run(model.feeds);
    session.endProfiling();
    await session.release();
    const [file] = readdirSync(folder);
    const kernel = parseTrace(readFileSync(join(folder, file!), "utf8")).find(
      ({ name }) => name === "node_kernel_time",
    );
    const args = (kernel?.args ?? {}) as KernelArgs;
    const [taken, made] = [Number(args.mem_requested_in_use_delta), Number(args.output_size)];
    const first = bytesOf(example, args.output_type_shape);
    // Later outputs may be inputs too: the first one is when at least its own size was not taken.
    return first > 0 ? made - taken >= first : undefined;
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What onnxruntime does in an example: inputs whose memory the first output takes; undefined where it cannot be told. */
export async function runtimeReuse(
  spec: OpSpec,
  example: OpExample,
): Promise<{ readonly shared: ReadonlyMap<number, BufferReuse["as"]>; readonly tried: readonly number[] }> {
  const shared = new Map<number, BufferReuse["as"]>();
  const tried: number[] = [];
  for (const index of candidates(example)) {
    const takes = await isShared(spec, example, index, false);
    if (takes !== undefined) {
      tried.push(index);
    }
    if (takes === true) {
      shared.set(index, (await isShared(spec, example, index, true)) === true ? "view" : "in place");
    }
  }
  return { shared, tried };
}
