import { int64Tensor, type NodeSpec, onnxNode, onnxTensor, onnxValue } from "../support/onnxBuilder";
import { bytesField, concat, message, numberField, tag, textField, varint } from "../support/wire";
import { around, type Piece } from "./sparseFile";

const LAYERS = 48;
const HIDDEN = 896;
const HEADS = 14;
const VOCABULARY = 12_000;
const POSITIONS = 1024;

/**
 * A decoder as PyTorch's exporter writes it, 1.9 GB of float32 weights in one file: all nodes, then the weights in
 * raw_data, of which only the descriptions take room on disk.
 */
export function gptModel(): Piece[] {
  const builder = new Builder();
  builder.embeddings();
  for (let layer = 0; layer < LAYERS; layer++) {
    builder.layer(layer);
  }
  builder.head();
  return concatModel(builder.pieces());
}

class Builder {
  private readonly nodes: Uint8Array[] = [];
  private readonly small: Uint8Array[] = [];
  private readonly weights: Piece[] = [];
  private hidden = "";

  embeddings(): void {
    this.weight("wte.weight", [VOCABULARY, HIDDEN]);
    this.weight("wpe.weight", [POSITIONS, HIDDEN]);
    const words = this.node("Gather", "/wte/Gather", ["wte.weight", "input_ids"]);
    const places = this.node("Gather", "/wpe/Gather", ["wpe.weight", "position_ids"]);
    this.hidden = this.node("Add", "/Add", [words, places]);
  }

  layer(index: number): void {
    const at = `/h.${index}`;
    const name = `h.${index}`;
    const attention = this.attention(`${at}/attn`, `${name}.attn`, this.norm(`${at}/ln_1`, `${name}.ln_1`));
    this.hidden = this.node("Add", `${at}/Add`, [attention, this.hidden]);
    const wide = this.linear(
      `${at}/mlp/c_fc`,
      `${name}.mlp.c_fc`,
      this.norm(`${at}/ln_2`, `${name}.ln_2`),
      HIDDEN,
      4 * HIDDEN,
    );
    const active = this.gelu(`${at}/mlp/act`, wide);
    const narrow = this.linear(`${at}/mlp/c_proj`, `${name}.mlp.c_proj`, active, 4 * HIDDEN, HIDDEN);
    this.hidden = this.node("Add", `${at}/Add_1`, [this.hidden, narrow]);
  }

  head(): void {
    const last = this.norm("/ln_f", "ln_f");
    this.weight("lm_head.weight", [HIDDEN, VOCABULARY]);
    this.nodes.push(
      onnxNode({
        op: "MatMul",
        name: "/lm_head/MatMul",
        inputs: [last, "lm_head.weight"],
        outputs: ["logits"],
      }),
    );
  }

  pieces(): Piece[] {
    const ids = (name: string) => onnxValue({ name, type: "int64", dims: ["batch", "sequence"] });
    return [
      ...this.nodes.map((node) => bytesField(1, node)),
      textField(2, "main_graph"),
      ...this.small.map((tensor) => bytesField(5, tensor)),
      ...this.weights,
      bytesField(11, ids("input_ids")),
      bytesField(11, ids("position_ids")),
      bytesField(11, onnxValue({ name: "mask", dims: ["batch", 1, "sequence", "sequence"] })),
      bytesField(12, onnxValue({ name: "logits", dims: ["batch", "sequence", VOCABULARY] })),
    ];
  }

