import type { ParamSpec } from "./actions";
import type { Json } from "./json";

/** The text of a value in a box for typing. */
export function textOf(value: Json): string {
  return typeof value === "string" ? value : value === null ? "" : JSON.stringify(value);
}

/** What is wrong with a typed value; undefined when nothing is. What the engine alone can know is not asked here. */
export function faultOf(spec: ParamSpec, text: string): string | undefined {
  if (spec.kind === "number") {
    const isNumber = text.trim() !== "" && Number.isFinite(Number(text));
    return isNumber ? undefined : `${spec.title} is a number.`;
  }
  // What may be left empty is so at first.
  return text.trim() === "" && textOf(spec.default) !== "" ? `${spec.title} cannot be empty.` : undefined;
}

/** The value that a text without a fault stands for. */
export function valueOfText(spec: ParamSpec, text: string): Json {
  return spec.kind === "number" ? Number(text) : text.trim();
}
