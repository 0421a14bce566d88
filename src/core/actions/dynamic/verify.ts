import { allGraphs } from "../../edit/graphs";
import { ModelError } from "../../errors";
import { degree, type Expr, equal, mulAll, substitute } from "../../expr";
import type { Inference } from "../../infer/types";
import { nameOf } from "../naming";
import type { Task } from "./opening";

/** Other sizes at which the model must hold together, as multiples of its own: what divides it divides them. */
const MULTIPLES = [2, 5];

/**
 * Why the changed model is not the old one with an open dim: at the old size every value must have its old shape, and
 * at others inference, to which sizes are numbers there, must find no contradiction and the shapes that the formulas
 * promise.
 */
export function whyNot(task: Task, after: Inference): ModelError | undefined {
  const { model, before, opening } = task;
  const at = (size: number) => new Map<string, Expr>([[opening.name, size]]);
  const atOld = firstDifference(task, before, after, at(opening.size));
  if (atOld !== undefined) {
    return atOld;
  }
  const known = new Set(before.problems.map(({ where }) => keyOf(where?.graph, where?.node)));
  for (const multiple of MULTIPLES) {
    const size = multiple * opening.size;
    const concrete = task.infer({
      input: (info) => {
        const fact = opening.inputs.has(info.name) ? after.fact(model.graph, info.name) : undefined;
        return (
          fact && { ...fact, shape: fact.shape!.map((dim, axis) => (axis === opening.axis ? size : dim)) }
        );
      },
      constant: () => undefined,
    });
    const problem = concrete.problems.find(
      ({ severity, where }) => severity !== "info" && !known.has(keyOf(where?.graph, where?.node)),
    );
    if (problem !== undefined) {
      return refusal(
        task,
        { graph: problem.where?.graph ?? "", node: problem.where?.node ?? "" },
        `with ${size} in place of ${opening.size}, ${problem.message}`,
      );
    }
    const other = firstDifference(task, concrete, after, at(size));
    if (other !== undefined) {
      return other;
    }
  }
  return undefined;
}

const keyOf = (graph = "", node = "") => `${graph} ${node}`;

/** The first node whose outputs, by the formulas at some size, are not those that are expected there. */
function firstDifference(
  task: Task,
  expected: Inference,
  formulas: Inference,
  at: ReadonlyMap<string, Expr>,
): ModelError | undefined {
  for (const graph of allGraphs(task.model)) {
    for (const node of graph.nodes) {
      const differs = node.outputs.some((output) => {
        const { shape: wanted } = output === "" ? {} : expected.fact(graph, output);
        const { shape } = output === "" ? {} : formulas.fact(graph, output);
        return (
          wanted !== undefined &&
          (shape?.length !== wanted.length ||
            wanted.some((size, axis) => size !== undefined && !isAt(shape[axis], size, at)))
        );
      });
      if (differs) {
        return refusal(
          task,
          { graph: graph.path, node: nameOf(node) },
          `it cannot be told which sizes follow from ${task.opening.name} there`,
        );
      }
    }
  }
  return undefined;
}

function isAt(formula: Expr | undefined, size: Expr, at: ReadonlyMap<string, Expr>): boolean {
  return formula !== undefined && equal(substitute(formula, at), size);
}

/** True when a value grows with the square of the dim: items that were put into an axis with others meet each other. */
export function hasSquare({ model, opening }: Task, after: Inference): boolean {
  return [...allGraphs(model)].some((graph) =>
    graph.nodes.some((node) =>
      node.outputs.some((output) => {
        const { shape } = after.fact(graph, output);
        return (
          shape?.every((size) => size !== undefined) === true &&
          degree(mulAll(shape as readonly Expr[]), opening.name) > 1
        );
      }),
    ),
  );
}

export function refusal(
  { opening }: Task,
  where: { readonly graph: string; readonly node: string },
  reason: string,
): ModelError {
  return new ModelError(
    "inconsistent",
    `${[...opening.inputs].join(", ")} cannot get ${opening.name} in place of ${opening.size}: at ${where.node}, ${reason}.`,
    where,
    "Export the model with this axis dynamic, or choose another axis.",
  );
}
