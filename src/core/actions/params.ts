import { ModelError } from "../errors";
import type { Params } from "./types";

/** @throws ModelError("usage") when the parameter is missing or no text */
export function textParam(params: Params, name: string, what: string): string {
  const value = params[name];
  if (typeof value !== "string" || value.trim() === "") {
    throw new ModelError("usage", `Say ${what}.`, {}, `The parameter is called ${name}.`);
  }
  return value.trim();
}

/** A list of texts, or texts separated by commas; none when the parameter is missing. */
export function listParam(params: Params, name: string): readonly string[] {
  const value = params[name];
  if (Array.isArray(value)) {
    return value.map(String);
  }
  return typeof value === "string"
    ? value
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== "")
    : [];
}

/** "120" is a number, "n" a name, wherever a size may be either. */
export function sizeOrName(params: Params, name: string, what: string): number | string {
  const value = params[name];
  const number =
    typeof value === "number" ? value : /^\d+$/.test(String(value).trim()) ? Number(value) : undefined;
  if (number === undefined) {
    return textParam(params, name, what);
  }
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new ModelError("usage", `${number} is no size.`, {}, "A size is a whole number of 0 or more.");
  }
  return number;
}
