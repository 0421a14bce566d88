import { existsSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, posix } from "node:path";
import { projectFiles, read, root } from "./project";

/** One import as written: which file asks for what, and whether only for types, which leave no trace in what runs. */
export interface Import {
  readonly from: string;
  /** A file of the project relative to it, a package's name, or "node:..." */
  readonly target: string;
  readonly kind: "file" | "package" | "node";
  readonly typeOnly: boolean;
}

/** What is imported may span lines; no statement ends and no value begins before the "from". */
const STATEMENT = /^[ \t]*(?:import\s*|(?:import|export)\b(?<what>[^"';=()]*?)\bfrom\s*)"(?<spec>[^"\n]+)"/gm;
const CALL = /\b(?:import|require)\(\s*"(?<spec>[^"\n]+)"\s*\)/g;

export function importsOf(...folders: string[]): Import[] {
  return projectFiles(...folders)
    .filter((path) => /\.tsx?$/.test(path))
    .flatMap((path) => importsIn(path, read(path)));
}

export function importsIn(path: string, text: string): Import[] {
  const code = withoutComments(text);
  const found = [
    ...[...code.matchAll(STATEMENT)].map(({ groups }) => ({
      spec: groups?.["spec"] ?? "",
      typeOnly: isTypeOnly(groups?.["what"] ?? ""),
    })),
    ...[...code.matchAll(CALL)].map(({ groups, index }) => ({
      spec: groups?.["spec"] ?? "",
      // `import("x").Type` stands where a type may stand; a call that runs is awaited, assigned or chained.
      typeOnly: /[:<|&(,]\s*$/.test(code.slice(0, index)) && code.slice(index).startsWith("import("),
    })),
  ];
  return found.map(({ spec, typeOnly }) => ({ from: path, typeOnly, ...resolve(path, spec) }));
}

function isTypeOnly(what: string): boolean {
  const named = what.trim();
  if (/^type\b/.test(named)) {
    return true;
  }
  const list = /^\{([^}]*)\}$/.exec(named)?.[1];
  const names = list
    ?.split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  return names !== undefined && names.length > 0 && names.every((name) => name.startsWith("type "));
}

function resolve(from: string, spec: string): Pick<Import, "target" | "kind"> {
  if (spec.startsWith(".")) {
    const base = posix.join(dirname(from), spec);
    const candidates = [base, `${base}.ts`, `${base}.tsx`, `${base}/index.ts`, `${base}/index.tsx`];
    const found = candidates.find((path) => /\.\w+$/.test(path) && existsSync(join(root, path)));
    return { target: found ?? base, kind: "file" };
  }
  if (spec.startsWith("node:") || builtinModules.includes(spec)) {
    return { target: spec, kind: "node" };
  }
  return { target: spec.split("/", spec.startsWith("@") ? 2 : 1).join("/"), kind: "package" };
}

/** Lines keep their places. A "//" inside of a string is cut as well, which no import statement has. */
function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "))
    .replace(/(^|[^:])\/\/.*$/gm, "$1");
}
