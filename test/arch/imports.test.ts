import { describe, expect, it } from "vitest";
import { importCycles } from "./support/cycles";
import { type Import, importsIn, importsOf } from "./support/importScan";
import { CORE_EXCEPTIONS, CORE_TIERS, RULES, type Rule } from "./support/rules";

const imports = importsOf("src", "webview");

describe("imports", () => {
  it("are found in every form", () => {
    const text = `
      import "./aside";
      import a from "vscode";
      import type { B } from "../core/model/types";
      import { type C, type D } from "../protocol/rows";
      import { type E, f } from "node:fs";
      export { g } from "./g";
      export interface Kind { readonly kind: "text" }
      export type Name =
        | "tensor"
        | "view";
      // import h from "commented";
      /* import i from "commented"; */
      import {
        j,
      } from "@vscode-elements/elements/dist/j";
      const k = await import("k/deep");
      let l: import("node:net").Socket;
      const m = require("m");
    `;
    expect(
      importsIn("src/host/x.ts", text).map(({ target, typeOnly }) => `${typeOnly ? "type " : ""}${target}`),
    ).toEqual([
      "src/host/aside",
      "vscode",
      "type src/core/model/types.ts",
      "type src/protocol/rows.ts",
      "node:fs",
      "src/host/g",
      "@vscode-elements/elements",
      "k",
      "type node:net",
      "m",
    ]);
  });

  it("lead to files that exist", () => {
    expect(imports.filter(({ kind, target }) => kind === "file" && !/\.\w+$/.test(target))).toEqual([]);
  });

  it.each(RULES.map((rule) => [rule.folder, rule] as const))("of %s keep to its rule", (_, rule) => {
    const here = imports.filter(({ from }) => ruleOf(from) === rule);
    const wrong = here.filter((one) => !isAllowed(one, rule));
    expect(
      wrong.map(({ from, target, typeOnly }) => `${from} imports ${typeOnly ? "types of " : ""}${target}`),
      rule.why,
    ).toEqual([]);
  });

  it("are ruled for every source file", () => {
    expect(
      [...new Set(imports.map(({ from }) => from))].filter((from) => ruleOf(from) === undefined),
    ).toEqual([]);
  });

  it("allow no package that nobody uses", () => {
    const used = new Set(imports.map(({ target }) => target));
    const allowed = new Set(RULES.flatMap(({ packages }) => packages ?? []));
    expect([...allowed].filter((name) => !used.has(name))).toEqual([]);
  });

  it("form no circle", () => {
    const circle = importsIn("a", 'import "./b";').concat(importsIn("b", 'import { a } from "./a";'));
    expect(importCycles(circle)).toEqual([["a", "b"]]);
    expect(importCycles(imports)).toEqual([]);
  });

  it.each(["panels", "views"])("of one of the %s never reach into another", (kind) => {
    const partOf = (path: string) => new RegExp(`^webview/${kind}/([^/]+)/`).exec(path)?.[1];
    const wrong = imports.filter(
      ({ from, target }) =>
        partOf(from) !== undefined && partOf(target) !== undefined && partOf(from) !== partOf(target),
    );
    expect(wrong).toEqual([]);
  });
});

describe("order inside core", () => {
  const inside = imports.filter(({ from, target }) => coreTier(from) !== null && coreTier(target) !== null);

  it("names every folder", () => {
    const unknown = imports.filter(({ from }) => from.startsWith("src/core/") && coreTier(from) === -1);
    expect(unknown.map(({ from }) => from)).toEqual([]);
  });

  it("is kept", () => {
    const wrong = inside.filter(
      (one) => corePart(one.from) !== corePart(one.target) && !(tierOf(one.target) < tierOf(one.from)),
    );
    const unexcused = wrong.filter((one) => !CORE_EXCEPTIONS.some((exception) => excuses(exception, one)));
    expect(unexcused.map(({ from, target }) => `${from} imports ${target}`)).toEqual([]);
    for (const exception of CORE_EXCEPTIONS) {
      expect(
        wrong.some((one) => excuses(exception, one)),
        `nothing needs the exception of ${exception.from} any more`,
      ).toBe(true);
    }
  });
});

function ruleOf(path: string): Rule | undefined {
  return RULES.find(({ folder }) => isIn(path, folder));
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function isAllowed({ target, kind, typeOnly }: Import, rule: Rule): boolean {
  switch (kind) {
    case "package":
      return rule.packages?.includes(target) ?? false;
    case "node":
      return rule.node === "all" || (rule.node?.includes(target) ?? false);
    case "file":
      return (
        isIn(target, rule.folder) ||
        (rule.files ?? []).some((folder) => isIn(target, folder)) ||
        (typeOnly && (rule.typesOf ?? []).some((folder) => isIn(target, folder)))
      );
  }
}

/** "expr" for src/core/expr.ts and all of src/core/expr/. */
function corePart(path: string): string | undefined {
  return /^src\/core\/([^/.]+)/.exec(path)?.[1];
}

/** null outside of core, -1 for a folder that has no place yet. */
function coreTier(path: string): number | null {
  const part = corePart(path);
  return part === undefined ? null : CORE_TIERS.findIndex((tier) => tier.includes(part));
}

function tierOf(path: string): number {
  return coreTier(path) ?? -1;
}

function excuses(exception: (typeof CORE_EXCEPTIONS)[number], one: Import): boolean {
  return (
    one.from.startsWith(exception.from) &&
    one.target.startsWith(exception.to) &&
    (one.typeOnly || !exception.typeOnly)
  );
}
