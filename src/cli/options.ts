import { InvalidArgumentError } from "commander";
import type { Bindings } from "../protocol/engine";

/** Collects repeated `--dim name=value`. */
export function collectDim(text: string, previous: Bindings = {}): Bindings {
  const cut = text.lastIndexOf("=");
  const name = text.slice(0, cut);
  const value = Number(text.slice(cut + 1));
  if (cut < 1 || !Number.isSafeInteger(value) || value < 0 || text.slice(cut + 1).trim() === "") {
    throw new InvalidArgumentError("Write it as name=number, for example --dim sequence=512.");
  }
  return { ...previous, [name]: value };
}

export function collectText(text: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, text];
}

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError("A whole number of at least 1 is needed.");
  }
  return value;
}

export function nonNegativeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0 || text.trim() === "") {
    throw new InvalidArgumentError("A whole number of at least 0 is needed.");
  }
  return value;
}

export function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError("A number of seconds above 0 is needed.");
  }
  return value;
}

/** Collects "dim=batch" for --set; what the value may be is the action's to say. */
export function collectParam(
  text: string,
  previous: { readonly [name: string]: string } = {},
): { readonly [name: string]: string } {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError("Write name=value.");
  }
  return { ...previous, [name.trim()]: value };
}
