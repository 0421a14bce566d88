import {
  add,
  ceil,
  divideExact,
  type Expr,
  floor,
  floorDiv,
  isIntegral,
  isNonNegative,
  max,
  min,
  mod,
  mul,
  scale,
  sub,
} from "../expr";
import type { Fact } from "../facts/fact";
import { type DType, isFloat } from "../tensor/dtype";
import { roundHalfEven } from "../tensor/half";
import { elementsAt, indexOf, smallDims } from "./small";

/**
 * Arithmetic on the few elements that shapes are computed with. An answer is given only where it holds for every
 * value of the symbols (which are >= 0); undefined otherwise.
 */
type Value = Expr | undefined;

const truth = (value: boolean | undefined): Value => (value === undefined ? undefined : value ? 1 : 0);

/** a < b for all values of the symbols, or for none; undefined when that is not proven. */
function less(a: Value, b: Value): boolean | undefined {
  if (a === undefined || b === undefined) {
    return undefined;
  }
  const difference = sub(b, a);
  if (typeof difference === "number") {
    return difference > 0;
  }
  // Integers: a < b is b - a - 1 >= 0.
  if (isIntegral(difference) && isNonNegative(sub(difference, 1))) {
    return true;
  }
  return isNonNegative(scale(difference, -1)) ? false : undefined;
}

function same(a: Value, b: Value): boolean | undefined {
  if (a === undefined || b === undefined) {
    return undefined;
  }
  const difference = sub(a, b);
  if (typeof difference === "number") {
    return difference === 0;
  }
  return less(a, b) === true || less(b, a) === true ? false : undefined;
}

const not = (value: boolean | undefined): boolean | undefined => (value === undefined ? undefined : !value);

function numeric(a: Value, b: Value, apply: (a: number, b: number) => number): Value {
  return typeof a === "number" && typeof b === "number" ? apply(a, b) : undefined;
}

function divide(a: Value, b: Value, dtype: DType | undefined): Value {
  if (a === undefined || b === undefined || b === 0 || dtype === undefined) {
    return undefined;
  }
  if (typeof a === "number" && typeof b === "number") {
    return isFloat(dtype) ? a / b : Math.trunc(a / b) + 0;
  }
  const exact = divideExact(a, b);
  if (exact !== undefined) {
    return exact;
  }
  if (isFloat(dtype)) {
    return typeof b === "number" ? scale(a, 1 / b) : undefined;
  }
  // ONNX rounds towards zero; that is downwards only for operands that are not negative.
  return isNonNegative(a) && isNonNegative(b) ? floorDiv(a, b) : undefined;
}

function power(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number") {
    return a ** b;
  }
  return a !== undefined && typeof b === "number" && Number.isInteger(b) && b >= 0 && b <= 4
    ? mul(...new Array<Expr>(b).fill(a))
    : undefined;
}

type BinaryFold = (a: Value, b: Value, dtype: DType | undefined) => Value;

const both =
  (apply: (a: Expr, b: Expr) => Expr): BinaryFold =>
  (a, b) =>
    a === undefined || b === undefined ? undefined : apply(a, b);

/** By ONNX operator name. `dtype` is that of the operands. */
export const BINARY_FOLDS: { readonly [op: string]: BinaryFold } = {
  Add: both(add),
  Sub: both(sub),
  Mul: (a, b) => (a === 0 || b === 0 ? 0 : a === undefined || b === undefined ? undefined : mul(a, b)),
  Div: divide,
  Mod: (a, b) => (a === undefined || b === undefined || b === 0 ? undefined : mod(a, b)),
  Pow: power,
  Min: both(min),
  Max: both(max),
  Equal: (a, b) => truth(same(a, b)),
  Less: (a, b) => truth(less(a, b)),
  LessOrEqual: (a, b) => truth(not(less(b, a))),
  Greater: (a, b) => truth(less(b, a)),
  GreaterOrEqual: (a, b) => truth(not(less(a, b))),
  And: (a, b) => (a === 0 || b === 0 ? 0 : numeric(a, b, (x, y) => Number(x !== 0 && y !== 0))),
  Or: (a, b) => (isTrue(a) || isTrue(b) ? 1 : numeric(a, b, (x, y) => Number(x !== 0 || y !== 0))),
  Xor: (a, b) => numeric(a, b, (x, y) => Number((x !== 0) !== (y !== 0))),
};

