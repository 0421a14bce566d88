import type { ParamSpec } from "../../protocol/actions";
import { ModelError } from "../errors";
import { symbol } from "../expr";
import { infer } from "../infer/infer";
import type { Model, ValueInfo } from "../model/types";
import { lifted } from "./dynamic/lifted";
import type { Opening } from "./dynamic/opening";
import { counted } from "./naming";
import { listParam, sizeOrName, textParam } from "./params";
import { type ModelAction, type Params, WHOLE_MODEL } from "./types";

const ID = "makeDynamic";
const TITLE = "Make a fixed dim dynamic";
/** Shapes small enough to be worked with element by element. */
const SMALL = 256;

const PARAMS: readonly ParamSpec[] = [
  {
    name: "inputs",
    title: "Inputs",
    kind: "text",
    default: "",
    description: "Names separated by commas; empty: all inputs that have this size there",
  },
  { name: "axis", title: "Axis", kind: "number", default: 0, description: "0 is the batch in most models" },
  { name: "name", title: "Name of the dim", kind: "text", default: "batch" },
];

/** A number in the shape of an input becomes a name, and what the number decided inside of the model follows. */
export const makeDynamic: ModelAction = {
  scope: "model",
  id: ID,
  title: TITLE,
  description:
    "Gives a fixed dim of the inputs, such as the batch, a name in the place of its size. Outputs and declared values " +
    "follow, and so do shapes of Reshape and Expand that hold the size; where it cannot be told what follows, the node is named.",
  params: PARAMS,
  onRequest: true,

  answers({ model }) {
    const fixed = fixedInputs(model, 0);
    return fixed.length === 0
      ? []
      : [
          {
            kind: "offer",
            offer: {
              call: { action: ID, target: WHOLE_MODEL, params: { inputs: "", axis: 0, name: "batch" } },
              title: TITLE,
              detail: `The first axis of ${counted(fixed.length, "input")} becomes batch: ${fixed.map(({ name }) => name).join(", ")}`,
              weightBytesBefore: 0,
              weightBytesAfter: 0,
              params: PARAMS,
            },
          },
        ];
  },

  plan({ model, inference }, params, reader) {
    const opening = openingOf(model, params);
    if (inference.symbols.includes(opening.name)) {
      const hint = "Choose another name, or name all inputs that share the dim at once.";
      throw new ModelError("inconsistent", `The model has a dim named ${opening.name} already.`, {}, hint);
    }
    const edits = lifted({
      model,
      before: inference,
      opening,
      dim: symbol(opening.name),
      reader,
      infer: (suppose) =>
        infer(model, { readSmall: (tensor) => reader.small(tensor, SMALL), ...(suppose && { suppose }) }),
    });
    const names = [...opening.inputs].join(", ");
    return { label: `Make axis ${opening.axis} of ${names} dynamic: ${opening.name}`, edits };
  },
};

function openingOf(model: Model, params: Params): Opening {
  const wanted = listParam(params, "inputs");
  const axis = sizeOrName({ axis: params["axis"] ?? 0 }, "axis", "which axis it is");
  const name = textParam({ name: params["name"] ?? "batch" }, "name", "which name the dim gets");
  if (typeof axis === "string") {
    throw new ModelError("usage", `${axis} is no axis.`, {}, "Axes are counted from 0.");
  }
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    throw new ModelError(
      "usage",
      `${name} is no name for a dim.`,
      {},
      "Use letters, digits and underscores.",
    );
  }
  const inputs = wanted.length === 0 ? fixedInputs(model, axis) : wanted.map((one) => inputNamed(model, one));
  const sizes = inputs.map((input) => sizeAt(input, axis));
  const open = inputs.find((_, at) => sizes[at] === undefined);
  if (open !== undefined) {
    throw new ModelError("inconsistent", `Axis ${axis} of ${open.name} has no fixed size.`);
  }
  const [size] = sizes;
  if (size === undefined || size === 0) {
    throw new ModelError("inconsistent", `No input has a fixed size on axis ${axis}.`);
  }
  if (sizes.some((other) => other !== size)) {
    throw new ModelError(
      "inconsistent",
      `The inputs have different sizes on axis ${axis}: ${sizes.join(", ")}.`,
    );
  }
  return { inputs: new Set(inputs.map((input) => input.name)), axis, size, name };
}

function inputNamed({ graph }: Model, name: string): ValueInfo {
  const found = graph.inputs.find((input) => input.name === name);
  if (found === undefined) {
    const known = graph.inputs.map((input) => input.name).join(", ");
    throw new ModelError(
      "inconsistent",
      `The model has no input named ${name}.`,
      {},
      `Its inputs: ${known}.`,
    );
  }
  return found;
}

/** Inputs that are fed and have the same number on that axis as the first one; single numbers are no batch of one. */
function fixedInputs({ graph }: Model, axis: number): readonly ValueInfo[] {
  const fixed = graph.inputs.filter(
    (input) =>
      !graph.initializers.has(input.name) &&
      sizeAt(input, axis) !== undefined &&
      (input.dims!.length > 1 || input.dims![0] !== 1),
  );
  return fixed.filter((input) => sizeAt(input, axis) === sizeAt(fixed[0]!, axis));
}

function sizeAt({ kind, dims }: ValueInfo, axis: number): number | undefined {
  const size = kind === "tensor" ? dims?.[axis] : undefined;
  return typeof size === "number" ? size : undefined;
}
