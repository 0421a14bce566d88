import { resolve } from "node:path";
import { ModelError } from "../../core/errors";
import { LIMITS } from "../../core/limits";
import type { Model } from "../../core/model/types";
import { byteLength, type ExternalResolver } from "../../core/tensor/reader";
import type { Problem } from "../../protocol/problem";
import { type ExternalTensor, externalTensors } from "./externalTensors";
import { FileSource } from "./fileSource";
import { findSideFile, type SideFile } from "./sideFile";

/** The files of one open model: the .onnx file, and the side files that its tensors name, opened when first read. */
export class ModelFiles implements ExternalResolver {
  readonly path: string;
  readonly source: FileSource;
  /** Side files that the model named when it was read: an edit may drop the last tensor of one, and undo brings it back. */
  locations: readonly string[] = [];
  private readonly opened = new Map<string, FileSource>();

  /** @throws ModelError when the path is not a readable regular file */
  constructor(path: string) {
    this.path = resolve(path);
    this.source = new FileSource(this.path, path);
  }

  /**
   * The side file of that location, opened once and kept open.
   *
   * @throws ModelError "refused" when it leaves the model's folder, "missing" when it is not there
   */
  open(location: string): FileSource {
    const existing = this.opened.get(location);
    if (existing !== undefined) {
      return existing;
    }
    const source = new FileSource(this.find(location).path, location);
    this.opened.set(location, source);
    return source;
  }

  /**
   * Where that side file lies and how large it is, without opening it.
   *
   * @throws ModelError like `open`
   */
  find(location: string): SideFile {
    return findSideFile(this.path, location);
  }

  close(): void {
    this.source.close();
    for (const source of this.opened.values()) {
      source.close();
    }
    this.opened.clear();
  }
}

/**
 * What is wrong with the side files, found without reading them: missing, too short, outside the folder. One problem
 * for each file, which says how many tensors it concerns.
 */
export function checkExternalData(model: Model, files: ModelFiles): Problem[] {
  const problems: Problem[] = [];
  for (const [location, tensors] of externalTensors(model)) {
    if (problems.length >= LIMITS.problems) {
      break;
    }
    // Reading the model has reported a tensor without a location.
    const problem = location === "" ? undefined : checkSideFile(location, tensors, files);
    if (problem !== undefined) {
      problems.push(problem);
    }
  }
  return problems;
}

/** Bytes of the side files that the model names and that are there. */
export function externalBytes(model: Model, files: ModelFiles): number {
  const sizes = new Map<string, number>();
  for (const location of externalTensors(model).keys()) {
    try {
      const { path, size } = files.find(location);
      sizes.set(path, size);
    } catch (thrown) {
      if (!(thrown instanceof ModelError)) {
        throw thrown;
      }
    }
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

function checkSideFile(
  location: string,
  tensors: readonly ExternalTensor[],
  files: ModelFiles,
): Problem | undefined {
  let size: number;
  try {
    size = files.find(location).size;
  } catch (thrown) {
    if (!(thrown instanceof ModelError)) {
      throw thrown;
    }
    const { code, message, where, hint } = thrown;
    return {
      severity: "error",
      code,
      message: `${message} ${concerns(tensors)}`,
      where: { ...where, tensor: tensors[0]!.tensor.name },
      ...(hint === undefined ? {} : { hint }),
    };
  }
  const cut = tensors.filter((tensor) => endOf(tensor) > size);
  if (cut.length === 0) {
    return undefined;
  }
  const needed = cut.reduce((end, tensor) => Math.max(end, endOf(tensor)), 0);
  return {
    severity: "error",
    code: "truncated",
    message: `The external data file "${location}" has ${size} bytes where ${needed} are needed. ${concerns(cut)}`,
    where: { file: location, tensor: cut[0]!.tensor.name },
    hint: "It is incomplete or belongs to another model: copy it again beside the .onnx file.",
  };
}

function endOf({ tensor, data }: ExternalTensor): number {
  return data.offset + (data.length ?? byteLength(tensor));
}

function concerns(tensors: readonly ExternalTensor[]): string {
  const name = tensors[0]!.tensor.name;
  return tensors.length === 1
    ? `Tensor ${name} is in it.`
    : `${name} and ${tensors.length - 1} more tensors are in it.`;
}