  private attention(at: string, name: string, input: string): string {
    const all = this.linear(`${at}/c_attn`, `${name}.c_attn`, input, HIDDEN, 3 * HIDDEN);
    const split = ["query", "key", "value"].map((part) => `${at}/${part}`);
    this.put({
      op: "Split",
      name: `${at}/Split`,
      inputs: [all, this.list(`${at}/sizes`, [HIDDEN, HIDDEN, HIDDEN])],
      outputs: split,
      attributes: { axis: { int: 2 } },
    });
    const [query, key, value] = split.map((part, index) =>
      this.heads(part, index === 1 ? [0, 2, 3, 1] : [0, 2, 1, 3]),
    );
    const scores = this.node("MatMul", `${at}/MatMul`, [query!, key!]);
    const scaled = this.node("Div", `${at}/Div`, [scores, this.scalar(`${at}/scale`)]);
    const masked = this.node("Add", `${at}/Add`, [scaled, "mask"]);
    const weights = this.node("Softmax", `${at}/Softmax`, [masked], { axis: { int: -1 } });
    const mixed = this.node("MatMul", `${at}/MatMul_1`, [weights, value!]);
    const back = this.node("Transpose", `${at}/Transpose`, [mixed], { perm: { ints: [0, 2, 1, 3] } });
    const flat = this.node("Reshape", `${at}/Reshape`, [back, this.list(`${at}/flat`, [0, 0, HIDDEN])]);
    return this.linear(`${at}/c_proj`, `${name}.c_proj`, flat, HIDDEN, HIDDEN);
  }

  private heads(part: string, perm: readonly number[]): string {
    const shape = this.list(`${part}/shape`, [0, 0, HEADS, HIDDEN / HEADS]);
    const parted = this.node("Reshape", `${part}/Reshape`, [part, shape]);
    return this.node("Transpose", `${part}/Transpose`, [parted], { perm: { ints: perm } });
  }

  private norm(at: string, name: string): string {
    this.weight(`${name}.weight`, [HIDDEN]);
    this.weight(`${name}.bias`, [HIDDEN]);
    return this.node(
      "LayerNormalization",
      `${at}/LayerNormalization`,
      [this.hidden, `${name}.weight`, `${name}.bias`],
      { axis: { int: -1 }, epsilon: { float: 1e-5 } },
    );
  }

  private gelu(at: string, input: string): string {
    const cubed = this.node("Pow", `${at}/Pow`, [input, this.scalar(`${at}/three`)]);
    const part = this.node("Mul", `${at}/Mul`, [cubed, this.scalar(`${at}/a`)]);
    const inner = this.node("Add", `${at}/Add`, [input, part]);
    const scaled = this.node("Mul", `${at}/Mul_1`, [inner, this.scalar(`${at}/b`)]);
    const bent = this.node("Tanh", `${at}/Tanh`, [scaled]);
    const raised = this.node("Add", `${at}/Add_1`, [bent, this.scalar(`${at}/one`)]);
    const half = this.node("Mul", `${at}/Mul_2`, [input, this.scalar(`${at}/half`)]);
    return this.node("Mul", `${at}/Mul_3`, [half, raised]);
  }

  private linear(at: string, name: string, input: string, from: number, to: number): string {
    this.weight(`${name}.weight`, [from, to]);
    this.weight(`${name}.bias`, [to]);
    const product = this.node("MatMul", `${at}/MatMul`, [input, `${name}.weight`]);
    return this.node("Add", `${at}/Add`, [`${name}.bias`, product]);
  }

  private node(
    op: string,
    name: string,
    inputs: readonly string[],
    attributes?: NodeSpec["attributes"],
  ): string {
    const output = `${name}_output_0`;
    this.put({ op, name, inputs, outputs: [output], ...(attributes === undefined ? {} : { attributes }) });
    return output;
  }

  private put(node: NodeSpec): void {
    this.nodes.push(onnxNode(node));
  }

  private list(name: string, values: readonly number[]): string {
    this.small.push(onnxTensor(int64Tensor(name, [values.length], values)));
    return name;
  }

  private scalar(name: string): string {
    this.small.push(onnxTensor({ name, type: "float32", dims: [], raw: new Uint8Array(4) }));
    return name;
  }

  private weight(name: string, dims: readonly number[]): void {
    const hole = dims.reduce((product, dim) => product * dim, 4);
    const head = concat(
      ...dims.map((dim) => numberField(1, dim)),
      numberField(2, 1),
      textField(8, name),
      tag(9, 2),
      varint(hole),
    );
    this.weights.push(...around(5, [head, { hole }]));
  }
}

function concatModel(graph: readonly Piece[]): Piece[] {
  return [
    numberField(1, 8),
    textField(2, "pytorch"),
    ...around(7, graph),
    message(8, textField(1, ""), numberField(2, 17)),
  ];
}
