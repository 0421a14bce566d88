import { readFileSync } from "node:fs";
import { onnx } from "onnx-proto";
import { FIXTURES } from "../support/fixtures";

/** The file of a model with the nodes and weights of a fixture so many times over the same inputs. */
export function repeatedFile(fixture: string, nodes: number): Uint8Array {
  const { path } = FIXTURES.find(({ name }) => name === fixture)!;
  const model = onnx.ModelProto.decode(readFileSync(path));
  const graph = model.graph!;
  const inputs = new Set(graph.input!.map(({ name }) => name));
  const copies = Math.ceil(nodes / graph.node!.length);
  const rename = (name: string, copy: number) =>
    name === "" || inputs.has(name) ? name : `/copy.${copy}${name}`;
  const all = Array.from({ length: copies }, (_, copy) => copy);
  return onnx.ModelProto.encode({
    ...model,
    graph: {
      ...graph,
      valueInfo: [],
      node: all.flatMap((copy) =>
        graph.node!.map((node) => ({
          ...node,
          name: rename(node.name ?? "", copy),
          input: node.input!.map((name) => rename(name, copy)),
          output: node.output!.map((name) => rename(name, copy)),
        })),
      ),
      initializer: all.flatMap((copy) =>
        graph.initializer!.map((tensor) => ({ ...tensor, name: rename(tensor.name ?? "", copy) })),
      ),
      output: all.flatMap((copy) =>
        graph.output!.map((output) => ({ ...output, name: rename(output.name ?? "", copy) })),
      ),
    },
  }).finish();
}
