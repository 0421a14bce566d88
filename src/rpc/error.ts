import type { ErrorData } from "../protocol/problem";

/** A failure of the other side, or of the channel, with its plain data. */
export class RpcError extends Error {
  readonly data: ErrorData;

  constructor(data: ErrorData) {
    super(data.message);
    this.name = "RpcError";
    this.data = data;
  }
}

/** The data of anything thrown: errors that carry `code` and `where` keep them, an aborted call becomes "cancelled". */
export function errorDataOf(thrown: unknown): ErrorData {
  if (thrown instanceof RpcError) {
    return thrown.data;
  }
  if (!(thrown instanceof Error)) {
    return { code: "internal", message: String(thrown) };
  }
  if (thrown.name === "AbortError") {
    return { code: "cancelled", message: "Cancelled." };
  }
  const { code, where, hint } = thrown as Partial<ErrorData>;
  if (thrown.name !== "ModelError" || code === undefined) {
    return { code: "internal", message: thrown.message };
  }
  return {
    code,
    message: thrown.message,
    ...(where === undefined ? {} : { where }),
    ...(hint === undefined ? {} : { hint }),
  };
}
