import type { TensorRole } from "../../../protocol/parameters";
import { byteLength } from "../../tensor/size";
import type { StoredTensor } from "./stored";

/** A tensor that was computed from a smaller one is worth a word from here on. */
const GROWN = 2;
/** Smaller constants are not worth a word. */
const NOTED_BYTES = 64 * 1024;

/** What is worth knowing of a tensor without reading it; sentences. */
export function notesOf(stored: StoredTensor, role: TensorRole, bytes: number): string[] {
  const { tensor, uses, graph, name } = stored;
  const notes: string[] = [];
  const isOutput = graph.outputs.some((output) => output.name === name);
  if (uses.length === 0 && !isOutput) {
    notes.push("Nothing reads it.");
  }
  if (graph.inputs.some((input) => input.name === name)) {
    notes.push("It is also a graph input, so that callers may replace it.");
  }
  if (tensor.data.kind === "derived") {
    const source = tensor.data.from.reduce((sum, from) => sum + byteLength(from), 0);
    if (source > 0 && bytes >= NOTED_BYTES && bytes / source >= GROWN) {
      notes.push(`Folding made it ${Math.round(bytes / source)} times as large as what it is made of.`);
    }
  }
  const { dims } = tensor;
  const [rows, columns] = dims.slice(-2);
  if (
    role === "constant" &&
    bytes >= NOTED_BYTES &&
    rows === columns &&
    rows !== undefined &&
    dims.length >= 2
  ) {
    notes.push(`A constant of ${rows}×${rows} that grows with the square of the length it was made for.`);
  }
  return notes;
}
