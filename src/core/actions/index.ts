import { ModelError } from "../errors";
import { cancelCasts } from "./cancelCasts";
import { cancelTransposes } from "./cancelTransposes";
import { changeOpset } from "./changeOpset";
import { convertFloat16 } from "./convertFloat16";
import { convertFloat32 } from "./convertFloat32";
import { extractModel } from "./extractModel";
import { foldConstant } from "./foldConstant";
import { makeDynamic } from "./makeDynamic";
import { mergeBias } from "./mergeBias";
import { mergeDuplicates } from "./mergeDuplicates";
import { quantizeBlocks } from "./quantizeBlocks";
import { quantizeWeights } from "./quantizeWeights";
import { removeNoOp } from "./removeNoOp";
import { removeUnused } from "./removeUnused";
import { renameValue } from "./renameValue";
import { setAccuracyLevel } from "./setAccuracyLevel";
import { setDim } from "./setDim";
import type { Action } from "./types";

/** Every action. A new one is one file and one line here; panels, quick fixes, the palette and the command line follow. */
export const ACTIONS: readonly Action[] = [
  quantizeWeights,
  quantizeBlocks,
  convertFloat16,
  convertFloat32,
  removeUnused,
  mergeDuplicates,
  removeNoOp,
  foldConstant,
  cancelTransposes,
  cancelCasts,
  mergeBias,
  setAccuracyLevel,
  setDim,
  makeDynamic,
  changeOpset,
  renameValue,
  extractModel,
];

/** @throws ModelError when there is no such action */
export function actionNamed(id: string): Action {
  const action = ACTIONS.find((candidate) => candidate.id === id);
  if (action === undefined) {
    const known = ACTIONS.map((candidate) => candidate.id).join(", ");
    throw new ModelError("usage", `There is no action named ${id}.`, {}, `Known actions: ${known}.`);
  }
  return action;
}