const isTrue = (value: Value): boolean => typeof value === "number" && value !== 0;

type UnaryFold = (a: Expr) => Value;

const ofNumber =
  (apply: (a: number) => number): UnaryFold =>
  (a) =>
    typeof a === "number" ? apply(a) : undefined;

/** By ONNX operator name. */
export const UNARY_FOLDS: { readonly [op: string]: UnaryFold } = {
  Neg: (a) => scale(a, -1),
  Abs: (a) => (typeof a === "number" ? Math.abs(a) : isNonNegative(a) ? a : undefined),
  Floor: floor,
  Ceil: ceil,
  Round: (a) => (isIntegral(a) ? a : typeof a === "number" ? roundHalfEven(a) : undefined),
  Sign: ofNumber(Math.sign),
  Sqrt: ofNumber(Math.sqrt),
  Reciprocal: ofNumber((a) => 1 / a),
  Exp: ofNumber(Math.exp),
  Log: ofNumber(Math.log),
  Not: ofNumber((a) => Number(a === 0)),
  Relu: (a) => max(a, 0),
};

/** Float results as the runtime rounds them, so that sizes made of them agree. */
function rounded(value: Value, dtype: DType | undefined): Value {
  return typeof value === "number" && dtype === "float32" ? Math.fround(value) : value;
}

/** Elements of an elementwise result over broadcast operands; undefined when they are too many or not known. */
export function foldElements(
  operands: readonly Fact[],
  shape: Fact["shape"],
  dtype: DType | undefined,
  apply: (elements: readonly Value[]) => Value,
): readonly Value[] | undefined {
  const dims = smallDims(shape);
  const operandDims = operands.map((operand) => smallDims(operand.shape));
  if (dims === undefined || operandDims.some((own) => own === undefined)) {
    return undefined;
  }
  const contents = operands.map((operand) => operand.small);
  if (contents.every((content) => content === undefined)) {
    return undefined;
  }
  return elementsAt(dims, (position) => {
    const elements = contents.map((content, i) => content?.[indexOf(position, operandDims[i] ?? [])]);
    return rounded(apply(elements), dtype);
  });
}

/** An element after a conversion of type; undefined where the value may not fit or its truth is not decided. */
export function castElement(value: Value, to: DType): Value {
  if (value === undefined || to === "string") {
    return undefined;
  }
  if (to === "bool") {
    return typeof value === "number" ? Number(value !== 0) : isNonNegative(sub(value, 1)) ? 1 : undefined;
  }
  if (isFloat(to)) {
    return rounded(value, to);
  }
  if (typeof value === "number") {
    return Number.isFinite(value) && fits(Math.trunc(value), to) ? Math.trunc(value) + 0 : undefined;
  }
  // Conversion to an integer rounds towards zero.
  return isIntegral(value) ? value : isNonNegative(value) ? floor(value) : undefined;
}

const INTEGER_BITS = /^(u?)int(\d+)$/;

function fits(value: number, dtype: DType): boolean {
  const match = INTEGER_BITS.exec(dtype);
  if (match === null) {
    return false;
  }
  const bits = Number(match[2]) - (match[1] === "u" ? 0 : 1);
  // 2^63 - 1, the "to the end" of slices, reads as 2^63.
  return match[1] === "u" ? value >= 0 && value <= 2 ** bits : value >= -(2 ** bits) && value <= 2 ** bits;
}
