import { parentPort, workerData } from "node:worker_threads";
import { toErrorData } from "../../../core/errors";
import { TensorReader } from "../../../core/tensor/reader";
import { DescriptorSource } from "../../files/descriptorSource";
import type { ComputeAnswer, ComputeSetup, ComputeTask } from "./messages";
import { SlotWriter } from "./slots";

if (parentPort === null) {
  throw new Error("This file is a worker of the engine and does not run by itself.");
}
const port = parentPort;
const { source, sideFiles, memory } = workerData as ComputeSetup;
const opened = new Map(
  Object.entries(sideFiles).map(([location, file]) => [location, new DescriptorSource(file)]),
);
const reader = new TensorReader(new DescriptorSource(source), {
  // Every side file that a task names was opened before the worker was started.
  open: (location) => opened.get(location)!,
});
const slots = new SlotWriter(memory);
const answer = (message: ComputeAnswer) => port.postMessage(message);

port.on("message", ({ tensors }: ComputeTask) => {
  for (const { id, tensor } of tensors) {
    try {
      for (const chunk of reader.raw(tensor)) {
        slots.write(chunk, (filled) => answer({ kind: "bytes", id, ...filled }));
      }
      answer({ kind: "done", id });
    } catch (thrown) {
      answer({ kind: "failed", id, error: toErrorData(thrown) });
    }
  }
});
