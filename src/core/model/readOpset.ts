import { FieldScanner } from "../wire/scanner";
import { OPSET_ID } from "../wire/schema";
import type { Span } from "../wire/source";
import type { ReadContext } from "./readContext";
import { normalDomain } from "./readNode";

/** Reads an OperatorSetIdProto. */
export function readOpset(
  context: ReadContext,
  span: Span,
): { readonly domain: string; readonly version: number } {
  const scanner = new FieldScanner(context.cursor, span);
  let domain = "";
  let version = 0;
  while (scanner.advance()) {
    if (scanner.field === OPSET_ID.domain) {
      domain = normalDomain(context.name(scanner.expectLength()));
    } else if (scanner.field === OPSET_ID.version) {
      version = scanner.expectVarint();
    }
  }
  return { domain, version };
}
