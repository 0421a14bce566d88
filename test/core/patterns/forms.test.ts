import { describe, expect, it } from "vitest";
import { format } from "../../../src/core/expr";
import type { Dim } from "../../../src/core/facts/fact";
import type { AttentionRegion } from "../../../src/core/patterns/attention/types";
import { onnxModel } from "../../support/onnxBuilder";
import { memoryFiles, memorySource } from "../../support/sources";
import { blockWith, SmallModel } from "./smallModel";
import { attentionInSource, type Searched } from "./support";

function only({ regions, mismatches }: Searched): AttentionRegion {
  expect(mismatches.map(({ reason }) => reason)).toEqual([]);
  expect(regions).toHaveLength(1);
  return regions[0]!;
}

const text = (dim: Dim) => (dim === undefined ? "?" : format(dim));

/** "batch: queries×keys, heads/kvHeads of headDim (vHeadDim)". */
function sizes({ sizes: s }: AttentionRegion): string {
  const heads = `${text(s.heads)}/${text(s.kvHeads)} of ${text(s.headDim)} (${text(s.vHeadDim)})`;
  return `${text(s.batch)}: ${text(s.queryLength)}×${text(s.keyLength)}, ${heads}`;
}

const ops = (nodes: AttentionRegion["roles"]["between"]) => nodes.map(({ opType }) => opType).join(" ");

const PLAIN = "batch: n×n, 2/2 of 4 (4)";

describe("what is done to the scores", () => {
  it.each<[string, (model: SmallModel, scores: string) => string, string]>([
    ["nothing", (_, scores) => scores, ""],
    ["a scale behind", (m, scores) => m.node("Mul", [scores, m.number(0.5)]), "Mul"],
    ["a division", (m, scores) => m.node("Div", [scores, m.number(2)]), "Div"],
    [
      "a cap",
      (m, scores) => {
        const bent = m.node("Tanh", [m.node("Div", [scores, m.number(30)])]);
        return m.node("Mul", [bent, m.number(30)]);
      },
      "Div Tanh Mul",
    ],
    [
      "casts between",
      (m, scores) => {
        const wide = m.node("Cast", [scores], { to: { int: 11 } });
        return m.node("Cast", [wide], { to: { int: 1 } });
      },
      "Cast Cast",
    ],
    ["a guard", (m, scores) => m.node("Where", [m.node("IsNaN", [scores]), m.number(0), scores]), "Where"],
  ])("%s", (_, change, between) => {
    const region = only(blockWith(change));
    expect(sizes(region)).toBe(PLAIN);
    expect(ops(region.roles.scores)).toBe("MatMul");
    expect(ops(region.roles.between)).toContain(between);
    expect(ops(region.roles.query)).toBe("MatMul Add");
    expect(ops(region.roles.key)).toBe("MatMul Add");
    expect(ops(region.roles.value)).toBe("MatMul Add");
    expect(ops(region.roles.output)).toBe("MatMul Add");
    expect(region.relation).toBe("self");
  });

  it("a sink: a column that takes part in Softmax and is cut off behind it", () => {
    const model = new SmallModel();
    const { q, k, v } = model.heads(model.input("x", ["batch", "n", 8]));
    const scores = model.node("MatMul", [q, k]);
    const column = model.node("Slice", [scores, model.ints(0), model.ints(1), model.ints(3)]);
    const sink = model.node("Mul", [column, model.number(0)]);
    const all = model.node("Concat", [scores, sink], { axis: { int: -1 } });
    const kept = model.node("Slice", [model.softmax(all), model.ints(0), model.ints(-1), model.ints(3)]);
    const region = only(model.search(model.merge(model.node("MatMul", [kept, v]))));
    expect(sizes(region)).toBe(PLAIN);
  });

  it("a bias that Softmax adds itself", () => {
    const model = new SmallModel();
    const { q, k, v } = model.heads(model.input("x", ["batch", "n", 8]));
    const bias = model.input("bias", ["batch", 1, "n", "n"]);
    const probabilities = model.node("com.microsoft.BiasSoftmax", [model.node("MatMul", [q, k]), bias], {
      axis: { int: 3 },
      is_inner_broadcast: { int: 0 },
    });
    const region = only(model.search(model.merge(model.node("MatMul", [probabilities, v]))));
    expect([region.mask.kind, region.mask.causal]).toEqual(["added", undefined]);
    expect(ops(region.roles.softmax)).toBe("BiasSoftmax");
  });
});

