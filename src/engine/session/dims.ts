import { symbolsOf } from "../../core/expr";
import type { Inference } from "../../core/infer/types";
import type { Model, ValueInfo } from "../../core/model/types";
import type { DimControl } from "../../protocol/engine";
import { positionCaps } from "./positionTables";

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
/** Diffusion models work on images of four channels and an eighth of the size. */
const LATENT_CHANNELS = 4;
const LATENT_SIZE = 64;

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
  const caps = positionCaps(model, inference);
  // A token after the cached ones stands at the position behind them, in the same table.
  const past = Math.max(1, Math.min(DEFAULTS.past, ...[...caps.values()].map((cap) => cap - 1)));
  return inference.symbols
    .map((name): DimControl => {
      const used = uses.get(name) ?? [];
      const meaning = meanings.get(name)!;
      const defaultValue = Math.min(
        defaultOf(name, meaning, used, decodes ? past : undefined),
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

function defaultOf(name: string, meaning: Meaning, uses: readonly Use[], past: number | undefined): number {
  if (meaning === "sequence" && past !== undefined) {
    // One token at a time after what is cached; a symbol for the sum of both counts the token, too.
    return /total|mask/i.test(name) ? past + 1 : 1;
  }
  if (meaning === "past" && past !== undefined) {
    return past;
  }
  if (meaning === "image" && uses.some(({ input }) => input.dims?.[1] === LATENT_CHANNELS)) {
    return LATENT_SIZE;
  }
  const isChannel =
    meaning === "other" && uses.some(({ input, axis }) => axis === 1 && input.dims?.length === 4);
  return isChannel ? CHANNELS : DEFAULTS[meaning];
}
