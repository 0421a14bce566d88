const DECIMAL = ["", "k", "M", "G", "T", "P", "E"];
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi"];

/** Engineering units with three significant digits: 1234567 → "1.23 M", with a unit "1.23 MFLOPs"; "?" when unknown. */
export function count(value: number | null, unit = ""): string {
  return value === null ? `?${unit && ` ${unit}`}` : scaled(value, 1000, DECIMAL, unit);
}

/** Binary units: 1536 → "1.5 KiB". */
export function bytes(value: number | null): string {
  return value === null ? "?" : scaled(value, 1024, BINARY, "B");
}

export function percent(share: number | null): string {
  return share === null ? "?" : `${(share * 100).toFixed(1)} %`;
}

/** Three significant digits and never an exponent; "" when there is no time. */
export function milliseconds(value: number | null): string {
  if (value === null) {
    return "";
  }
  if (value >= 100) {
    return value.toFixed(0);
  }
  return value >= 0.001 || value === 0 ? value.toPrecision(3) : "<0.001";
}

function scaled(value: number, base: number, prefixes: readonly string[], unit: string): string {
  let rest = rounded(value);
  let step = 0;
  // Rounding may reach the next prefix: 999 999 is "1 M", not "1000 k".
  for (; Math.abs(rest) >= base && step < prefixes.length - 1; ) {
    step++;
    rest = rounded(value / base ** step);
  }
  return `${rest} ${prefixes[step]}${unit}`.trimEnd();
}

function rounded(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
}
