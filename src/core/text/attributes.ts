import type { Attribute } from "../model/types";
import { quotedText, textName } from "./names";

const LIST_SHOWN = 16;
const TEXT_SHOWN = 120;

/** "<axis = 1, perm = [0, 2, 1]>", or nothing without attributes. Graphs follow the node on lines of their own. */
export function attributeList(attributes: ReadonlyMap<string, Attribute>): string {
  if (attributes.size === 0) {
    return "";
  }
  return ` <${[...attributes].map(([name, attribute]) => `${textName(name)} = ${valueText(attribute)}`).join(", ")}>`;
}

function valueText(attribute: Attribute): string {
  switch (attribute.type) {
    case "int":
      return String(attribute.value);
    case "float":
      return floatText(attribute.value);
    case "string":
      return quoted(attribute.value);
    case "ints":
      return list(attribute.value, String);
    case "floats":
      return list(attribute.value, floatText);
    case "strings":
      return list(attribute.value, quoted);
    case "tensor":
      return `${attribute.value.dtype}[${attribute.value.dims.join(",")}] {…}`;
    case "tensors":
      return `[${attribute.value.length} tensors]`;
    case "graph":
      return textName(attribute.value.name || "graph");
    case "graphs":
      return list(attribute.value, (graph) => textName(graph.name || "graph"));
    case "other":
      return attribute.refAttrName === undefined ? "…" : `@${textName(attribute.refAttrName)}`;
  }
}

/** Floats come from 32 bits: the shortest decimal that reads back as the same one. */
function floatText(value: number): string {
  for (let digits = 6; digits < 10; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === Math.fround(value)) {
      const short = String(Number(text));
      return /[.e]|NaN|Infinity/.test(short) ? short : `${short}.0`;
    }
  }
  return String(value);
}

function quoted(text: string): string {
  return quotedText(text.length > TEXT_SHOWN ? `${text.slice(0, TEXT_SHOWN)}…` : text);
}

/** Only what is shown is made into text: a list may have millions of elements. */
function list<T>(items: readonly T[], text: (item: T) => string): string {
  return `[${items.slice(0, LIST_SHOWN).map(text).join(", ")}${items.length > LIST_SHOWN ? ", …" : ""}]`;
}
