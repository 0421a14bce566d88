import { Command, CommanderError, Option } from "commander";
import { errorDataOf } from "../rpc/error";
import { type InspectOptions, inspect } from "./commands/inspect";
import { type OptimizeOptions, optimize } from "./commands/optimize";
import { type ProfileCommandOptions, profile } from "./commands/profile";
import { type CliEngine, createCliEngine } from "./engine";
import { describeError, EXIT, exitCodeOf } from "./exitCodes";
import { collectDim, collectText, nonNegativeInteger, positiveInteger, seconds } from "./options";

declare const ONNXRAY_VERSION: string;

const abort = new AbortController();

async function withEngine(work: (engine: CliEngine) => Promise<string>): Promise<void> {
  const engine = createCliEngine(abort.signal);
  try {
    process.stdout.write(`${await work(engine)}\n`);
  } finally {
    engine.dispose();
  }
}

function buildProgram(): Command {
  const program = new Command("onnxray")
    .description("What an ONNX model costs, layer by layer: inspect it, measure it, make it smaller.")
    .version(ONNXRAY_VERSION)
    .showHelpAfterError("(onnxray --help lists the commands)")
    .exitOverride();
  const dimOption = () =>
    new Option("-d, --dim <name=value>", "size of a symbolic dim; repeat for more")
      .argParser(collectDim)
      .default({}, "batch 1, sequence 128…");

  program
    .command("inspect")
    .description("shapes, parameters, MACs, FLOPs and bytes of every layer")
    .argument("<model>", "an .onnx file")
    .addOption(dimOption())
    .addOption(new Option("--json", "documented JSON, schema onnxray.inspect/1").conflicts("csv"))
    .option("--csv", "comma-separated values")
    .option("--top <n>", "only the n layers with most FLOPs", positiveInteger)
    .option("--group", "group by module, with sums")
    .action((model: string, options: InspectOptions) =>
      withEngine((engine) => inspect(engine, model, options)),
    );

  program
    .command("profile")
    .description("run the model on this machine and time every layer")
    .argument("<model>", "an .onnx file")
    .addOption(dimOption())
    .addOption(
      new Option("-p, --provider <id>", "execution provider")
        .choices(["cpu", "webgpu", "cuda", "tensorrt", "dml", "coreml"])
        .default("cpu"),
    )
    .option("--runs <n>", "counted runs at most", positiveInteger)
    .option("--warmup <n>", "runs that are not counted", nonNegativeInteger)
    .option("--max-seconds <s>", "time limit of the counted runs", seconds)
    .option("--threads <n>", "0 lets onnxruntime choose", nonNegativeInteger)
    .option("--unfused", "turn graph optimisation off, so that every node has its own time")
    .option("--top <n>", "rows to print", positiveInteger)
    .option("--json", "JSON, schema onnxray.profile/1")
    .action((model: string, options: ProfileCommandOptions) =>
      withEngine((engine) => profile(engine, model, options)),
    );

  program
    .command("optimize")
    .description("apply fixes and write the result to another file")
    .argument("<model>", "an .onnx file")
    .requiredOption("-o, --output <file>", "file to write")
    .addOption(dimOption())
    .addOption(
      new Option("-a, --action <id>", "action to apply wherever it is offered")
        .choices(["quantizeWeights"])
        .default("quantizeWeights"),
    )
    .option("-l, --layer <name>", "only at this layer; repeat for more", collectText)
    .option("--recipe <file>", "apply the calls of a recipe instead")
    .option("--json", "JSON with the recipe, schema onnxray.optimize/1")
    .action((model: string, options: OptimizeOptions) =>
      withEngine((engine) => optimize(engine, model, options)),
    );

  return program;
}

async function main(): Promise<number> {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => abort.abort());
  }
  try {
    await buildProgram().parseAsync();
    return EXIT.ok;
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
    }
    const error = errorDataOf(thrown);
    process.stderr.write(`${describeError(error)}\n`);
    return exitCodeOf(error);
  }
}

main().then((code) => {
  process.exitCode = code;
});