describe("how heads are laid out", () => {
  function products(model: SmallModel, q: string, k: string, v: string): string {
    return model.node("MatMul", [model.softmax(model.node("MatMul", [q, k])), v]);
  }

  it("batch and heads in one axis, apart before", () => {
    const model = new SmallModel();
    const x = model.input("x", ["batch", "n", 8]);
    const merged = () => model.reshape(model.split(model.layer(x, 8, 8)), -1, 6, 4);
    model.inputs[0] = { name: "x", type: "float32", dims: ["batch", 6, 8] };
    const [q, k, v] = [merged(), model.transpose(merged(), 0, 2, 1), merged()];
    const region = only(model.search(products(model, q, k, v)));
    expect(sizes(region)).toBe("batch: 6×6, 2/2 of 4 (4)");
  });

  it("batch and heads in one axis from the start: length first", () => {
    const model = new SmallModel();
    const x = model.input("x", ["n", 3, 8]);
    const merged = () => model.transpose(model.reshape(model.layer(x, 8, 8), 0, 6, 4), 1, 0, 2);
    const [q, k, v] = [merged(), model.transpose(merged(), 0, 2, 1), merged()];
    expect(sizes(only(model.search(products(model, q, k, v))))).toBe("3: n×n, 2/2 of 4 (4)");
  });

  it("one head", () => {
    const model = new SmallModel();
    const x = model.input("x", ["batch", "n", 8]);
    const [q, k, v] = [
      model.layer(x, 8, 8),
      model.transpose(model.layer(x, 8, 8), 0, 2, 1),
      model.layer(x, 8, 8),
    ];
    expect(sizes(only(model.search(products(model, q, k, v))))).toBe("batch: n×n, 1/1 of 8 (8)");
  });

  it("two axes: no batch", () => {
    const model = new SmallModel();
    const x = model.input("x", ["n", 8]);
    const [q, k, v] = [
      model.layer(x, 8, 8),
      model.transpose(model.layer(x, 8, 8), 1, 0),
      model.layer(x, 8, 8),
    ];
    expect(sizes(only(model.search(products(model, q, k, v))))).toBe("1: n×n, 1/1 of 8 (8)");
  });

  it("Einsum with positions before heads", () => {
    const model = new SmallModel();
    const x = model.input("x", ["batch", "n", 8]);
    const context = model.input("context", ["batch", "m", 8]);
    const part = (value: string) => model.reshape(model.layer(value, 8, 8), 0, 0, 2, 4);
    const equation = (text: string) => ({ equation: { string: text } });
    const scores = model.node("Einsum", [part(x), part(context)], equation("bqhd,bkhd->bhqk"));
    const sum = model.node("Einsum", [model.softmax(scores), part(context)], equation("bhqk,bkhd->bqhd"));
    const region = only(model.search(model.layer(model.reshape(sum, 0, 0, 8), 8, 8)));
    expect(sizes(region)).toBe("batch: n×m, 2/2 of 4 (4)");
    expect(region.relation).toBe("cross");
    expect(ops(region.roles.output)).toBe("MatMul Add");
  });

  it("channels first, keys and values as rows: values times transposed probabilities", () => {
    const model = new SmallModel();
    const x = model.input("x", ["batch", 8, 5, 5]);
    const conv = () => model.node("Conv", [x, model.weight(8, 8, 1, 1)], { kernel_shape: { ints: [1, 1] } });
    const rows = () => model.reshape(conv(), 0, 2, 4, 25);
    const scores = model.node("MatMul", [model.transpose(rows(), 0, 1, 3, 2), rows()]);
    const turned = model.transpose(model.softmax(scores), 0, 1, 3, 2);
    const region = only(model.search(model.node("MatMul", [rows(), turned])));
    expect(sizes(region)).toBe("batch: 25×25, 2/2 of 4 (4)");
    expect(ops(region.roles.query)).toBe("Conv");
  });

  it("keys as rows: Softmax along the last axis but one", () => {
    const model = new SmallModel();
    const { q, k, v } = model.heads(
      model.input("x", ["batch", "n", 8]),
      model.input("context", ["batch", "m", 8]),
    );
    const scores = model.node("MatMul", [model.transpose(k, 0, 1, 3, 2), model.transpose(q, 0, 1, 3, 2)]);
    const turned = model.transpose(model.softmax(scores, -2), 0, 1, 3, 2);
    const region = only(model.search(model.merge(model.node("MatMul", [turned, v]))));
    expect(sizes(region)).toBe("batch: n×m, 2/2 of 4 (4)");
  });

  it("a product that transposes and scales by itself", () => {
    const model = new SmallModel();
    const x = model.input("x", ["batch", "n", 8]);
    const [q, k, v] = [
      model.split(model.layer(x, 8, 8)),
      model.split(model.layer(x, 8, 8)),
      model.split(model.layer(x, 8, 8)),
    ];
    const scores = model.node("com.microsoft.FusedMatMul", [q, k], {
      transB: { int: 1 },
      alpha: { float: 0.5 },
    });
    const region = only(model.search(model.merge(model.node("MatMul", [model.softmax(scores), v]))));
    expect(sizes(region)).toBe(PLAIN);
  });

  it("groups of query heads on five axes", () => {
    const model = new SmallModel();
    const x = model.input("x", ["batch", "n", 8]);
    const q = model.transpose(model.reshape(model.layer(x, 8, 24), 0, 0, 2, 3, 4), 0, 2, 3, 1, 4);
    const shared = () => model.node("Unsqueeze", [model.split(model.layer(x, 8, 8)), model.ints(2)]);
    const region = only(model.search(products(model, q, model.transpose(shared(), 0, 1, 2, 4, 3), shared())));
    expect(sizes(region)).toBe("batch: n×n, 6/2 of 4 (4)");
  });

  it("one head of keys for all", () => {
    const model = new SmallModel();
    const x = model.input("x", ["batch", "n", 8]);
    const one = () => model.node("Unsqueeze", [model.layer(x, 8, 4), model.ints(1)]);
    const region = only(
      model.search(
        products(model, model.split(model.layer(x, 8, 8)), model.transpose(one(), 0, 1, 3, 2), one()),
      ),
    );
    expect(sizes(region)).toBe("batch: n×n, 2/1 of 4 (4)");
  });

  it("one layer for all three, and values of another width", () => {
    const model = new SmallModel();
    const x = model.input("x", ["batch", "n", 8]);
    const all = model.layer(x, 8, 8 + 8 + 12);
    const [q, k, v] = model.several("Split", [all, model.ints(8, 8, 12)], 3, { axis: { int: 2 } }) as [
      string,
      string,
      string,
    ];
    const wide = model.transpose(model.reshape(v, 0, 0, 2, 6), 0, 2, 1, 3);
    const keys = model.transpose(model.split(k), 0, 1, 3, 2);
    const region = only(model.search(products(model, model.split(q), keys, wide)));
    expect(sizes(region)).toBe("batch: n×n, 2/2 of 4 (6)");
    const { query, key, value } = region.roles;
    expect([query, key, value].map(ops)).toEqual(["MatMul Add", "MatMul Add", "MatMul Add"]);
    expect(new Set([...query, ...key, ...value]).size).toBe(2);
  });
});

