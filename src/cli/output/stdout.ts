import { RpcError } from "../../rpc/error";

const PIECE = 64 * 1024;

/** Somebody who read our output has read enough: `onnxray inspect … | head`. */
export class BrokenPipe extends Error {
  override readonly name = "BrokenPipe";
}

/**
 * Prints text at the pace of its reader; answers what the pieces return at their end.
 *
 * @param beforeFirst called once, before anything is printed
 * @throws BrokenPipe when nobody reads on, RpcError("io") when the text cannot be written
 */
export async function print<R>(
  pieces: AsyncGenerator<string, R>,
  beforeFirst: () => void = () => {},
): Promise<R> {
  let failure: NodeJS.ErrnoException | undefined;
  const onError = (error: NodeJS.ErrnoException) => {
    failure ??= error;
  };
  process.stdout.on("error", onError);
  let text = "";
  let started = false;
  const flush = async () => {
    const out = text;
    text = "";
    if (out !== "") {
      await new Promise<void>((resolve) => {
        process.stdout.write(out, (error) => {
          failure ??= error ?? undefined;
          resolve();
        });
      });
    }
    if (failure !== undefined) {
      throw failure.code === "EPIPE" ? new BrokenPipe() : cannotWrite(failure);
    }
  };
  try {
    for (;;) {
      const step = await pieces.next();
      if (step.done === true) {
        await flush();
        return step.value;
      }
      if (!started) {
        started = true;
        beforeFirst();
      }
      text += step.value;
      if (text.length >= PIECE) {
        await flush();
      }
    }
  } finally {
    await pieces.return(undefined as R);
  }
}

function cannotWrite({ message }: Error): RpcError {
  return new RpcError({
    code: "io",
    message: `Cannot write the output: ${message}`,
    hint: "Check that there is room where it goes.",
  });
}
