import { type Token, tokensOf } from "./tokens";

/** Where a value is named. */
export interface Mention {
  readonly name: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
  /** True where it is made or declared. */
  readonly defines: boolean;
}

/** A line that shows a node. */
export interface NodeLine {
  readonly line: number;
  readonly name: string;
  readonly op: string;
  readonly outputs: readonly string[];
}

/** Who makes and reads which value in a text, found by reading it once. */
export class TextIndex {
  readonly nodes: readonly NodeLine[];
  private readonly byName = new Map<string, Mention[]>();
  private readonly byLine = new Map<number, Mention[]>();

  constructor(lines: readonly string[]) {
    const nodes: NodeLine[] = [];
    lines.forEach((text, line) => {
      const tokens = tokensOf(text).filter(({ kind }) => kind !== "comment");
      const node = readNode(tokens);
      if (node !== undefined) {
        nodes.push({
          line,
          name: node.name,
          op: node.op,
          outputs: node.outputs.map((token) => token.text).filter((name) => name !== ""),
        });
        for (const token of node.outputs) {
          this.add(token, line, true);
        }
        for (const token of node.inputs) {
          this.add(token, line, false);
        }
      } else {
        const declared = readDeclaration(tokens);
        if (declared !== undefined) {
          this.add(declared, line, true);
        }
      }
    });
    this.nodes = nodes;
  }

  /** The mention under the cursor. */
  at(line: number, character: number): Mention | undefined {
    return this.byLine.get(line)?.find(({ start, end }) => start <= character && character <= end);
  }

  mentions(name: string): readonly Mention[] {
    return this.byName.get(name) ?? [];
  }

  /** Where a value is made, else where it is declared: an output of the model is both. */
  definition(name: string): Mention | undefined {
    const places = this.mentions(name).filter(({ defines }) => defines);
    const made = new Set(this.nodes.map(({ line }) => line));
    return places.find(({ line }) => made.has(line)) ?? places[0];
  }

  private add({ text: name, start, end }: Token, line: number, defines: boolean): void {
    if (name === "") {
      return;
    }
    const mention = { name, line, start, end, defines };
    put(this.byName, name, mention);
    put(this.byLine, line, mention);
  }
}

function put<K>(map: Map<K, Mention[]>, key: K, mention: Mention): void {
  const list = map.get(key);
  if (list === undefined) {
    map.set(key, [mention]);
  } else {
    list.push(mention);
  }
}

interface ReadNode {
  readonly name: string;
  readonly op: string;
  readonly outputs: readonly Token[];
  readonly inputs: readonly Token[];
}

/** `[name] a, b = domain.Op <attribute = 1> (c, d)` */
function readNode(tokens: readonly Token[]): ReadNode | undefined {
  const isNamed = tokens[0]?.text === "[" && tokens[0].kind === "mark";
  const closing = isNamed ? tokens.findIndex(({ kind, text }) => kind === "mark" && text === "]") : -1;
  const equals = tokens.findIndex(({ kind, text }) => kind === "mark" && text === "=");
  const op = tokens[equals + 1];
  if (equals < 1 || op?.kind !== "name") {
    return undefined;
  }
  const outputs = tokens.slice(closing + 1, equals);
  const rest = tokens.slice(equals + 2);
  const open = rest.findLastIndex(({ kind, text }) => kind === "mark" && text === "(");
  if (open < 0 || outputs.some(({ kind, text }) => kind === "mark" && text !== ",")) {
    return undefined;
  }
  const isName = ({ kind }: Token) => kind === "name";
  return {
    name: isNamed ? (tokens.slice(1, closing).find(isName)?.text ?? "") : "",
    op: op.text,
    outputs: outputs.filter(isName),
    inputs: rest.slice(open).filter(isName),
  };
}

/** `float32[batch, 4] name,` */
function readDeclaration(tokens: readonly Token[]): Token | undefined {
  const marks = tokens.filter(({ kind }) => kind === "mark").map(({ text }) => text);
  const names = tokens.filter(({ kind }) => kind === "name");
  const last = tokens.at(-1)?.text === "," ? tokens.at(-2) : tokens.at(-1);
  const hasShape = marks.includes("[") && marks.includes("]");
  return hasShape && !marks.includes("=") && !marks.includes(":") && last?.kind === "name" && names.length > 1
    ? last
    : undefined;
}
