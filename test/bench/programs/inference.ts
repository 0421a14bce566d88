import { infer } from "../../../src/core/infer/infer";
import { readModel } from "../../../src/core/model/reader";
import { TensorReader } from "../../../src/core/tensor/reader";
import { FileSource } from "../../../src/engine/files/fileSource";
import { ModelState } from "../../../src/engine/session/state";
import { median, report, timed } from "../figures";

/** Shapes and costs alone, and one evaluation of all figures at new dims. */
const source = new FileSource(process.argv[2]!);
const readMs = timed(1, () => readModel(source))[0]!;
const model = readModel(source);
const reader = new TensorReader(source, { open: () => source });
const options = { readSmall: (tensor: Parameters<TensorReader["small"]>[0]) => reader.small(tensor, 256) };
const runs = timed(7, () => infer(model, options));
const inference = infer(model, options);
const state = new ModelState({ revision: 1, model, inference, bindings: new Map() });
const symbols = inference.symbols;
const rebinding = timed(101, (run) => {
  state.bind(new Map(symbols.map((symbol, index) => [symbol, 1 + ((run * 7 + index) % 500)])));
});
report({
  nodes: model.nextNodeId,
  readMs,
  firstInferMs: runs[0]!,
  inferMs: median(runs),
  firstRebindMs: rebinding[0]!,
  rebindMs: median(rebinding),
});
