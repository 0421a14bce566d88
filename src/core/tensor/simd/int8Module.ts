/**
 * Two loops in WebAssembly, written out here since they are short and nothing else is needed to build them: vectors of
 * four floats are several times faster than what JavaScript does with one.
 */

/** Numbers as WebAssembly writes them: seven bits a byte. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...unsigned(Math.floor(value / 128))];
}

function sized(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length), ...bytes];
}

function section(id: number, ...content: readonly (readonly number[])[]): number[] {
  return [id, ...sized([...unsigned(content.length), ...content.flat()])];
}

const I32 = 0x7f;
const V128 = 0x7b;
const VOID = 0x40;
const END = 0x0b;

const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const tee = (local: number) => [0x22, local];
/** Constants from 0 to 63, and 64: of signed numbers the seventh bit is the sign. */
const constant = (value: number) => [0x41, ...(value < 64 ? [value] : [value + 128, 0])];
const ADD = [0x6a];
const SUBTRACT = [0x6b];
const IS_ZERO = [0x45];

const vector = (opcode: number) => [0xfd, ...unsigned(opcode)];
const load = (offset: number) => [...vector(0), 0, ...unsigned(offset)];
const STORE = [...vector(11), 0, 0];
const AND = vector(78);
const INTEGERS_LESS = vector(57);
const INTEGERS_MAX = vector(184);
const FLOATS_DIVIDE = vector(231);
const FLOATS_NEAREST = vector(106);
const TO_INTEGERS = vector(248);
const TO_SHORTS = vector(133);
const TO_BYTES = vector(101);
const BYTES_MAX = vector(120);

/** The same 32 bits four times. */
function splat(bits: number): number[] {
  const bytes = [0, 8, 16, 24].map((shift) => (bits >>> shift) & 0xff);
  return [...vector(12), ...bytes, ...bytes, ...bytes, ...bytes];
}

/** Parameters of both functions: three addresses, how often to go round, and the step of the second address. */
const [VALUES, CHANNELS, RESULT, COUNT, STEP] = [0, 1, 2, 3, 4];
const SIZE = 5;
const PARAMETERS = [I32, I32, I32, I32, I32];

const advance = (local: number, by: readonly number[]) => [...get(local), ...by, ...ADD, ...set(local)];

function loop(body: readonly number[]): number[] {
  const isDone = [...get(COUNT), ...IS_ZERO, 0x0d, 1];
  const next = [...get(COUNT), ...constant(1), ...SUBTRACT, ...set(COUNT), 0x0c, 0];
  return [0x02, VOID, 0x03, VOID, ...isDone, ...body, ...next, END, END, END];
}

/** Raises four sizes by those of four floats, as integers; infinity and NaN count as 0. */
const raise = loop([
  ...get(CHANNELS),
  ...get(VALUES),
  ...load(0),
  ...splat(0x7fff_ffff),
  ...AND,
  ...tee(SIZE),
  ...get(SIZE),
  ...splat(0x7f80_0000),
  ...INTEGERS_LESS,
  ...AND,
  ...get(CHANNELS),
  ...load(0),
  ...INTEGERS_MAX,
  ...STORE,
  ...advance(VALUES, constant(16)),
  ...advance(CHANNELS, get(STEP)),
]);

/** Four floats divided by their scales, to the nearest integer, ties to even. */
const quotients = (place: number) => [
  ...get(VALUES),
  ...load(16 * place),
  ...get(CHANNELS),
  ...load(0),
  ...FLOATS_DIVIDE,
  ...FLOATS_NEAREST,
  ...TO_INTEGERS,
  ...advance(CHANNELS, get(STEP)),
];

/** Sixteen floats to int8; what is beyond becomes ±127, and NaN 0. */
const quantize = loop([
  ...get(RESULT),
  ...quotients(0),
  ...quotients(1),
  ...TO_SHORTS,
  ...quotients(2),
  ...quotients(3),
  ...TO_SHORTS,
  ...TO_BYTES,
  ...splat(0x8181_8181),
  ...BYTES_MAX,
  ...STORE,
  ...advance(VALUES, constant(64)),
  ...advance(RESULT, constant(16)),
]);

const name = (text: string) => sized(Array.from(text, (letter) => letter.charCodeAt(0)));
/** Every function has one more local, a vector. */
const code = (body: readonly number[]) => sized([1, 1, V128, ...body]);

export const INT8_MODULE: Uint8Array = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...section(1, [0x60, ...sized(PARAMETERS), 0]),
  ...section(3, [0], [0]),
  ...section(5, [0, 1]),
  ...section(7, [...name("memory"), 2, 0], [...name("raise"), 0, 0], [...name("quantize"), 0, 1]),
  ...section(10, code(raise), code(quantize)),
]);
