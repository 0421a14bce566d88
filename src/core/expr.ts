/** Symbolic sizes. The door of core/expr: nobody outside it imports its files. */
export { coefficients, type PowerTerm } from "./expr/coefficients";
export { ceil, ceilDiv, divideExact, floor, floorDiv, mod } from "./expr/divide";
export { compile, degree, evaluate, symbolsOf } from "./expr/evaluate";
export { max, min } from "./expr/extrema";
export { format } from "./expr/format";
export { dimension, parse } from "./expr/parse";
export {
  add,
  addAll,
  constantPart,
  type Expr,
  equal,
  isIntegral,
  isNonNegative,
  mul,
  mulAll,
  type Sum,
  scale,
  sub,
  symbol,
} from "./expr/poly";
export { substitute } from "./expr/substitute";
