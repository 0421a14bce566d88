import { type PythonToken, pythonTokens } from "./pythonTokens";

/** A call in Python source that reads or writes a model whose path can be read off the source. */
export interface ModelMention {
  /** Offset of the call in the source. */
  readonly offset: number;
  readonly call: "InferenceSession" | "torch.onnx.export";
  /** As written, with "/" between parts that the source joins; relative to where the program runs, or to the file itself. */
  readonly path: string;
}

const OPENING = new Set(["(", "[", "{"]);
const CLOSING = new Set([")", "]", "}"]);
const PATH_CALLS = new Set(["Path", "PurePath", "PosixPath", "WindowsPath", "str", "fspath"]);

/** The calls of `onnxruntime.InferenceSession` and `torch.onnx.export` that name an .onnx file. */
export function modelMentions(source: string): ModelMention[] {
  if (!/InferenceSession|onnx/.test(source)) {
    return [];
  }
  const tokens = pythonTokens(source);
  return tokens.flatMap((token, at): ModelMention[] => {
    const call = callAt(tokens, at);
    if (call === undefined) {
      return [];
    }
    const given = splitAt(inside(tokens, at + 1), ",").map(argumentOf);
    const { position, keywords } = CALLS[call];
    const wanted =
      given.find(({ keyword }) => keyword !== undefined && keywords.includes(keyword)) ??
      (given.slice(0, position + 1).every(({ keyword }) => keyword === undefined)
        ? given[position]
        : undefined);
    const path = wanted === undefined ? undefined : pathOf(wanted.value);
    return path !== undefined && /\.onnx$/i.test(path) ? [{ offset: token.start, call, path }] : [];
  });
}

/** Where each call takes the path: the position among its arguments, and the names of the parameter. */
const CALLS: {
  readonly [call in ModelMention["call"]]: {
    readonly position: number;
    readonly keywords: readonly string[];
  };
} = {
  InferenceSession: { position: 0, keywords: ["path_or_bytes"] },
  "torch.onnx.export": { position: 2, keywords: ["f"] },
};

function callAt(tokens: readonly PythonToken[], at: number): ModelMention["call"] | undefined {
  const { kind, text } = tokens[at]!;
  const before = (distance: number) => tokens[at - distance]?.text;
  if (kind !== "name" || tokens[at + 1]?.text !== "(" || before(1) === "def" || before(1) === "class") {
    return undefined;
  }
  if (text === "InferenceSession") {
    return "InferenceSession";
  }
  return text === "export" && before(1) === "." && before(2) === "onnx" ? "torch.onnx.export" : undefined;
}

interface Argument {
  readonly keyword: string | undefined;
  readonly value: readonly PythonToken[];
}

function argumentOf(tokens: readonly PythonToken[]): Argument {
  const isKeyword = tokens[0]?.kind === "name" && isMark(tokens[1], "=") && !isMark(tokens[2], "=");
  return isKeyword
    ? { keyword: tokens[0]?.text, value: tokens.slice(2) }
    : { keyword: undefined, value: tokens };
}

/** What a path expression comes to; "." for the folder of the file itself, undefined where only running it tells. */
function pathOf(tokens: readonly PythonToken[]): string | undefined {
  const parts = splitAt(tokens, "/");
  if (parts.length > 1) {
    return joined(parts.map(pathOf));
  }
  if (tokens.length > 0 && tokens.every(({ kind }) => kind === "string")) {
    const texts = tokens.map(({ text }) => text);
    return texts.includes(undefined) ? undefined : texts.join("");
  }
  if (isMark(tokens[0], "(") && inside(tokens, 0).length === tokens.length - 2) {
    return pathOf(inside(tokens, 0));
  }
  return folderOfFile(tokens) ?? pathCall(tokens);
}

/** `Path("a", "b")`, `str(…)`, `os.path.join("a", "b")`. */
function pathCall(tokens: readonly PythonToken[]): string | undefined {
  const open = tokens.findIndex((token) => isMark(token, "("));
  const name = tokens[open - 1]?.text;
  const called = tokens.slice(0, Math.max(0, open));
  const isDotted = called.every((token, at) => (at % 2 === 0 ? token.kind === "name" : isMark(token, ".")));
  const isJoin = name === "join" && tokens[open - 3]?.text === "path";
  if (name === undefined || !isDotted || !(isJoin || PATH_CALLS.has(name))) {
    return undefined;
  }
  const given = inside(tokens, open);
  return open + given.length + 2 === tokens.length ? joined(splitAt(given, ",").map(pathOf)) : undefined;
}

/** `Path(__file__).parent`, also resolved and further up, and `os.path.dirname(__file__)`. */
function folderOfFile(tokens: readonly PythonToken[]): string | undefined {
  const text = tokens.map((token) => (token.kind === "string" ? '"' : token.text)).join("");
  if (
    /^(?:os\.)?(?:path\.)?dirname\((?:(?:os\.)?path\.(?:abspath|realpath)\(__file__\)|__file__)\)$/.test(text)
  ) {
    return ".";
  }
  const match = /^(?:pathlib\.)?Path\(__file__\)(?:\.(?:resolve|absolute)\(\))?((?:\.parent)+)$/.exec(text);
  const ups = (match?.[1]?.split(".parent").length ?? 0) - 2;
  return match === null ? undefined : [".", ...Array<string>(ups).fill("..")].join("/");
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  return parts.length === 0 || parts.includes(undefined) ? undefined : parts.join("/");
}

/** The tokens between the bracket at `open` and the one that closes it; none where it is not closed. */
function inside(tokens: readonly PythonToken[], open: number): readonly PythonToken[] {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    depth += depthOf(tokens[at]!);
    if (depth === 0) {
      return tokens.slice(open + 1, at);
    }
  }
  return [];
}

/** The parts between marks that stand outside of all brackets; a last part that is empty is none. */
function splitAt(tokens: readonly PythonToken[], mark: string): (readonly PythonToken[])[] {
  const parts: PythonToken[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (depth === 0 && isMark(token, mark)) {
      parts.push([]);
    } else {
      depth += depthOf(token);
      parts.at(-1)?.push(token);
    }
  }
  return parts.filter((part, at) => part.length > 0 || at < parts.length - 1);
}

function depthOf({ kind, text }: PythonToken): number {
  if (kind !== "mark" || text === undefined) {
    return 0;
  }
  return Number(OPENING.has(text)) - Number(CLOSING.has(text));
}

function isMark(token: PythonToken | undefined, mark: string): boolean {
  return token?.kind === "mark" && token.text === mark;
}
