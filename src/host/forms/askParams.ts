import * as vscode from "vscode";
import type { ActionCall, ParamSpec } from "../../protocol/actions";
import type { Json } from "../../protocol/json";
import { faultOf, textOf, valueOfText } from "../../protocol/paramValue";

interface Item extends vscode.QuickPickItem {
  readonly value: Json;
}

interface Place {
  /** "Fix or rename a dim (1/2)" */
  readonly title: string;
  readonly spec: ParamSpec;
  readonly current: Json;
}

/** Asks for the parameters of a call one after the other, each with what it is now; undefined when the user gave up. */
export async function askParams(
  title: string,
  specs: readonly ParamSpec[],
  params: ActionCall["params"],
): Promise<ActionCall["params"] | undefined> {
  let answered: ActionCall["params"] = params;
  for (const [position, spec] of specs.entries()) {
    const step = specs.length === 1 ? "" : ` (${position + 1}/${specs.length})`;
    const place: Place = { title: title + step, spec, current: params[spec.name] ?? spec.default };
    const value = spec.kind === "choice" || spec.kind === "flag" ? await pick(place) : await type(place);
    if (value === undefined) {
      return undefined;
    }
    answered = { ...answered, [spec.name]: value };
  }
  return answered;
}

/** What is chosen now comes first, so that Enter keeps it. */
async function pick({ title, spec, current }: Place): Promise<Json | undefined> {
  const choices =
    spec.kind === "flag"
      ? [
          { value: true, title: "Yes" },
          { value: false, title: "No" },
        ]
      : (spec.choices ?? []);
  const items = choices.map(
    ({ value, title: label }): Item => ({
      label,
      value,
      ...(isSame(value, current) ? { description: "as it is" } : {}),
    }),
  );
  items.sort((a, b) => Number(isSame(b.value, current)) - Number(isSame(a.value, current)));
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: promptOf(spec),
    matchOnDescription: true,
    ignoreFocusOut: true,
  });
  return picked?.value;
}

async function type({ title, spec, current }: Place): Promise<Json | undefined> {
  const text = await vscode.window.showInputBox({
    title,
    prompt: promptOf(spec),
    value: textOf(current),
    validateInput: (typed) => faultOf(spec, typed),
    ignoreFocusOut: true,
  });
  return text === undefined ? undefined : valueOfText(spec, text);
}

function promptOf({ title, description }: ParamSpec): string {
  return description === undefined ? title : `${title}: ${description}`;
}

function isSame(one: Json, other: Json): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
