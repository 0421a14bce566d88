import * as vscode from "vscode";
import type { Amount, NodeDetail, ValueDetail } from "../../../protocol/rows";
import type { ModelSession } from "../../engine/modelSession";
import { isCancelled } from "../../errors";
import type { TextModels } from "../textModels";
import { rangeOf } from "./links";
import type { TextIndexes } from "./textIndexes";

/** Weights of more bytes are not read for a hover. */
const STATISTICS_BYTES = 16 * 2 ** 20;
const FORMULA_SHOWN = 400;

/** What a node costs by which rule, and what a value is: type, who makes it, how often it is read, how its weights spread. */
export class TextHover implements vscode.HoverProvider {
  private readonly models: TextModels;
  private readonly indexes: TextIndexes;

  constructor(models: TextModels, indexes: TextIndexes) {
    this.models = models;
    this.indexes = indexes;
  }

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.Hover | undefined> {
    const session = this.models.session(document.uri);
    if (session === undefined) {
      return undefined;
    }
    const index = this.indexes.of(document);
    const mention = index.at(position.line, position.character);
    try {
      if (mention !== undefined) {
        const made = index.definition(mention.name)?.line ?? position.line;
        const readers = index.mentions(mention.name).filter(({ defines }) => !defines);
        const lines = [made, ...readers.slice(0, 1).map(({ line }) => line)];
        const text = await this.value(session, mention.name, lines, readers.length);
        return text && new vscode.Hover(text, rangeOf(mention));
      }
      const node = await nodeAt(session, position.line);
      return node && new vscode.Hover(costText(node));
    } catch (thrown) {
      if (isCancelled(thrown)) {
        return undefined;
      }
      throw thrown;
    }
  }

  /** `lines` are those that may know the value as an input or output of their node: where it is made, and a reader's. */
  private async value(
    session: ModelSession,
    name: string,
    lines: readonly number[],
    readers: number,
  ): Promise<vscode.MarkdownString | undefined> {
    for (const line of lines) {
      const node = await nodeAt(session, line);
      const detail = [...(node?.outputs ?? []), ...(node?.inputs ?? [])].find((one) => one.name === name);
      if (node !== undefined && detail !== undefined) {
        const isMade = node.outputs.includes(detail);
        const text = new vscode.MarkdownString();
        text.appendCodeblock(`${detail.dtype}[${detail.shape}] ${name}`, "onnxtxt");
        text.appendMarkdown(
          plain(`${isMade ? `made by ${node.op} ${node.name}` : kindOf(detail)}, read ${times(readers)}`),
        );
        if (isMade) {
          text.appendMarkdown("\n\n---\n\n");
          text.appendMarkdown(costLines(node).map(plain).join("\n\n"));
        } else {
          const { graph = "" } = await session.read("nodeRef", { key: node.key });
          text.appendMarkdown(`\n\n${plain(await statistics(session, name, detail, graph))}`);
        }
        return text;
      }
    }
    return undefined;
  }
}

async function nodeAt(session: ModelSession, line: number): Promise<NodeDetail | undefined> {
  const key = (await session.text()).lineKeys[line] ?? "";
  if (!key.startsWith("n")) {
    return undefined;
  }
  const detail = await session.read("detail", { key });
  return detail.kind === "node" ? detail.node : undefined;
}

function costText(node: NodeDetail): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendCodeblock(`${node.domain === "" ? "" : `${node.domain}.`}${node.op}`, "onnxtxt");
  text.appendMarkdown(costLines(node).map(plain).join("\n\n"));
  return text;
}

function costLines({ cost, path }: NodeDetail): readonly string[] {
  const line = (what: string, amount: Amount) => `${what} = ${amountText(amount)}`;
  return [
    ...(path === "" ? [] : [path]),
    line("MACs", cost.macs),
    line("FLOPs", cost.flops),
    ...(cost.weightBytes === 0 ? [] : [`${cost.weightBytes.toLocaleString("en")} bytes of weights`]),
    cost.rule,
  ];
}

function amountText({ value, formula, trust }: Amount): string {
  const shown = formula.length > FORMULA_SHOWN ? `${formula.slice(0, FORMULA_SHOWN)}…` : formula;
  if (value === null) {
    return shown === "" ? "unknown" : shown;
  }
  const number = `${trust === "estimate" ? "~" : ""}${value.toLocaleString("en")}`;
  return shown === "" || shown === String(value) ? number : `${number} = ${shown}`;
}

const KINDS: Record<ValueDetail["kind"], string> = {
  activation: "a value",
  initializer: "a weight",
  "graph input": "an input of the graph",
  constant: "a constant",
  missing: "missing",
};

function kindOf({ kind, bytes, preview }: ValueDetail): string {
  const size = bytes === null ? "" : `, ${bytes.toLocaleString("en")} bytes`;
  return `${KINDS[kind]}${size}${preview === undefined ? "" : `: ${preview}`}`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

async function statistics(
  session: ModelSession,
  name: string,
  { kind, bytes }: ValueDetail,
  graph: string,
): Promise<string> {
  if (kind !== "initializer" || bytes === null || bytes > STATISTICS_BYTES) {
    return "";
  }
  const found = await session.read("tensorStatistics", { tensor: { name, graph } });
  const number = (value: number | null) => (value === null ? "?" : String(Number(value.toPrecision(4))));
  const zeros = found.elements === 0 ? 0 : (100 * found.zeros) / found.elements;
  const odd = found.nan + found.infinite;
  return (
    `${number(found.min)} to ${number(found.max)}, mean ${number(found.mean)}, ` +
    `standard deviation ${number(found.std)}, ${zeros.toFixed(1)} % zeros` +
    (odd === 0 ? "" : `, ${odd.toLocaleString("en")} not finite`)
  );
}

/** A text as it is, inside of Markdown. `appendText` would keep its lines from wrapping. */
function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~&]/g, "\\$&");
}