describe("where queries, keys and values come from", () => {
  it("scale before, on both sides", () => {
    const model = new SmallModel();
    const { q, k, v } = model.heads(model.input("x", ["batch", "n", 8]));
    const scaled = (value: string) => model.node("Mul", [value, model.number(0.7)]);
    const scores = model.node("MatMul", [scaled(q), scaled(k)]);
    const region = only(model.search(model.merge(model.node("MatMul", [model.softmax(scores), v]))));
    expect(ops(region.roles.query)).toBe("MatMul Add");
    expect(ops(region.roles.between).match(/Mul/g)).toHaveLength(2);
  });

  it("a cache before the new keys", () => {
    const model = new SmallModel();
    const { q, k, v } = model.heads(model.input("x", ["batch", "n", 8]));
    const pastK = model.input("pastK", ["batch", 2, "past", 4]);
    const pastV = model.input("pastV", ["batch", 2, "past", 4]);
    const keys = model.node("Concat", [pastK, model.transpose(k, 0, 1, 3, 2)], { axis: { int: -2 } });
    const values = model.node("Concat", [pastV, v], { axis: { int: 2 } });
    const scores = model.node("MatMul", [q, model.transpose(keys, 0, 1, 3, 2)]);
    const region = only(model.search(model.merge(model.node("MatMul", [model.softmax(scores), values]))));
    expect(sizes(region)).toBe("batch: n×n + past, 2/2 of 4 (4)");
    expect([text(region.pastLength), region.relation]).toEqual(["past", "self"]);
  });

  it("a static cache that new keys are written into: how much of it is filled is not known", () => {
    const model = new SmallModel();
    const { q, k, v } = model.heads(model.input("x", ["batch", 1, 8]));
    const cache = model.input("cache", ["batch", 2, 16, 4]);
    const where = model.input("where", ["batch", 2, 1, 4], "int64");
    const keys = model.node("ScatterElements", [cache, where, model.transpose(k, 0, 1, 3, 2)], {
      axis: { int: 2 },
    });
    const values = model.node("ScatterElements", [model.input("old", ["batch", 2, 16, 4]), where, v], {
      axis: { int: 2 },
    });
    const scores = model.node("MatMul", [q, model.transpose(keys, 0, 1, 3, 2)]);
    const region = only(model.search(model.merge(model.node("MatMul", [model.softmax(scores), values]))));
    expect([text(region.pastLength), region.relation, text(region.sizes.keyLength)]).toEqual([
      "?",
      "self",
      "16",
    ]);
  });

  it("keys and values that are inputs as they come: another sequence", () => {
    const model = new SmallModel();
    const q = model.split(model.layer(model.input("x", ["batch", "n", 8]), 8, 8));
    const k = model.input("keys", ["batch", 2, 4, "m"]);
    const v = model.input("values", ["batch", 2, "m", 4]);
    const sum = model.node("MatMul", [model.softmax(model.node("MatMul", [q, k])), v]);
    const region = only(model.search(model.merge(sum)));
    expect([region.relation, text(region.pastLength), ops(region.roles.key)]).toEqual(["cross", "0", ""]);
  });

  it("keys from the same sequence, thinned out by a convolution", () => {
    const model = new SmallModel();
    const x = model.input("x", ["batch", 16, 8]);
    const image = model.reshape(model.transpose(x, 0, 2, 1), 0, 8, 4, 4);
    const smaller = model.node("Conv", [image, model.weight(8, 8, 2, 2)], {
      kernel_shape: { ints: [2, 2] },
      strides: { ints: [2, 2] },
    });
    const thin = model.transpose(model.reshape(smaller, 0, 8, 4), 0, 2, 1);
    const { q, k, v } = model.heads(x, thin);
    const region = only(
      model.search(model.merge(model.node("MatMul", [model.softmax(model.node("MatMul", [q, k])), v]))),
    );
    expect([region.relation, sizes(region)]).toEqual(["self", "batch: 16×4, 2/2 of 4 (4)"]);
  });

  it("norms of queries and keys, written out", () => {
    const model = new SmallModel();
    const { q, k, v } = model.heads(model.input("x", ["batch", "n", 8]));
    const normed = (value: string) => {
      const square = model.node("ReduceMean", [model.node("Mul", [value, value]), model.ints(-1)], {
        keepdims: { int: 1 },
      });
      return model.node("Div", [value, model.node("Sqrt", [square])]);
    };
    const keys = model.transpose(normed(model.transpose(k, 0, 1, 3, 2)), 0, 1, 3, 2);
    const scores = model.node("MatMul", [normed(q), keys]);
    const region = only(model.search(model.merge(model.node("MatMul", [model.softmax(scores), v]))));
    expect(ops(region.roles.query)).toBe("MatMul Add");
    expect(ops(region.roles.between)).toContain("Sqrt");
  });

  it("no layers: what comes through a sum of residuals is not the block's", () => {
    const model = new SmallModel();
    const x = model.input("x", ["batch", "n", 8]);
    const first = model.node("Add", [x, model.layer(x, 8, 8)]);
    const second = model.node("Add", [first, model.layer(first, 8, 8)]);
    const sum = model.node("Add", [second, model.layer(second, 8, 8)]);
    const [q, k, v] = [model.split(sum), model.transpose(model.split(sum), 0, 1, 3, 2), model.split(sum)];
    const region = only(
      model.search(model.merge(model.node("MatMul", [model.softmax(model.node("MatMul", [q, k])), v]))),
    );
    expect(ops(region.roles.query)).toBe("");
    expect([sizes(region), region.relation]).toEqual([PLAIN, "self"]);
  });

  it("an integer layer: scaling of its sums and the bias are its own", () => {
    const model = new SmallModel();
    const x = model.input("x", ["batch", "n", 8]);
    const [small, scale, zero] = model.several("DynamicQuantizeLinear", [x], 3) as [string, string, string];
    const weight = model.node("Cast", [model.weight(8, 8)], { to: { int: 3 } });
    const integer = () => {
      const sums = model.node("MatMulInteger", [small, weight, zero]);
      const scaled = model.node("Mul", [
        model.node("Cast", [sums], { to: { int: 1 } }),
        model.node("Mul", [scale, model.number(0.1)]),
      ]);
      return model.split(model.node("Add", [scaled, model.weight(8)]));
    };
    const [q, k, v] = [integer(), model.transpose(integer(), 0, 1, 3, 2), integer()];
    const region = only(
      model.search(model.merge(model.node("MatMul", [model.softmax(model.node("MatMul", [q, k])), v]))),
    );
    expect(ops(region.roles.query)).toBe("MatMulInteger Cast Mul Add");
    expect(region.relation).toBe("self");
  });
});

