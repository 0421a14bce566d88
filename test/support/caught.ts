import { expect } from "vitest";
import { ModelError } from "../../src/core/errors";

/** The ModelError that `work` throws; anything else, or nothing, fails the test. */
export function caught(work: () => unknown): ModelError {
  try {
    work();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ModelError);
    return thrown as ModelError;
  }
  throw new Error("Nothing was thrown.");
}

export async function rejected(work: Promise<unknown>): Promise<ModelError> {
  try {
    await work;
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ModelError);
    return thrown as ModelError;
  }
  throw new Error("Nothing was thrown.");
}
