const DECIMAL = ["", "k", "M", "G", "T", "P", "E"];
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi"];

/** Three significant digits: 1234567 → "1.23 M", with a unit "1.23 MFLOPs"; "?" when unknown. */
export function count(value: number | null, unit = ""): string {
  return value === null ? `? ${unit}`.trimEnd() : scaled(value, 1000, DECIMAL, unit);
}

/** Binary units: 1536 → "1.5 KiB". */
export function bytes(value: number): string {
  return scaled(value, 1024, BINARY, "B");
}

/** A part of a whole: 0.3104 → "31 %", 0.0123 → "1.2 %", never more digits than mean something. */
export function percent(share: number): string {
  const hundredths = share * 100;
  if (hundredths > 0 && hundredths < 0.05) {
    return "<0.1 %";
  }
  return `${hundredths >= 9.95 ? Math.round(hundredths) : Number(hundredths.toFixed(1))} %`;
}

/** Milliseconds with three significant digits: 0.0123 → "12.3 µs". */
export function duration(milliseconds: number): string {
  if (milliseconds >= 999.5) {
    return `${Number((milliseconds / 1000).toPrecision(3))} s`;
  }
  return milliseconds >= 0.9995 || milliseconds === 0
    ? `${Number(milliseconds.toPrecision(3))} ms`
    : `${Number((milliseconds * 1000).toPrecision(3))} µs`;
}

function scaled(value: number, base: number, prefixes: readonly string[], unit: string): string {
  let rest = rounded(value);
  let step = 0;
  // Rounding may reach the next prefix: 999 999 is "1 M", not "1000 k".
  while (Math.abs(rest) >= base && step < prefixes.length - 1) {
    step++;
    rest = rounded(value / base ** step);
  }
  return `${rest} ${prefixes[step]}${unit}`.trimEnd();
}

function rounded(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
}