describe("forms of single models", () => {
  it("a band of keys, put together from blocks: Longformer", () => {
    const model = new SmallModel();
    const x = model.input("x", ["batch", 8, 8]);
    const blocks = () => model.reshape(model.split(model.layer(x, 8, 8)), -1, 4, 2, 4);
    const equation = (string: string) => ({ equation: { string } });
    const products = model.node("Einsum", [blocks(), blocks()], equation("bcxd,bcyd->bcxy"));
    const places = model.input("places", ["count", 4], "int64");
    const empty = model.node("ConstantOfShape", [
      model.node("Concat", [model.ints(1), model.ints(8, 2, 3)], { axis: { int: 0 } }),
    ]);
    const scores = model.node("ScatterND", [empty, places, model.reshape(products, -1)]);
    const masked = model.node("Add", [scores, model.input("mask", [1, 8, 1, 3])]);
    const rows = model.reshape(model.transpose(model.softmax(masked), 0, 2, 1, 3), -1, 4, 2, 3);
    const probabilities = model.node("Slice", [rows, model.ints(0), model.ints(2), model.ints(3)]);
    const region = only(
      model.search(model.node("Einsum", [probabilities, blocks()], equation("bcwd,bcdh->bcwh"))),
    );
    expect(sizes(region)).toBe("1: 8×3, 2/2 of 4 (4)");
    expect([region.mask.causal, region.mask.window, region.relation]).toEqual([false, 3, "self"]);
  });

  it("layers that give heads at once, and scores of relative positions beside: XLNet", () => {
    const model = new SmallModel();
    const x = model.input("x", ["n", "batch", 8]);
    const equation = (string: string) => ({ equation: { string } });
    const head = (value: string) =>
      model.node("Einsum", [value, model.weight(8, 2, 4)], equation("ibh,hnd->ibnd"));
    const q = head(x);
    const positions = head(model.input("positions", ["n", "batch", 8]));
    const content = model.node("Einsum", [q, head(x)], equation("ibnd,jbnd->bnij"));
    const relative = model.node("Einsum", [q, positions], equation("ibnd,jbnd->bnij"));
    const scores = model.node("Add", [
      content,
      model.node("Slice", [relative, model.ints(0), model.ints(99), model.ints(3)]),
    ]);
    const sum = model.node("Einsum", [model.softmax(scores), head(x)], equation("bnij,jbnd->ibnd"));
    const region = only(model.search(sum));
    expect(sizes(region)).toBe("batch: n×n, 2/2 of 4 (4)");
    expect(region.mask.relativeBias).toBe(true);
  });

  it("a bias that a small network makes of distances: Swin 2", () => {
    const { mask } = only(
      blockWith((m, scores) => {
        const bias = m.transpose(m.node("MatMul", [m.weight(6, 6, 3), m.weight(3, 2)]), 2, 0, 1);
        const live = m.node("Add", [bias, m.input("shift", [1, 1, 1])]);
        return m.node("Add", [scores, m.node("Sigmoid", [live])]);
      }, 6),
    );
    expect([mask.relativeBias, mask.causal]).toEqual([true, false]);
  });
});

