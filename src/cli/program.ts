import { Command, Option } from "commander";
import { ACTION_LIST } from "../engine/actionList";
import { type CompactOptions, compact } from "./commands/compact";
import { type InspectOptions, inspect } from "./commands/inspect";
import { type OptimizeOptions, optimize } from "./commands/optimize";
import { type ProfileCommandOptions, profile } from "./commands/profile";
import type { CliEngine } from "./engine";
import type { ExitCode } from "./exitCodes";
import {
  collectDim,
  collectParam,
  collectText,
  nonNegativeInteger,
  positiveInteger,
  seconds,
} from "./options";
import { errorLines } from "./output/messages";

/** What a command does with an engine: text in pieces, and its exit code at the end. */
export type Work = (engine: CliEngine) => AsyncGenerator<string, ExitCode>;

const MODEL = ["<model>", "an .onnx file"] as const;

/**
 * The command line's grammar.
 *
 * @param run is given what a command does; `tidies` says that it must not be ended in the middle
 */
export function buildProgram(version: string, run: (work: Work, tidies: boolean) => Promise<void>): Command {
  const program = new Command("onnxray")
    .description("What an ONNX model costs, layer by layer: inspect it, measure it, make it smaller.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help of a command")
    .configureOutput({ outputError: (text, write) => write(usageLines(text)) })
    .addHelpText("after", "\nExit codes: 0 done, 1 failed, 2 wrong arguments, 130 interrupted.")
    .exitOverride();

  program
    .command("inspect")
    .description("shapes, parameters, MACs, FLOPs and bytes of every layer")
    .argument(...MODEL)
    .addOption(dimOption())
    .addOption(
      new Option(
        "--json",
        "documented JSON, schema onnxray.inspect/1 or, with --attention, onnxray.attention/1",
      ).conflicts("csv"),
    )
    .option("--csv", "comma-separated values, a line for each layer")
    .option("--top <n>", "only the n layers with most FLOPs", positiveInteger)
    .option("--group", "group by module, with sums")
    .addOption(
      new Option("--attention", "the attention blocks, and how cost grows with the length").conflicts([
        "csv",
        "top",
        "group",
      ]),
    )
    .addOption(
      new Option("--parameters", "where the parameters sit: every tensor, the largest first").conflicts([
        "csv",
        "group",
        "attention",
      ]),
    )
    .addOption(
      new Option(
        "--copies",
        "with --parameters: read tensors of equal size and say which are stored twice",
      ).implies({
        parameters: true,
      }),
    )
    .addOption(
      new Option("--tensor <name>", "read one tensor and say what its values are").conflicts([
        "csv",
        "group",
        "top",
        "attention",
        "parameters",
        "copies",
      ]),
    )
    .option("--wide", "whole names, however wide the terminal is")
    .action((model: string, options: InspectOptions) =>
      run((engine) => inspect(engine, model, options), false),
    );

  program
    .command("profile")
    .description("run the model on this machine and time every layer")
    .argument(...MODEL)
    .addOption(dimOption())
    .addOption(
      new Option("-p, --provider <id>", "execution provider")
        .choices(["cpu", "webgpu", "cuda", "tensorrt", "dml", "coreml"])
        .default("cpu"),
    )
    .option("--runs <n>", "measured runs at most", positiveInteger)
    .option("--warmup <n>", "runs before those that are measured", nonNegativeInteger)
    .option("--max-seconds <s>", "time limit of the measured runs", seconds)
    .option("--threads <n>", "threads of one run; 0 lets onnxruntime choose", nonNegativeInteger)
    .option("--seed <n>", "of the generated inputs", nonNegativeInteger)
    .option("--unfused", "turn graph optimisation off, so that every node has its own time")
    .addOption(new Option("--json", "documented JSON, schema onnxray.profile/1").conflicts("csv"))
    .option("--csv", "comma-separated values, a line for each layer")
    .option("--top <n>", "only the n layers that take most time (30 in the table)", positiveInteger)
    .option("--group", "group by module, with sums")
    .option("--wide", "whole names, however wide the terminal is")
    .action((model: string, options: ProfileCommandOptions) =>
      run((engine) => profile(engine, model, options), true),
    );

  program
    .command("optimize")
    .description("apply an action or a recipe and write the result")
    .argument(...MODEL)
    .requiredOption("-o, --output <file>", "file to write")
    .addOption(
      new Option("-a, --action <id>", "action to apply wherever it is offered")
        .choices(ACTION_LIST.map(({ id }) => id))
        .default("quantizeWeights"),
    )
    .option("-l, --layer <name>", "only at this layer, or in this module; repeat for more", collectText)
    .option("-s, --set <name=value>", "parameter of the action; repeat for more", collectParam)
    .addOption(
      new Option("--recipe <file>", "apply the calls of a recipe instead").conflicts([
        "action",
        "layer",
        "set",
      ]),
    )
    .option("--force", "allow the output to be the input itself")
    .addOption(dimOption())
    .option("--json", "documented JSON with the recipe, schema onnxray.optimize/1")
    .addHelpText("after", `\nActions:\n${ACTION_LIST.map(({ id, title }) => `  ${id}  ${title}`).join("\n")}`)
    .action((model: string, options: OptimizeOptions) =>
      run((engine) => optimize(engine, model, options), true),
    );

  program
    .command("compact")
    .description(
      "write the model with all its external data in one new file, without bytes that no tensor uses",
    )
    .argument(...MODEL)
    .requiredOption("-o, --output <file>", "file to write; the data goes beside it")
    .option("--force", "allow the output to be the input itself; its old data files stay")
    .option("--json", "documented JSON, schema onnxray.compact/1")
    .action((model: string, options: CompactOptions) =>
      run((engine) => compact(engine, model, options), true),
    );

  return program;
}

function dimOption(): Option {
  return new Option("-d, --dim <name=value>", "size of a symbolic dim; repeat for more")
    .argParser(collectDim)
    .default({}, "batch 1, sequence 128, …");
}

/** The parser's words in the form of all other errors: a line, and a hint. */
function usageLines(text: string): string {
  const [first = "", ...rest] = text
    .replace(/^error: /, "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const [, message = first, advice] = /^(.* is invalid\.) (.+)$/.exec(first) ?? [];
  const suggestion = rest.map((line) => line.replace(/^\((.*)\)$/, "$1")).join(" ");
  return errorLines({
    code: "usage",
    message: message.charAt(0).toUpperCase() + message.slice(1),
    hint: advice || suggestion || "onnxray --help lists the commands, onnxray help <command> its options.",
  });
}
