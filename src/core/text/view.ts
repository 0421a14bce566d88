import { format } from "../expr";
import type { Fact } from "../facts/fact";
import type { Inference } from "../infer/types";
import { subgraphsOf } from "../model/subgraphs";
import type { Graph, Model, Node, ValueInfo } from "../model/types";
import { attributeList } from "./attributes";
import { oneLine, quotedText, textName } from "./names";

/** Lines of the textual view, each with the node that it shows; -1 where there is none. */
export interface TextLines {
  readonly lines: readonly string[];
  readonly nodes: readonly number[];
  /** The module path that each line names; "" where it names none. */
  readonly modules: readonly string[];
}

/**
 * A model in the ONNX textual syntax: one line for each node, in the order of the file, with the shapes of what it
 * makes as a comment; module paths as comment lines; weights as types only. The same model gives the same text.
 */
export function textView(model: Model, inference: Inference, pathOf: (node: Node) => string): TextLines {
  const writer = new TextWriter(inference, pathOf);
  writer.header(model);
  writer.graph(model.graph, 0);
  for (const definition of model.functions) {
    writer.blank();
    writer.line(
      `<domain: ${quotedText(definition.domain)}, opset_import: [${opsetList(definition.opsets)}]>`,
      0,
    );
    const attributes =
      definition.attributes.length === 0 ? "" : ` <${definition.attributes.map(textName).join(", ")}>`;
    const signature = `${definition.inputs.map(textName).join(", ")}) => (${definition.outputs.map(textName).join(", ")})`;
    writer.line(`${textName(definition.name)}${attributes} (${signature}`, 0);
    writer.body(definition.graph, 0);
  }
  return writer;
}

class TextWriter implements TextLines {
  readonly lines: string[] = [];
  readonly nodes: number[] = [];
  readonly modules: string[] = [];
  private readonly inference: Inference;
  private readonly pathOf: (node: Node) => string;

  constructor(inference: Inference, pathOf: (node: Node) => string) {
    this.inference = inference;
    this.pathOf = pathOf;
  }

  line(text: string, indent: number, node = -1, module = ""): void {
    this.lines.push(`${"  ".repeat(indent)}${text}`);
    this.nodes.push(node);
    this.modules.push(module);
  }

  blank(): void {
    this.line("", 0);
  }

  header(model: Model): void {
    this.line("<", 0);
    this.line(`ir_version: ${model.irVersion},`, 1);
    this.line(`opset_import: [${opsetList(model.opsets)}]${model.producerName === "" ? "" : ","}`, 1);
    if (model.producerName !== "") {
      this.line(`producer_name: ${quotedText(model.producerName)},`, 1);
      this.line(`producer_version: ${quotedText(model.producerVersion)}`, 1);
    }
    this.line(">", 0);
  }

  graph(graph: Graph, indent: number): void {
    this.line(`${textName(graph.name || "graph")} (`, indent);
    this.values(graph, graph.inputs, indent + 1);
    this.line(") => (", indent);
    this.values(graph, graph.outputs, indent + 1);
    this.line(")", indent);
    if (graph.initializers.size > 0) {
      this.line("<", indent);
      let left = graph.initializers.size;
      for (const tensor of graph.initializers.values()) {
        left--;
        const type = `${tensor.dtype}[${tensor.dims.join(",")}]`;
        this.line(`${type} ${textName(tensor.name)}${left > 0 ? "," : ""}`, indent + 1);
      }
      this.line(">", indent);
    }
    this.body(graph, indent);
  }

  body(graph: Graph, indent: number): void {
    this.line("{", indent);
    let path = "";
    for (const node of graph.nodes) {
      const own = this.pathOf(node);
      if (own !== path) {
        path = own;
        this.line(`// ${own === "" ? "(no module)" : oneLine(own)}`, indent + 1, -1, own);
      }
      this.node(graph, node, indent + 1);
    }
    this.line("}", indent);
  }

  private values(graph: Graph, values: readonly ValueInfo[], indent: number): void {
    values.forEach((value, index) => {
      const type = typeText(this.inference.fact(graph, value.name));
      this.line(`${oneLine(type)} ${textName(value.name)}${index < values.length - 1 ? "," : ""}`, indent);
    });
  }

  private node(graph: Graph, node: Node, indent: number): void {
    const outputs = node.outputs.map((name) => (name === "" ? '""' : textName(name))).join(", ");
    const inputs = node.inputs.map((name) => (name === "" ? '""' : textName(name))).join(", ");
    const op = textName(node.domain === "" ? node.opType : `${node.domain}.${node.opType}`);
    const types = node.outputs
      .filter((name) => name !== "")
      .map((name) => typeText(this.inference.fact(graph, name)));
    const name = node.name === "" ? "" : `[${textName(node.name)}] `;
    this.line(
      `${name}${outputs} = ${op}${attributeList(node.attributes)} (${inputs})  // ${oneLine(types.join(", "))}`,
      indent,
      node.id,
    );
    for (const subgraph of subgraphsOf(node)) {
      this.graph(subgraph, indent + 1);
    }
  }
}

function opsetList(opsets: ReadonlyMap<string, number>): string {
  return [...opsets].map(([domain, version]) => `${quotedText(domain)} : ${version}`).join(", ");
}

function typeText({ dtype, shape, kind }: Fact): string {
  const dims =
    shape === undefined
      ? "[…]"
      : `[${shape.map((dim) => (dim === undefined ? "?" : format(dim))).join(", ")}]`;
  const tensor = `${dtype ?? "?"}${dims}`;
  return kind === undefined || kind === "tensor" ? tensor : `${kind}(${tensor})`;
}
