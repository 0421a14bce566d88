import { equal, symbol, symbolsOf } from "../../core/expr";
import type { Inference } from "../../core/infer/types";
import type { Model, ValueInfo } from "../../core/model/types";
import type { DimControl } from "../../protocol/engine";

type Meaning = DimControl["meaning"];

/** Words in the names that exporters give to dims, most telling first. */
const WORDS: readonly (readonly [RegExp, Meaning])[] = [
  [/past|cache/i, "past"],
  [/batch|^bs?z?$|^n$/i, "batch"],
  [/seq|len|token|time|^s$|^t$|^l$/i, "sequence"],
  [/height|width|^h$|^w$|image|pixel/i, "image"],
];

const DEFAULTS: { readonly [meaning in Meaning]: number } = {
  batch: 1,
  sequence: 128,
  past: 128,
  image: 224,
  other: 16,
};

/** Channels of an image whose number the file leaves open. */
const CHANNELS = 3;

interface Use {
  readonly input: ValueInfo;
  readonly axis: number;
}

/**
 * A control for every symbol of the model, those of graph inputs first. What a symbol means follows from its name,
 * else from where it stands; a size at which tables of positions end bounds its default.
 */
export function dimControls(model: Model, inference: Inference): DimControl[] {
  const uses = new Map<string, Use[]>();
  for (const input of model.graph.inputs) {
    if (model.graph.initializers.has(input.name)) {
      continue;
    }
    inference.fact(model.graph, input.name).shape?.forEach((dim, axis) => {
      for (const name of dim === undefined ? [] : symbolsOf(dim)) {
        uses.set(name, [...(uses.get(name) ?? []), { input, axis }]);
      }
    });
  }
  const meanings = new Map(inference.symbols.map((name) => [name, meaningOf(name, uses.get(name) ?? [])]));
  const decodes = [...meanings.values()].includes("past");
  const caps = capsOf(model, inference);
  return inference.symbols
    .map((name): DimControl => {
      const used = uses.get(name) ?? [];
      const meaning = meanings.get(name)!;
      const defaultValue = Math.min(
        defaultOf(name, meaning, used, decodes),
        caps.get(name) ?? Number.MAX_VALUE,
      );
      return {
        name,
        value: defaultValue,
        defaultValue,
        usedBy: used.map(({ input, axis }) => `${input.name}[${axis}]`),
        meaning,
      };
    })
    .sort((a, b) => Number(a.usedBy.length === 0) - Number(b.usedBy.length === 0));
}

function meaningOf(name: string, uses: readonly Use[]): Meaning {
  const byName = WORDS.find(([pattern]) => pattern.test(name))?.[1];
  if (byName !== undefined) {
    return byName;
  }
  const places = uses.map(({ input, axis }) => placeOf(input, axis));
  return places.find((meaning) => meaning !== "other") ?? "other";
}

function placeOf({ dtype, dims }: ValueInfo, axis: number): Meaning {
  if (axis === 0) {
    return "batch";
  }
  const rank = dims?.length ?? 0;
  if (rank === 4 && axis >= 2) {
    return "image";
  }
  const isToken = dtype?.startsWith("int") === true && rank === 2;
  return axis === 1 && (isToken || rank === 3) ? "sequence" : "other";
}

function defaultOf(name: string, meaning: Meaning, uses: readonly Use[], decodes: boolean): number {
  if (meaning === "sequence" && decodes) {
    // One token at a time after what is cached; a symbol for the sum of both counts the token, too.
    return /total|mask/i.test(name) ? DEFAULTS.past + 1 : 1;
  }
  const isChannel =
    meaning === "other" && uses.some(({ input, axis }) => axis === 1 && input.dims?.length === 4);
  return isChannel ? CHANNELS : DEFAULTS[meaning];
}

/**
 * For each symbol the length of the shortest table that is sliced to it: positions beyond the table's end do not
 * exist, and a run with a larger size fails.
 */
function capsOf(model: Model, inference: Inference): Map<string, number> {
  const caps = new Map<string, number>();
  for (const node of model.graph.nodes) {
    if (node.opType !== "Slice") {
      continue;
    }
    const table = inference.fact(model.graph, node.inputs[0] ?? "").shape;
    const slice = inference.fact(model.graph, node.outputs[0] ?? "").shape;
    slice?.forEach((dim, axis) => {
      const length = table?.[axis];
      const [name] = dim === undefined || typeof dim === "number" ? [] : symbolsOf(dim);
      if (name !== undefined && typeof length === "number" && equal(dim!, symbol(name))) {
        caps.set(name, Math.min(length, caps.get(name) ?? length));
      }
    });
  }
  return caps;
}
