import type { ErrorData, Where } from "../protocol/problem";
import { errorDataOf, RpcError } from "../rpc/error";

/** A failure in one or two sentences for a notification: where, what, and what to do. */
export function describeError(data: ErrorData): string {
  const place = describeWhere(data.where);
  const message = sentence(data.message);
  return [place === "" ? message : `${place}: ${message}`, data.hint === undefined ? "" : sentence(data.hint)]
    .filter((part) => part !== "")
    .join(" ");
}

/** The same for anything thrown. */
export function describeThrown(thrown: unknown): string {
  return describeError(errorDataOf(thrown));
}

/** True for a call that the user stopped. */
export function isCancelled(thrown: unknown): boolean {
  return errorDataOf(thrown).code === "cancelled";
}

/** A failure of the host itself, in the form in which the engine's failures arrive. */
export function hostError(data: ErrorData): RpcError {
  return new RpcError(data);
}

function describeWhere(where: Where | undefined): string {
  if (where === undefined) {
    return "";
  }
  const parts = [
    where.file,
    where.graph === "" ? undefined : where.graph,
    where.node === undefined ? undefined : `node ${where.node}`,
    where.tensor === undefined ? undefined : `tensor ${where.tensor}`,
    where.offset === undefined ? undefined : `byte ${where.offset}`,
  ];
  return parts.filter((part) => part !== undefined).join(", ");
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
