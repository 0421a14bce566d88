import type { OpSpec } from "./spec";

/**
 * How many leading inputs every version of an operator demands, by domain; those that are not listed demand one. From
 * the schemas of ONNX and onnxruntime.
 */
const REQUIRED: { readonly [domain: string]: { readonly [count: number]: string } } = {
  "": {
    0: "Constant Loop Optional OptionalHasElement RandomNormal RandomUniform Scan SequenceEmpty",
    2: `Add AffineGrid And BitShift BitwiseAnd BitwiseOr BitwiseXor CastLike CausalConvWithState CenterCropPad Compress
      Conv ConvInteger ConvTranspose CumProd CumSum DequantizeLinear Div Equal Expand Gather GatherElements GatherND
      Gemm Greater GreaterOrEqual GridSample LayerNormalization Less LessOrEqual MatMul MatMulInteger MaxRoiPool
      MaxUnpool Mod Mul NegativeLogLikelihoodLoss NonMaxSuppression Or PRelu Pow QuantizeLinear RMSNormalization
      ReverseSequence STFT SequenceAt SequenceInsert SoftmaxCrossEntropyLoss StringConcat Sub SwiGLU TensorScatter
      Tile Xor`,
    3: `Attention Col2Im DeformConv GRU GroupNormalization InstanceNormalization LSTM LinearAttention OneHot RNN Range
      RoiAlign RotaryEmbedding Scatter ScatterElements ScatterND Where`,
    5: "BatchNormalization MelWeightMatrix",
    8: "QLinearConv QLinearMatMul",
  },
  "ai.onnx.ml": { 2: "ArrayFeatureExtractor" },
  "ai.onnx.preview": { 3: "FlexAttention" },
  "ai.onnx.preview.training": { 3: "Adagrad Adam Momentum" },
  "com.microsoft": {
    2: `Attention BeamSearch BiasDropout BiasGelu BiasSoftmax BiasSplitGelu BitmaskBiasDropout CausalConvWithState CDist
      ComplexMul       ComplexMulConj DequantizeLinear DequantizeWithOrder ExpandDims FusedConv FusedGemm FusedMatMul
      FusedMatMulActivation GatherND
      GemmFastGelu GemmFloat8 GreedySearch GridSample MatMulInteger16 NGramRepeatBlock NhwcConv NhwcFusedConv Pad
      QLinearAdd QLinearAveragePool QLinearLeakyRelu QLinearMul QLinearReduceMean QLinearSigmoid QLinearSoftmax
      QuantizeLinear QuantizeWithOrder Range RemovePadding RestorePadding Sampling SparseToDenseMatMul TorchEmbedding
      TransposeMatMul WhisperBeamSearch`,
    3: `LinearAttention BiasAdd BifurcationDetector DecoderMaskedSelfAttention DynamicQuantizeLSTM DynamicQuantizeMatMul
      GatherBlockQuantized GroupNorm MatMulBnb4 MatMulFpQ4 MatMulNBits MoE QLinearConcat QMoE QOrderedGelu
      QOrderedLayerNormalization RelativePositionBias SkipLayerNormalization SkipSimplifiedLayerNormalization`,
    4: `CropAndResize MRotaryEmbedding MatMulIntegerToFloat RotaryEmbedding SkipGroupNorm WordConvEmbedding`,
    5: "DecoderAttention GemmaRotaryEmbedding PackedAttention QAttention QLinearGlobalAveragePool QOrderedMatMul",
    6: "GatedRelativePositionBias QGemm",
    7: "LongformerAttention",
    8: "QLinearConv",
    9: "QLinearWhere",
    14: "QOrderedAttention QOrderedLongformerAttention",
  },
};

const counts = new Map<string, number>();
for (const [domain, byCount] of Object.entries(REQUIRED)) {
  for (const [count, names] of Object.entries(byCount)) {
    for (const name of names.split(/\s+/)) {
      counts.set(`${domain}:${name}`, Number(count));
    }
  }
}

/** Leading inputs that a node of this operator must have. */
export function requiredInputs(spec: Pick<OpSpec, "domain" | "name">): number {
  return counts.get(`${spec.domain}:${spec.name}`) ?? 1;
}
