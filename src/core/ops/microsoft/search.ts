import type { Dim } from "../../facts/fact";
import { plus, tensorFact, times, words } from "../dims";
import { together, unknownCost } from "../pricing";
import { scalarOf } from "../small";
import type { CostContext, GraphRuns, InferContext, OpContext, OpCost, OpSpec } from "../spec";

/** Text generation in one node: an encoder or first run, and a decoder that runs once for each new token. */

/** Input indices and outputs that differ between the searches. */
interface Search {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Inputs with the number of beams and of sequences to return; undefined where there is one of each. */
  readonly beams?: number;
  readonly returned?: number;
}

const ONCE: GraphRuns = { count: 1, exact: true, rule: "once, for the prompt" };

/** New tokens: at most the length of the result less that of the prompt; encoder-decoders start from one token. */
function steps(ctx: InferContext): Dim {
  const limit = scalarOf(ctx.input(1));
  const start = ctx.int("model_type", 0) === 0 ? ctx.input(0).shape?.[1] : 1;
  return limit === undefined || start === undefined ? ctx.fresh("steps") : plus(limit, times(start, -1));
}

const scalarAt = (ctx: OpContext, input: number | undefined): Dim =>
  input === undefined ? 1 : scalarOf(ctx.input(input));

function cost(ctx: CostContext): OpCost {
  const parts = GRAPHS.flatMap((name): readonly OpCost[] => {
    const graph = ctx.graph(name);
    const price = graph && ctx.graphCost(graph);
    if (price === undefined) {
      return [];
    }
    const count = price.runs?.count;
    return [
      {
        macs: times(price.macs, count),
        other: times(price.other, count),
        trust: price.trust === "exact" && price.runs?.exact !== true ? "estimate" : price.trust,
        rule: `the ${price.nodes} nodes of ${name} ${price.runs?.rule ?? ""}`,
      },
    ];
  });
  return parts.length === 0 ? unknownCost("the decoder is missing") : together(...parts);
}

const GRAPHS = ["encoder", "init_decoder", "decoder"] as const;

function search({ name, inputs, outputs, beams, returned }: Search): OpSpec {
  return {
    domain: "com.microsoft",
    name,
    since: 1,
    inputs,
    outputs,
    infer(ctx) {
      const count = steps(ctx);
      const rule = `times ${words(count)} new tokens at most`;
      for (const graphName of GRAPHS) {
        const graph = ctx.graph(graphName);
        if (graph !== undefined) {
          ctx.inferGraph(graph, [], graphName === "decoder" ? { count, exact: false, rule } : ONCE);
        }
      }
      const batch = ctx.input(0).shape?.[0];
      const length = scalarOf(ctx.input(1));
      const shown = scalarAt(ctx, returned);
      const width = ctx.maybeInt("vocab_size");
      const scoreType = "float32";
      if (beams === undefined) {
        ctx.output(0, { dtype: "int32", shape: [batch, length] });
        ctx.output(1, tensorFact(scoreType, [batch, width]));
        return;
      }
      ctx.output(0, { dtype: "int32", shape: [batch, shown, length] });
      ctx.output(1, tensorFact(scoreType, [batch, shown]));
      ctx.output(2, tensorFact(scoreType, [count, batch, scalarAt(ctx, beams), width]));
    },
    cost,
    examples: [],
  };
}

const BEAM_INPUTS = [
  "input_ids",
  "max_length",
  "min_length",
  "num_beams",
  "num_return_sequences",
  "length_penalty",
  "repetition_penalty",
  "vocab_mask",
  "prefix_vocab_mask",
  "attention_mask",
  "decoder_input_ids",
  "logits_processor",
];
const GREEDY_INPUTS = [
  "input_ids",
  "max_length",
  "min_length",
  "repetition_penalty",
  "vocab_mask",
  "prefix_vocab_mask",
  "attention_mask",
];
const BEAM_OUTPUTS = ["sequences", "sequences_scores", "scores"];

export const microsoftSearchOps: readonly OpSpec[] = [
  search({ name: "BeamSearch", inputs: BEAM_INPUTS, outputs: BEAM_OUTPUTS, beams: 3, returned: 4 }),
  search({
    name: "WhisperBeamSearch",
    inputs: [...BEAM_INPUTS, "cross_qk_layer_head", "extra_decoding_ids", "temperature"],
    outputs: [...BEAM_OUTPUTS, "cross_qk", "non_speech_probs"],
    beams: 3,
    returned: 4,
  }),
  search({ name: "GreedySearch", inputs: GREEDY_INPUTS, outputs: ["sequences"] }),
  search({
    name: "Sampling",
    inputs: [...GREEDY_INPUTS, "presence_mask", "seed"],
    outputs: ["sequences", "filtered_logits"],
  }),
];
