/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

export interface HeatColours {
  readonly zero: Rgb;
  readonly negative: Rgb;
  readonly positive: Rgb;
  /** Of what is no number. */
  readonly none: Rgb;
}

const PARTS = ["zero", "negative", "positive", "none"] as const;

/** The theme's colours, as they are computed for the probes inside of `root`: elements of the class "heat-" and a part. */
export function heatColours(root: Element): HeatColours {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
  const colour = (part: (typeof PARTS)[number]): Rgb => {
    const probe = root.querySelector(`.heat-${part}`);
    context.fillStyle = probe === null ? "gray" : getComputedStyle(probe).backgroundColor;
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
    return [red, green, blue];
  };
  return {
    zero: colour("zero"),
    negative: colour("negative"),
    positive: colour("positive"),
    none: colour("none"),
  };
}

/**
 * How strong the colour of a value is, 0 to 1: the square root of its part of `limit`, since weights lie close to zero
 * and a single large one would leave all others blank.
 */
export function strength(value: number, limit: number): number {
  return limit > 0 ? Math.sqrt(Math.min(1, Math.abs(value) / limit)) : 0;
}

/** Pixels of cells, four bytes each. */
export function heatPixels(
  values: readonly (number | null)[],
  limit: number,
  { zero, negative, positive, none }: HeatColours,
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(values.length * 4);
  values.forEach((value, cell) => {
    const start = cell * 4;
    const end = value === null ? none : value < 0 ? negative : positive;
    const part = value === null ? 1 : strength(value, limit);
    for (let channel = 0; channel < 3; channel++) {
      pixels[start + channel] = zero[channel]! + part * (end[channel]! - zero[channel]!);
    }
    pixels[start + 3] = 255;
  });
  return pixels;
}
