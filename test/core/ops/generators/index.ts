import { arrangeGenerators } from "./arrange";
import { elementwiseGenerators } from "./elementwise";
import { gatherGenerators } from "./gather";
import type { Generator } from "./generator";
import { imageGenerators } from "./images";
import { layerGenerators } from "./layers";
import { productGenerators } from "./products";
import { reduceGenerators } from "./reduce";
import { shapeGenerators } from "./shape";

/** Random uses, in families. MatMul and sliding windows have generators of their own in sizes.test.ts. */
export const GENERATORS: readonly Generator[] = [
  ...arrangeGenerators,
  ...elementwiseGenerators,
  ...gatherGenerators,
  ...imageGenerators,
  ...layerGenerators,
  ...productGenerators,
  ...reduceGenerators,
  ...shapeGenerators,
];
