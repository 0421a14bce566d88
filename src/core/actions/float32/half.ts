import type { DType } from "../../tensor/dtype";

/** Types of 16 bits whose values float32 all holds. */
export function isHalf(dtype: DType | undefined): boolean {
  return dtype === "float16" || dtype === "bfloat16";
}
