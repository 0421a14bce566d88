const DECIMAL = ["", " k", " M", " G", " T", " P", " E"];
const BINARY = [" B", " KiB", " MiB", " GiB", " TiB", " PiB"];
const GROUPED = new Intl.NumberFormat("en-US", { maximumFractionDigits: 3 });

export const UNKNOWN = "?";

/** Engineering units with three significant digits: 1234567 → "1.23 M"; unknown → "?". */
export function count(value: number | null): string {
  return value === null ? UNKNOWN : scaled(value, 1000, DECIMAL);
}

/** Binary units with three significant digits: 1536 → "1.50 KiB"; unknown → "?". */
export function bytes(value: number | null): string {
  return value === null ? UNKNOWN : scaled(value, 1024, BINARY);
}

/** A part of a whole, 0 to 1: 0.1234 → "12.3 %"; "<0.1 %" for what would round to nothing. */
export function percent(share: number | null): string {
  if (share === null) {
    return UNKNOWN;
  }
  const hundredths = share * 100;
  if (hundredths > 0 && hundredths < 0.05) {
    return "<0.1 %";
  }
  return `${hundredths.toFixed(1)} %`;
}

/** A duration with three significant digits in the unit that fits: 0.0123 → "12.3 µs", 1234 → "1.23 s". */
export function duration(milliseconds: number | null): string {
  if (milliseconds === null) {
    return UNKNOWN;
  }
  if (milliseconds === 0) {
    return "0 ms";
  }
  if (milliseconds < 0.9995) {
    return `${threeDigits(milliseconds * 1000)} µs`;
  }
  return milliseconds < 999.5 ? `${threeDigits(milliseconds)} ms` : `${threeDigits(milliseconds / 1000)} s`;
}

/** A plain ratio such as FLOPs per byte. */
export function ratio(value: number | null): string {
  if (value === null) {
    return UNKNOWN;
  }
  return value >= 1000 ? count(value) : threeDigits(value);
}

/** All digits, grouped: 1234567 → "1,234,567". */
export function exact(value: number | null): string {
  return value === null ? "unknown" : GROUPED.format(value);
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let rest = value;
  let unit = 0;
  // What would round up to the base belongs to the next unit: 999,999 is 1.00 M, not 1000 k.
  while (Math.abs(rest) >= base - 0.5 && unit < units.length - 1) {
    rest /= base;
    unit++;
  }
  return `${unit === 0 && Number.isInteger(rest) ? String(rest) : threeDigits(rest)}${units[unit]}`;
}

/** Three significant digits, never in exponent form; four where binary units need them (1000 to 1023). */
function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || size >= 99.95) {
    return String(Math.round(value));
  }
  if (size >= 9.995) {
    return value.toFixed(1);
  }
  return size >= 0.01 ? value.toFixed(2) : String(Number(value.toPrecision(2)));
}
