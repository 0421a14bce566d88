import { MemoryPlan } from "../../../src/core/analysis/memory";
import { infer } from "../../../src/core/infer/infer";
import { readModel } from "../../../src/core/model/reader";
import { TensorReader } from "../../../src/core/tensor/reader";
import { FileSource } from "../../../src/engine/files/fileSource";
import { ModelState } from "../../../src/engine/session/state";
import { median, report, timed } from "../figures";

/** Shapes and costs, shapes alone, one evaluation of all figures at new dims, and the same for the memory of a run. */
const source = new FileSource(process.argv[2]!);
const readMs = timed(1, () => readModel(source))[0]!;
const model = readModel(source);
const reader = new TensorReader(source, { open: () => source });
const options = { readSmall: (tensor: Parameters<TensorReader["small"]>[0]) => reader.small(tensor, 256) };
const runs = timed(7, () => infer(model, options));
const shapes = timed(7, () => infer(model, { ...options, costs: "none" }));
const inference = infer(model, options);
const state = new ModelState({ revision: 1, model, inference, bindings: new Map() });
const symbols = inference.symbols;
const sizes = (run: number) =>
  new Map(symbols.map((symbol, index) => [symbol, 1 + ((run * 7 + index) % 500)] as const));
const rebinding = timed(101, (run) => {
  state.bind(sizes(run));
});
const planning = timed(7, () => new MemoryPlan(model, inference));
const memory = new MemoryPlan(model, inference);
const peaks = timed(101, (run) => {
  memory.at(sizes(run));
});
/** Values whose every size is a number or a formula. */
const resolved = model.graph.nodes
  .flatMap(({ outputs }) => outputs)
  .filter((name) => inference.fact(model.graph, name).shape?.every((dim) => dim !== undefined)).length;
report({
  nodes: model.nextNodeId,
  resolved,
  readMs,
  firstInferMs: runs[0]!,
  inferMs: median(runs),
  shapesMs: median(shapes),
  firstRebindMs: rebinding[0]!,
  rebindMs: median(rebinding),
  planMemoryMs: median(planning),
  peakMs: median(peaks),
});
