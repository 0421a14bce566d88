import type { AttentionReport, WhatIf } from "../../../src/protocol/attention";

export type WhatIfKind = WhatIf["kind"];

interface Field {
  readonly name: string;
  readonly title: string;
}

interface Kind {
  readonly title: string;
  readonly hover: string;
  readonly fields: readonly Field[];
}

export const WHAT_IFS: { readonly [kind in WhatIfKind]: Kind } = {
  window: {
    title: "Sliding window",
    hover: "Each query sees the nearest keys only",
    fields: [{ name: "width", title: "keys" }],
  },
  blockLocal: {
    title: "Local blocks",
    hover: "Each query sees the keys of its own block",
    fields: [{ name: "block", title: "tokens a block" }],
  },
  strided: {
    title: "Strided",
    hover: "Each query sees a window of keys, and every so many of those before",
    fields: [
      { name: "window", title: "window" },
      { name: "stride", title: "stride" },
    ],
  },
  topK: {
    title: "Top k",
    hover: "All scores are computed, and only the largest weigh values",
    fields: [{ name: "k", title: "keys" }],
  },
  heads: {
    title: "Fewer heads",
    hover: "As many heads in every block, each as wide as now",
    fields: [{ name: "heads", title: "heads" }],
  },
  kvHeads: {
    title: "Grouped queries",
    hover: "As many heads of keys and values, shared by groups of query heads",
    fields: [{ name: "kvHeads", title: "key and value heads" }],
  },
};

export const WHAT_IF_KINDS = Object.keys(WHAT_IFS) as WhatIfKind[];

/** Numbers of a change by the names of its fields. */
export function numbersOf(whatIf: WhatIf): { readonly [field: string]: number } {
  const { kind, ...numbers } = whatIf;
  return numbers;
}

/** The change with these numbers; undefined where one is missing or no positive whole number. */
export function whatIfWith(
  kind: WhatIfKind,
  numbers: { readonly [field: string]: unknown },
): WhatIf | undefined {
  const made = {
    kind,
    ...Object.fromEntries(WHAT_IFS[kind].fields.map(({ name }) => [name, numbers[name]])),
  };
  return isWhatIf(made) ? made : undefined;
}

export function isWhatIf(value: unknown): value is WhatIf {
  if (typeof value !== "object" || value === null || !("kind" in value)) {
    return false;
  }
  const kind = WHAT_IF_KINDS.find((one) => one === value.kind);
  const given: { readonly [field: string]: unknown } = { ...value };
  return (
    kind !== undefined &&
    WHAT_IFS[kind].fields.every(({ name }) => {
      const number = given[name];
      return typeof number === "number" && Number.isSafeInteger(number) && number > 0;
    })
  );
}

/** A change worth a first look at: a quarter of what there is. */
export function firstWhatIf(kind: WhatIfKind, report: AttentionReport, length: number): WhatIf {
  const quarter = Math.max(1, 2 ** Math.floor(Math.log2(Math.max(1, length / 4))));
  const heads = Math.max(1, ...report.blocks.map((block) => block.heads.value ?? 1));
  switch (kind) {
    case "window":
      return { kind, width: quarter };
    case "blockLocal":
      return { kind, block: quarter };
    case "strided":
      return { kind, window: quarter, stride: Math.max(1, Math.round(quarter / 4)) };
    case "topK":
      return { kind, k: quarter };
    case "heads":
      return { kind, heads: Math.max(1, Math.floor(heads / 2)) };
    case "kvHeads":
      return { kind, kvHeads: largestDivisor(heads, Math.max(1, Math.floor(heads / 4))) };
  }
}

function largestDivisor(whole: number, most: number): number {
  for (let divisor = most; divisor > 1; divisor--) {
    if (whole % divisor === 0) {
      return divisor;
    }
  }
  return 1;
}
