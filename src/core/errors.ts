import type { ErrorCode, ErrorData, Where } from "../protocol/problem";

/** A failure that names what, where and what to do. Anything else that is thrown is a defect. */
export class ModelError extends Error {
  readonly code: ErrorCode;
  readonly where: Where;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, where: Where = {}, hint?: string) {
    super(message);
    this.name = "ModelError";
    this.code = code;
    this.where = where;
    this.hint = hint;
  }
}

/** The plain-data form of any thrown value, for the wire. */
export function toErrorData(thrown: unknown): ErrorData {
  if (thrown instanceof ModelError) {
    return {
      code: thrown.code,
      message: thrown.message,
      where: thrown.where,
      ...(thrown.hint === undefined ? {} : { hint: thrown.hint }),
    };
  }
  return { code: "internal", message: thrown instanceof Error ? thrown.message : String(thrown) };
}
