/** Values further below the largest than this are not told apart from nothing. */
const MOST_DECADES = 7;

/** Range of a logarithmic axis that shows all positive values, from a whole power of the base. */
export function logDomain(values: readonly number[], base: 2 | 10): readonly [number, number] {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  if (positive.length === 0) {
    return [1, 10];
  }
  const most = positive.reduce((a, b) => Math.max(a, b));
  const least = Math.max(
    positive.reduce((a, b) => Math.min(a, b)),
    most / 10 ** MOST_DECADES,
  );
  const from = base ** Math.floor(Math.log(least) / Math.log(base) + 1e-9);
  return [from, Math.max(most * 1.15, from * 10)];
}

/** Powers of the base within a domain, thinned to at most `room`; bytes in steps that keep their units round. */
export function powers([from, to]: readonly [number, number], room: number, base: 2 | 10): number[] {
  const exponent = (value: number) => Math.log(value) / Math.log(base);
  const last = Math.floor(exponent(to) + 1e-9);
  const low = Math.ceil(exponent(from) - 1e-9);
  const wanted = Math.max(1, Math.ceil((last - low + 1) / Math.max(1, room)));
  const step = base === 10 ? wanted : ([1, 2, 5, 10, 20].find((size) => size >= wanted) ?? wanted);
  const first = base === 10 ? low : Math.ceil(low / step) * step;
  return Array.from(
    { length: Math.max(0, Math.floor((last - first) / step) + 1) },
    (_, place) => base ** (first + place * step),
  );
}

/** Powers of two within a range, thinned to at most `room`. */
export function doublings(from: number, to: number, room: number): number[] {
  const first = Math.ceil(Math.log2(Math.max(1, from)) - 1e-9);
  const last = Math.floor(Math.log2(Math.max(1, to)) + 1e-9);
  const step = Math.max(1, Math.ceil((last - first + 1) / Math.max(1, room)));
  return Array.from(
    { length: Math.max(0, Math.floor((last - first) / step) + 1) },
    (_, place) => 2 ** (first + place * step),
  );
}

/** Sizes past four digits in the binary thousands that lengths are spoken of in: 16384 → "16k". */
export function lengthText(size: number): string {
  return size >= 10_000 && size % 1024 === 0 ? `${size / 1024}k` : String(size);
}

/** Place in a rising list of the value nearest to `at` by their ratio. */
export function nearestPlace(values: readonly number[], at: number): number {
  let best = 0;
  values.forEach((value, place) => {
    const far = (other: number) => Math.abs(Math.log(Math.max(1, other) / Math.max(1, at)));
    if (far(value) < far(values[best] ?? 1)) {
      best = place;
    }
  });
  return best;
}
