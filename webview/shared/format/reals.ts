/** A value of a tensor in at most `digits` significant digits: 0.001234, -12.5, 3e-9; "NaN or Inf" has none. */
export function real(value: number | null, digits = 4): string {
  if (value === null) {
    return "–";
  }
  if (value === 0 || !Number.isFinite(value)) {
    return String(value === 0 ? 0 : value);
  }
  const size = Math.abs(value);
  if (size >= 10 ** (digits + 2) || size < 1e-4) {
    return value
      .toExponential(digits - 1)
      .replace(/\.?0+e/, "e")
      .replace("e+", "e");
  }
  return String(Number(value.toPrecision(digits)));
}
