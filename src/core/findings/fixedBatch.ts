import type { ModelFindingRule } from "./types";

/** Inputs that take one batch size only, which most who deploy a model want to choose. */
export const fixedBatch: ModelFindingRule = {
  scope: "model",
  code: "fixed-batch",
  severity: "info",
  look({ model: { graph }, offers }) {
    const fed = graph.inputs.filter(
      ({ name, dims }) => !graph.initializers.has(name) && dims !== undefined && dims.length > 1,
    );
    const fixed = fed.filter(({ dims }) => typeof dims![0] === "number");
    if (fixed.length === 0 || fixed.length < fed.length) {
      return undefined;
    }
    const names = fixed.map(({ name, dims }) => `${name} [${dims!.map((dim) => dim ?? "?").join(", ")}]`);
    return {
      message: `The inputs take one batch size only: ${names.join(", ")}.`,
      fixes: offers.filter(({ call }) => call.action === "makeDynamic"),
    };
  },
};
