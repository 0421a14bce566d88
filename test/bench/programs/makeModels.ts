import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { report } from "../figures";
import { gptModel } from "../gptModel";
import { repeatedFile } from "../repeatedFile";
import { lengthOf, writeSparse } from "../sparseFile";

const folder = process.argv[2]!;
const gpt = gptModel();
writeSparse(join(folder, "gpt.onnx"), gpt);
writeFileSync(join(folder, "bert-20k.onnx"), repeatedFile("bert-torchscript", 20_000));
writeFileSync(join(folder, "llama-20k.onnx"), repeatedFile("llama-decode", 20_000));
writeFileSync(join(folder, "bert-100k.onnx"), repeatedFile("bert-torchscript", 100_000));
report({ gptBytes: lengthOf(gpt) });
