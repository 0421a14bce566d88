import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { RpcError } from "../../rpc/error";

/**
 * Where the result is to be written: the output's path, or the input's own when both are one file.
 *
 * @throws RpcError before any work is done, when the result could not be written there
 */
export async function outputPath(input: string, output: string, force: boolean): Promise<string> {
  const [source, target, folder] = await Promise.all([
    look(input),
    look(output),
    look(dirname(resolve(output))),
  ]);
  if (target?.isDirectory) {
    throw new RpcError({
      code: "usage",
      message: `${output} is a folder.`,
      hint: "Name the file to write in it.",
    });
  }
  if (!folder?.isDirectory) {
    throw new RpcError({
      code: "usage",
      message: `There is no folder ${dirname(resolve(output))} to write ${output} in.`,
      hint: "Make it first.",
    });
  }
  if (target === undefined || target.identity !== source?.identity) {
    return output;
  }
  if (!force) {
    throw new RpcError({
      code: "usage",
      message: `${output} is the input itself.`,
      hint: "Write to another file, or add --force to replace the input.",
    });
  }
  return input;
}

interface Look {
  readonly isDirectory: boolean;
  /** The same for two paths of one file, through links as well. */
  readonly identity: string;
}

async function look(path: string): Promise<Look | undefined> {
  try {
    const stats = await stat(path, { bigint: true });
    return { isDirectory: stats.isDirectory(), identity: `${stats.dev}:${stats.ino}` };
  } catch {
    return undefined;
  }
}
