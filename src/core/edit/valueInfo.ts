import type { ValueInfo } from "../model/types";

/** A declaration with another name or type; the rest of its record is kept when it is saved. */
export function changedInfo(
  info: ValueInfo,
  change: Partial<Pick<ValueInfo, "name" | "dtype" | "dims">>,
): ValueInfo {
  const { span, ...rest } = info;
  const origin = info.origin ?? span;
  const typeChanged = info.typeChanged === true || "dtype" in change || "dims" in change;
  return {
    ...rest,
    ...change,
    ...(origin === undefined ? {} : { origin }),
    ...(typeChanged ? { typeChanged } : {}),
  };
}