describe("where the block stands", () => {
  it("in a branch, with weights and a mask of the graph around it", () => {
    const outer = new SmallModel();
    const x = outer.input("x", ["batch", "n", 8]);
    const turned = outer.transpose(outer.weight(8, 8), 1, 0);
    const bias = outer.node("Identity", [outer.input("mask", ["batch", 1, 1, "n"])]);
    const branch = (name: string) => {
      const model = new SmallModel();
      const part = () => model.split(model.node("MatMul", [x, turned]));
      const [q, k, v] = [part(), model.transpose(part(), 0, 1, 3, 2), part()];
      const scores = model.node("Add", [model.node("MatMul", [q, k]), bias]);
      const sum = model.node("MatMul", [model.softmax(scores), v]);
      const renamed = model.nodes.map((node) => ({
        ...node,
        inputs: (node.inputs ?? []).map((input) => (isOwn(model, input) ? `${name}${input}` : input)),
        outputs: (node.outputs ?? []).map((output) => `${name}${output}`),
      }));
      const initializers = model.initializers.map((tensor) => ({ ...tensor, name: `${name}${tensor.name}` }));
      return { nodes: renamed, initializers, outputs: [{ name: `${name}${sum}`, type: "float32" as const }] };
    };
    const isOwn = (model: SmallModel, value: string) =>
      model.nodes.some(({ outputs }) => outputs?.includes(value)) ||
      model.initializers.some(({ name }) => name === value);
    const picked = outer.node("If", [outer.input("flag", [], "bool")], {
      then_branch: { graph: branch("then_") },
      else_branch: { graph: branch("else_") },
    });
    const bytes = onnxModel({ graph: outer.graph(picked) });
    const { regions } = attentionInSource(memorySource(bytes), memoryFiles({}));
    expect(regions.map(sizes)).toEqual([PLAIN, PLAIN]);
    expect(regions.map(({ roles }) => ops(roles.query))).toEqual(["MatMul", "MatMul"]);
    expect(regions.map(({ mask }) => mask.causal)).toEqual([false, false]);
    expect(regions.every(({ graph }) => graph.parent !== undefined)).toBe(true);
  });
});
