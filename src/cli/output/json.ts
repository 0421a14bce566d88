type Fields = { readonly [field: string]: unknown };

/**
 * An object as JSON text in pieces, so that the whole is never one string: a model of a hundred thousand layers has
 * more text than a string can hold. Each element of a top-level list is one line.
 */
export function* jsonPieces(value: object): Generator<string> {
  const entries = Object.entries(value as Fields).filter(([, field]) => field !== undefined);
  let open = "{\n";
  for (const [name, field] of entries) {
    yield `${open}  ${JSON.stringify(name)}: `;
    open = ",\n";
    if (Array.isArray(field) && field.length > 0) {
      yield* listPieces(field);
    } else {
      yield JSON.stringify(field, null, 2).replaceAll("\n", "\n  ");
    }
  }
  yield entries.length === 0 ? "{}\n" : "\n}\n";
}

function* listPieces(list: readonly unknown[]): Generator<string> {
  let before = "[\n";
  for (const element of list) {
    yield `${before}    ${JSON.stringify(element)}`;
    before = ",\n";
  }
  yield "\n  ]";
}
