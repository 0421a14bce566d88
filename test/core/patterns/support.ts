import { infer } from "../../../src/core/infer/infer";
import type { Inference } from "../../../src/core/infer/types";
import { readModel } from "../../../src/core/model/reader";
import type { Model } from "../../../src/core/model/types";
import { findAttention } from "../../../src/core/patterns/attention/index";
import type { AttentionFindings } from "../../../src/core/patterns/attention/types";
import { type ExternalResolver, TensorReader } from "../../../src/core/tensor/reader";
import type { ByteSource } from "../../../src/core/wire/source";
import { ModelFiles } from "../../../src/engine/files/modelFiles";
import { readMask } from "../../../src/engine/session/attentionView";

export interface Searched extends AttentionFindings {
  readonly model: Model;
  readonly inference: Inference;
}

export function attentionInFile(path: string): Searched {
  const files = new ModelFiles(path);
  return attentionInSource(files.source, files);
}

export function attentionInSource(source: ByteSource, external: ExternalResolver): Searched {
  const model = readModel(source);
  const reader = new TensorReader(source, external);
  const inference = infer(model, { readSmall: (tensor) => reader.small(tensor, 256) });
  return { model, inference, ...findAttention(model, inference, (tensor) => readMask(reader, tensor)) };
}
