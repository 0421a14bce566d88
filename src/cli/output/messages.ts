import type { SaveNote } from "../../protocol/engine";
import type { ErrorData, Problem, Where } from "../../protocol/problem";
import { printable } from "./printable";

/** Problems that are printed; a broken model repeats itself, and `--json` has all of them. */
const MOST_PROBLEMS = 20;

const DEFECT = "This is a defect of onnxray: please report it, with the model if you can share it.";

/** One line that says what and where, and a second one with what to do. */
export function errorLines(error: ErrorData): string {
  const first = `onnxray: ${located(error.message, error.where)}\n`;
  const hint = error.hint ?? (error.code === "internal" ? DEFECT : undefined);
  return hint === undefined ? first : `${first}  hint: ${printable(hint)}\n`;
}

/** What is wrong with a model that could be read all the same: a line for each, and a hint below what makes it fail. */
export function problemLines(problems: readonly Problem[]): string {
  const lines = problems.slice(0, MOST_PROBLEMS).map(({ severity, message, where, hint }) => {
    const first = `onnxray: ${severity === "info" ? "note" : severity}: ${located(message, where)}`;
    const advice = hint === undefined ? "" : printable(hint);
    return severity === "error" && advice !== ""
      ? `${first}\n  hint: ${advice}\n`
      : `${[first, advice].join(" ").trimEnd()}\n`;
  });
  const more = problems.length - lines.length;
  return lines.join("") + (more > 0 ? `onnxray: … and ${more} more; --json has them all.\n` : "");
}

/** What is to be known of a model that was written: a line for each. */
export function noteLines(notes: readonly SaveNote[]): string {
  return notes.map(({ message }) => `onnxray: note: ${printable(message)}\n`).join("");
}

/** A sentence with the places that it does not name itself. */
function located(message: string, { file, offset, node, tensor }: Where = {}): string {
  const places = [
    ...(file === undefined ? [] : [file]),
    ...(offset === undefined || offset === 0 ? [] : [`byte ${offset}`]),
    ...(node === undefined ? [] : [`node ${node}`]),
    ...(tensor === undefined ? [] : [`tensor ${tensor}`]),
  ].filter((place) => !message.includes(place.replace(/^(node|tensor) /, "")));
  const sentence = printable(message).replace(/\.$/, "");
  return `${sentence}${places.length === 0 ? "" : ` (${printable(places.join(", "))})`}.`;
}
