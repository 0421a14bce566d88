/**
 * The smallest useful model, y = Relu(x) over one float32, as protobuf bytes: creating a session with it shows
 * whether an execution provider works at all. Fields are tag, length, content.
 */
function message(field: number, ...content: readonly (readonly number[])[]): number[] {
  const bytes = content.flat();
  return [field * 8 + 2, bytes.length, ...bytes];
}

function text(field: number, value: string): number[] {
  return message(
    field,
    [...value].map((character) => character.charCodeAt(0)),
  );
}

function integer(field: number, value: number): number[] {
  return [field * 8, value];
}

const FLOAT = 1;
const shape = message(2, message(1, integer(1, 1)));
const value = (field: number, name: string) =>
  message(field, text(1, name), message(2, message(1, integer(1, FLOAT), shape)));

export const PROBE_MODEL = Uint8Array.from([
  ...integer(1, 8),
  ...message(
    7,
    message(1, text(1, "x"), text(2, "y"), text(4, "Relu")),
    text(2, "probe"),
    value(11, "x"),
    value(12, "y"),
  ),
  ...message(8, integer(2, 13)),
]);
