import { readFile } from "node:fs/promises";
import type { ActionCall } from "../../protocol/actions";
import type { Recipe } from "../../protocol/report";
import { RpcError } from "../../rpc/error";

/**
 * The calls of a recipe file: a Recipe, or the output of `optimize --json`, which has one inside.
 *
 * @throws RpcError("usage") when the file is neither
 */
export async function readRecipe(path: string): Promise<readonly ActionCall[]> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, "utf8"));
  } catch (thrown) {
    throw new RpcError({
      code: "usage",
      message: `The recipe ${path} cannot be read: ${(thrown as Error).message}`,
      hint: "Check the path; onnxray optimize --json prints a recipe.",
    });
  }
  const outer = fieldsOf(parsed);
  const recipe = fieldsOf(outer["recipe"] ?? parsed);
  if (recipe["version"] !== 1 || !isListOfCalls(recipe["actions"])) {
    throw new RpcError({
      code: "usage",
      message: `${path} is not a recipe.`,
      hint: 'A recipe is {"version": 1, "actions": [{"action": …, "target": {"output": …}, "params": {…}}]}.',
    });
  }
  return (recipe as unknown as Recipe).actions;
}

function isListOfCalls(value: unknown): boolean {
  return Array.isArray(value) && value.every(isActionCall);
}

function isActionCall(value: unknown): boolean {
  const { action, target, params } = fieldsOf(value);
  const { output, graph } = fieldsOf(target);
  return (
    typeof action === "string" &&
    typeof output === "string" &&
    (graph === undefined || typeof graph === "string") &&
    typeof params === "object" &&
    params !== null &&
    !Array.isArray(params)
  );
}

function fieldsOf(value: unknown): { readonly [field: string]: unknown } {
  return typeof value === "object" && value !== null ? (value as { readonly [field: string]: unknown }) : {};
}
