import { arrangeOps } from "./arrange";
import { attentionOps } from "./attention";
import { controlOps } from "./control";
import { convOps } from "./conv";
import { determinantOps } from "./determinant";
import { einsumOps } from "./einsum";
import { elementwiseOps } from "./elementwise";
import { gatherOps } from "./gather";
import { gemmOps } from "./gemm";
import { generateOps } from "./generate";
import { imageOps } from "./image";
import { legacyOps } from "./legacy";
import { lossOps } from "./loss";
import { matmulOps } from "./matmul";
import { microsoftAttentionOps } from "./microsoft/attention";
import { microsoftBiasedOps } from "./microsoft/biased";
import { microsoftConvOps } from "./microsoft/conv";
import { microsoftDecoderOps } from "./microsoft/decoder";
import { microsoftEmbedNormOps } from "./microsoft/embedNorm";
import { microsoftGatherOps } from "./microsoft/gather";
import { microsoftGeluOps } from "./microsoft/gelu";
import { microsoftGroupQueryOps } from "./microsoft/groupQuery";
import { microsoftMatMulOps } from "./microsoft/matmul";
import { microsoftMoeOps } from "./microsoft/moe";
import { microsoftMultiHeadOps } from "./microsoft/multihead";
import { microsoftNchwcOps } from "./microsoft/nchwc";
import { microsoftNormOps } from "./microsoft/norm";
import { microsoftPackedOps } from "./microsoft/packed";
import { microsoftPositionOps } from "./microsoft/positions";
import { microsoftQLinearOps } from "./microsoft/qlinear";
import { microsoftQuantizedMatMulOps } from "./microsoft/quantizedMatmul";
import { microsoftQuantizedMoreOps } from "./microsoft/quantizedMore";
import { microsoftSearchOps } from "./microsoft/search";
import { microsoftTensorOps } from "./microsoft/tensors";
import { mlEncoderOps } from "./ml/encoders";
import { mlLinearOps } from "./ml/linear";
import { mlMapOps } from "./ml/maps";
import { mlTreeOps } from "./ml/trees";
import { normalizationOps } from "./normalization";
import { poolingOps } from "./pooling";
import { quantizeOps } from "./quantize";
import { randomOps } from "./random";
import { recurrenceOps } from "./recurrence";
import { reduceOps } from "./reduce";
import { regionOps } from "./region";
import { resizeOps } from "./resize";
import { rnnOps } from "./rnn";
import { selectOps } from "./select";
import { sequenceOps } from "./sequence";
import { shapeOps } from "./shape";
import { signalOps } from "./signal";
import { sliceOps } from "./slice";
import { softmaxOps } from "./softmax";
import type { OpSpec } from "./spec";
import { textOps } from "./text";
import { trainingOps } from "./training";

/** Every operator known, in families. A new family is one file and one line here. */
export const OPERATORS: readonly OpSpec[] = [
  ...arrangeOps,
  ...attentionOps,
  ...controlOps,
  ...convOps,
  ...determinantOps,
  ...einsumOps,
  ...elementwiseOps,
  ...gatherOps,
  ...gemmOps,
  ...generateOps,
  ...imageOps,
  ...legacyOps,
  ...lossOps,
  ...matmulOps,
  ...microsoftAttentionOps,
  ...microsoftConvOps,
  ...microsoftEmbedNormOps,
  ...microsoftGatherOps,
  ...microsoftGeluOps,
  ...microsoftGroupQueryOps,
  ...microsoftMatMulOps,
  ...microsoftMoeOps,
  ...microsoftMultiHeadOps,
  ...microsoftNchwcOps,
  ...microsoftNormOps,
  ...microsoftQLinearOps,
  ...microsoftQuantizedMatMulOps,
  ...microsoftBiasedOps,
  ...microsoftDecoderOps,
  ...microsoftPackedOps,
  ...microsoftPositionOps,
  ...microsoftQuantizedMoreOps,
  ...microsoftSearchOps,
  ...microsoftTensorOps,
  ...mlEncoderOps,
  ...mlLinearOps,
  ...mlMapOps,
  ...mlTreeOps,
  ...normalizationOps,
  ...poolingOps,
  ...quantizeOps,
  ...randomOps,
  ...recurrenceOps,
  ...reduceOps,
  ...regionOps,
  ...resizeOps,
  ...rnnOps,
  ...signalOps,
  ...selectOps,
  ...sequenceOps,
  ...shapeOps,
  ...sliceOps,
  ...softmaxOps,
  ...textOps,
  ...trainingOps,
];

type Versions = readonly OpSpec[];

/** By domain and name, newest version first. */
const byDomain = new Map<string, Map<string, Versions>>();
for (const spec of OPERATORS) {
  const names = byDomain.get(spec.domain) ?? new Map<string, Versions>();
  byDomain.set(spec.domain, names);
  const versions = [...(names.get(spec.name) ?? []), spec];
  names.set(
    spec.name,
    versions.sort((a, b) => b.since - a.since),
  );
}

/** "ai.onnx" is another spelling of the default domain. */
export function canonicalDomain(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}

/** The entry that describes an operator at a version of its domain's operator set; undefined for one nobody described. */
export function operator(domain: string, name: string, opset: number): OpSpec | undefined {
  const versions = byDomain.get(canonicalDomain(domain))?.get(name);
  return versions === undefined || versions.length === 1
    ? versions?.[0]
    : (versions.find((spec) => spec.since <= opset) ?? versions.at(-1));
}
