const DECIMAL = ["", " k", " M", " G", " T", " P", " E"];
const BINARY = [" B", " KiB", " MiB", " GiB", " TiB", " PiB"];

/** Engineering units with three significant digits: 1234567 → "1.23 M". */
export function count(value: number | null): string {
  return value === null ? "?" : scaled(value, 1000, DECIMAL);
}

/** Binary units: 1536 → "1.5 KiB". */
export function bytes(value: number | null): string {
  return value === null ? "?" : scaled(value, 1024, BINARY);
}

export function percent(share: number | null): string {
  return share === null ? "?" : `${(share * 100).toFixed(1)} %`;
}

export function milliseconds(value: number | null): string {
  return value === null ? "" : value.toPrecision(3);
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let rest = value;
  let unit = 0;
  while (Math.abs(rest) >= base && unit < units.length - 1) {
    rest /= base;
    unit++;
  }
  const digits = Number.isInteger(rest) && unit === 0 ? String(rest) : String(Number(rest.toPrecision(3)));
  return `${digits}${units[unit]}`;
}
