import type { Graph } from "../../model/types";
import { canonicalDomain } from "../../ops/index";
import type { Use, Uses } from "./uses";

/** Kinds of tokens and the like have a handful of rows, which no position or vocabulary has. */
const FEW_ROWS = 4;
const LONGEST_SEARCH = 200;

/** Operators that count: what they make is a position, whatever they count. */
const COUNTS: ReadonlySet<string> = new Set(["Range", "CumSum"]);

export function looksUp({ node, index }: Use): boolean {
  const { domain, opType } = node;
  return (
    index === 0 &&
    (((opType === "Gather" || opType === "GatherND") && canonicalDomain(domain) === "") ||
      opType === "GatherBlockQuantized" ||
      opType === "Embedding" ||
      opType === "aten_embedding")
  );
}

/**
 * What the rows of a table are that a node looks up: words where the indices are fed by the caller, positions where
 * the model counts them itself.
 *
 * @param rows entries along the axis that is looked up
 */
export function tableRole(uses: Uses, use: Use, rows: number): "vocabulary" | "positions" | "weight" {
  if (rows <= FEW_ROWS) {
    return "weight";
  }
  const { fed, counts } = sourcesOf(uses, use.graph, use.node.inputs[1] ?? "");
  if (counts || fed.length === 0) {
    return "positions";
  }
  const says = (words: RegExp) => fed.every((name) => words.test(name));
  if (says(/pos(ition)?/i)) {
    return "positions";
  }
  return says(/token_?type|segment|mask/i) ? "weight" : "vocabulary";
}

/** Inputs of the model that a value is made of, sizes left out, and whether something on the way counts. */
function sourcesOf(
  uses: Uses,
  graph: Graph,
  value: string,
): { readonly fed: readonly string[]; readonly counts: boolean } {
  const fed = new Set<string>();
  const seen = new Set<string>([`${graph.path} ${value}`]);
  const open = [{ graph, value }];
  let counts = false;
  for (let at = 0; at < open.length && at < LONGEST_SEARCH; at++) {
    const { graph: here, value: name } = open[at]!;
    if (uses.isFed(here, name)) {
      fed.add(name);
    }
    const maker = uses.maker(here, name);
    if (maker === undefined || maker.node.opType === "Shape" || maker.node.opType === "Size") {
      continue;
    }
    counts ||= COUNTS.has(maker.node.opType);
    for (const input of maker.node.inputs) {
      const key = `${maker.graph.path} ${input}`;
      if (input !== "" && !seen.has(key)) {
        seen.add(key);
        open.push({ graph: maker.graph, value: input });
      }
    }
  }
  return { fed: [...fed], counts };
}
