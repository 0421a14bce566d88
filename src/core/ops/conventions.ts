/**
 * What one element costs. FLOPs = 2·MACs + other; this file states `other` per element and nothing else does.
 * A multiply-accumulate is counted in MACs, never here. Transcendental functions are counted as the number of
 * polynomial steps of a typical float32 vector kernel, rounded: a stated constant, the same for every model, so that
 * layers compare; it is not an instruction count of one processor.
 */

/**
 * FLOPs per output element of elementwise operators, by ONNX operator name. Pow is the general case: the elementwise
 * family counts constant exponents 2, 3 and 0.5 as one product, two products and a square root.
 */
export const ELEMENTWISE_FLOPS: { readonly [op: string]: number } = {
  Add: 1,
  Sub: 1,
  Mul: 1,
  Div: 1,
  Mod: 1,
  Min: 1,
  Max: 1,
  Sum: 1,
  Mean: 1,
  Neg: 1,
  Abs: 1,
  Sign: 1,
  Relu: 1,
  PRelu: 2,
  LeakyRelu: 2,
  ThresholdedRelu: 1,
  Clip: 2,
  Floor: 1,
  Ceil: 1,
  Round: 1,
  Reciprocal: 1,
  Sqrt: 2,
  Exp: 4,
  Log: 4,
  Pow: 8,
  Sin: 4,
  Cos: 4,
  Tan: 6,
  Asin: 6,
  Acos: 6,
  Atan: 6,
  Sinh: 6,
  Cosh: 6,
  Asinh: 8,
  Acosh: 8,
  Atanh: 8,
  Tanh: 6,
  Erf: 6,
  Sigmoid: 6,
  HardSigmoid: 3,
  HardSwish: 4,
  Swish: 7,
  Softplus: 9,
  Softsign: 3,
  Mish: 16,
  Elu: 6,
  Selu: 7,
  Celu: 7,
  Shrink: 2,
  Gelu: 10,
  FastGelu: 14,
  QuickGelu: 8,
  BiasGelu: 11,
  Equal: 1,
  Greater: 1,
  GreaterOrEqual: 1,
  Less: 1,
  LessOrEqual: 1,
  And: 1,
  Or: 1,
  Xor: 1,
  Not: 1,
  BitwiseAnd: 1,
  BitwiseOr: 1,
  BitwiseXor: 1,
  BitwiseNot: 1,
  BitShift: 1,
  IsNaN: 1,
  IsInf: 1,
  Where: 1,
};

/** Per element of the normalised tensor: max, subtract, exp, sum, divide; exp counts as one here, as the published figures for attention do. */
export const SOFTMAX_FLOPS = 5;
/** Softmax and a logarithm. */
export const LOG_SOFTMAX_FLOPS = 6;
/** Per element: mean (1), subtract (1), square and sum (2), scale by the inverse deviation (2), weight and bias (2). */
export const LAYER_NORM_FLOPS = 8;
/** Per element: square and sum (2), scale by the inverse root mean square (1), weight (1). */
export const RMS_NORM_FLOPS = 4;
/** Per element: scale and shift, both folded from mean and variance. */
export const BATCH_NORM_FLOPS = 2;
/** Per element of Gelu in the form with Erf: divide (1), erf (6), add (1), two products (2); equal to what the decomposed form adds up to. */
export const GELU_FLOPS = 10;
/** Per element: divide by the scale, round, add the zero point, saturate. */
export const QUANTIZE_FLOPS = 4;
/** Per element: subtract the zero point, multiply by the scale. */
export const DEQUANTIZE_FLOPS = 2;
/** Per pair of elements that a rotary embedding turns: four products and two sums, so three for each element. */
export const ROTARY_FLOPS = 3;
/** Per input element of a sum, max, min or product over axes. */
export const REDUCE_FLOPS = 1;
