import type { ModelSummary, TreemapNode } from "../../../../src/protocol/engine";
import type { PanelApi } from "../../../../src/protocol/panels";
import type {
  ParametersReport,
  TensorColumn,
  TensorPage,
  TensorQuery,
  TensorRole,
  TensorRow,
  TensorStatistics,
  TensorValues,
  ValuesQuery,
} from "../../../../src/protocol/parameters";
import type { Handlers } from "../../../../src/rpc/contract";

/** Layers of the fake Transformer. */
const BLOCKS = 12;
const WIDTH = 768;
const VOCABULARY = 50_257;

export interface FakeTensor {
  readonly name: string;
  readonly path: string;
  readonly op: string;
  readonly role: TensorRole;
  readonly dims: readonly number[];
  readonly dtype: string;
}

/** The tensors of a small GPT. */
export function transformerTensors(): FakeTensor[] {
  const linear = (path: string, rows: number, columns: number): FakeTensor[] => [
    { name: `${path}.weight`, path, op: "Gemm", role: "weight", dims: [rows, columns], dtype: "float32" },
    { name: `${path}.bias`, path, op: "Gemm", role: "bias", dims: [columns], dtype: "float32" },
  ];
  const norm = (path: string): FakeTensor[] =>
    ["weight", "bias"].map((part) => ({
      name: `${path}.${part}`,
      path,
      op: "LayerNormalization",
      role: "norm",
      dims: [WIDTH],
      dtype: "float32",
    }));
  const blocks = Array.from({ length: BLOCKS }, (_, block) => {
    const at = `transformer.h.${block}`;
    return [
      ...norm(`${at}.ln_1`),
      ...linear(`${at}.attn.c_attn`, WIDTH, 3 * WIDTH),
      ...linear(`${at}.attn.c_proj`, WIDTH, WIDTH),
      ...norm(`${at}.ln_2`),
      ...linear(`${at}.mlp.c_fc`, WIDTH, 4 * WIDTH),
      ...linear(`${at}.mlp.c_proj`, 4 * WIDTH, WIDTH),
    ];
  }).flat();
  return [
    {
      name: "transformer.wte.weight",
      path: "transformer.wte",
      op: "Gather",
      role: "vocabulary",
      dims: [VOCABULARY, WIDTH],
      dtype: "float32",
    },
    {
      name: "transformer.wpe.weight",
      path: "transformer.wpe",
      op: "Gather",
      role: "positions",
      dims: [1024, WIDTH],
      dtype: "float32",
    },
    ...blocks,
    ...norm("transformer.ln_f"),
    { name: "mask", path: "", op: "Where", role: "constant", dims: [1, 1, 4096, 4096], dtype: "bool" },
  ];
}

/** So many small tensors, all in modules of their own. */
export function manyTensors(count: number): FakeTensor[] {
  return Array.from({ length: count }, (_, place) => ({
    name: `tensor ${place}`,
    path: `part.${place % 100}`,
    op: place % 2 === 0 ? "MatMul" : "Add",
    role: "weight",
    dims: [8, 1 + (place % 50)],
    dtype: "float32",
  }));
}

const ELEMENT_BYTES: { readonly [dtype: string]: number } = { float32: 4, bool: 1 };

export function sizeOf(tensor: FakeTensor): { readonly params: number; readonly bytes: number } {
  const params = tensor.dims.reduce((product, dim) => product * dim, 1);
  return { params, bytes: params * ELEMENT_BYTES[tensor.dtype]! };
}

const ROWS = new WeakMap<readonly FakeTensor[], Map<boolean, readonly TensorRow[]>>();

/** The rows of tensors, made once for each state: a page of them must not cost more than in the engine. */
export function rowsOf(tensors: readonly FakeTensor[], compared: boolean): readonly TensorRow[] {
  const known = ROWS.get(tensors) ?? new Map<boolean, readonly TensorRow[]>();
  ROWS.set(tensors, known);
  const rows = known.get(compared) ?? madeRows(tensors, compared);
  known.set(compared, rows);
  return rows;
}

function madeRows(tensors: readonly FakeTensor[], compared: boolean): TensorRow[] {
  const whole = tensors.reduce((sum, tensor) => sum + sizeOf(tensor).bytes, 0);
  return tensors.map((tensor, place) => ({
    tensor: { name: tensor.name, graph: "" },
    usedBy: [{ key: `n${place}`, label: `${tensor.path}/${tensor.op}` }],
    uses: tensor.role === "vocabulary" ? 2 : 1,
    path: tensor.path,
    op: tensor.op,
    role: tensor.role,
    dims: tensor.dims,
    dtype: tensor.dtype,
    ...sizeOf(tensor),
    share: sizeOf(tensor).bytes / whole,
    bitsPerWeight: tensor.role === "weight" ? 32 : null,
    sharing:
      tensor.role === "vocabulary"
        ? { kind: "tied", uses: 2 }
        : compared && tensor.name.endsWith("h.1.ln_1.bias")
          ? { kind: "copy", of: "transformer.h.0.ln_1.bias", bytes: sizeOf(tensor).bytes }
          : null,
    notes: tensor.role === "constant" ? ["Folding made it 4,096 times as large as its inputs"] : [],
    location: "",
  }));
}

function treeBy(
  tensors: readonly FakeTensor[],
  pathOf: (tensor: FakeTensor) => readonly string[],
): TreemapNode {
  interface Branch {
    label: string;
    path: string;
    bytes: number;
    params: number;
    children: Map<string, Branch>;
  }
  const root: Branch = { label: "model", path: "", bytes: 0, params: 0, children: new Map() };
  for (const tensor of tensors) {
    const { bytes, params } = sizeOf(tensor);
    let at = root;
    at.bytes += bytes;
    at.params += params;
    for (const label of pathOf(tensor)) {
      const child = at.children.get(label) ?? {
        label,
        path: label === tensor.name ? tensor.path : at.path === "" ? label : `${at.path}.${label}`,
        bytes: 0,
        params: 0,
        children: new Map<string, Branch>(),
      };
      at.children.set(label, child);
      at = child;
      at.bytes += bytes;
      at.params += params;
    }
  }
  const frozen = ({ children, ...node }: Branch): TreemapNode => ({
    ...node,
    children: [...children.values()].map(frozen).sort((a, b) => b.bytes - a.bytes),
  });
  return frozen(root);
}

export function reportOf(tensors: readonly FakeTensor[], compared: boolean): ParametersReport {
  const sizes = tensors.map(sizeOf);
  const params = sizes.reduce((sum, size) => sum + size.params, 0);
  const sorted = sizes.map((size) => size.params).sort((a, b) => b - a);
  const sums: number[] = [];
  for (const size of sorted) {
    sums.push((sums.at(-1) ?? 0) + size);
  }
  // Of very many, none is large enough to be drawn by itself.
  const named = ({ name }: FakeTensor) => (tensors.length > 1000 ? [] : [name]);
  const pathOf = (tensor: FakeTensor) => [
    ...tensor.path.split(".").filter((part) => part !== ""),
    ...named(tensor),
  ];
  return {
    revision: 0,
    tensors: tensors.length,
    params,
    bytes: sizes.reduce((sum, size) => sum + size.bytes, 0),
    bitsPerWeight: 32,
    byModule: treeBy(tensors, pathOf),
    byOp: treeBy(tensors, (tensor) => [tensor.op, ...named(tensor)]),
    byDtype: treeBy(tensors, (tensor) => [tensor.dtype, ...named(tensor)]),
    concentration: [
      { tensors: 0, params: 0 },
      ...sums
        .filter((_, place) => place % Math.ceil(sums.length / 200) === 0 || place === sums.length - 1)
        .map((sum) => ({ tensors: (sums.indexOf(sum) + 1) / sums.length, params: sum / params })),
    ],
    gini: 0.83,
    half: sums.findIndex((sum) => sum >= params / 2) + 1,
    ninety: sums.findIndex((sum) => sum >= params * 0.9) + 1,
    copies: { compared, wastedBytes: compared ? 3072 : 0 },
  };
}

/** A value that depends on its place alone: roughly normal, with one channel in fifty far larger. */
export function valueAt(row: number, column: number): number | null {
  const noise = (seed: number) => {
    const wave = Math.sin(row * 12.9898 + column * 78.233 + seed * 37.719) * 43758.5453;
    return wave - Math.floor(wave);
  };
  if (row === 3 && column === 5) {
    return null;
  }
  const normal = (noise(1) + noise(2) + noise(3) + noise(4) - 2) * 0.04;
  return normal * (column % 50 === 7 ? 6 : 1);
}

export function valuesOf(dims: readonly number[], query: ValuesQuery): TensorValues {
  const totalColumns = dims.at(-1) ?? 1;
  const totalRows = dims.slice(0, -1).reduce((product, dim) => product * dim, 1);
  const rowStep = Math.max(1, Math.ceil(query.rows / query.maxRows));
  const columnStep = Math.max(1, Math.ceil(query.columns / query.maxColumns));
  const cellRows = Math.ceil(query.rows / rowStep);
  const cellColumns = Math.ceil(query.columns / columnStep);
  const values: (number | null)[] = [];
  for (let cellRow = 0; cellRow < cellRows; cellRow++) {
    for (let cellColumn = 0; cellColumn < cellColumns; cellColumn++) {
      values.push(valueAt(query.row + cellRow * rowStep, query.column + cellColumn * columnStep));
    }
  }
  return {
    revision: 0,
    tensor: query.tensor,
    totalRows,
    totalColumns,
    row: query.row,
    column: query.column,
    rows: query.rows,
    columns: query.columns,
    cellRows,
    cellColumns,
    rowStep,
    columnStep,
    sampled: rowStep * columnStep > 1,
    values,
    rowLabels: Array.from({ length: cellRows }, (_, place) => `[${query.row + place * rowStep}]`),
  };
}

export function statisticsOf(row: TensorRow): TensorStatistics {
  const channels = row.dims.at(-1) ?? 1;
  const counts = Array.from({ length: 128 }, (_, bin) =>
    Math.round((row.params / 16) * Math.exp(-(((bin - 64) / 14) ** 2))),
  );
  const picked = Array.from({ length: Math.min(4096, channels) }, (_, channel) => channel);
  return {
    revision: 0,
    tensor: row.tensor,
    elements: row.params,
    min: -0.4312,
    max: 0.4471,
    mean: 0.000123,
    std: 0.02345,
    nan: row.dims.length > 1 ? 1 : 0,
    infinite: 0,
    zeros: 0,
    nearZeros: Math.round(row.params / 50),
    nearZeroBelow: 0.00001,
    histogram: { from: -0.4312, to: 0.4471, counts },
    nm: row.dims.length > 1 ? { keep: 2, of: 4, share: 0.014 } : null,
    blocks:
      row.dims.length > 1
        ? [4, 8, 16].map((side) => ({ rows: side, columns: side, zeroShare: 0.2 / side }))
        : [],
    channels:
      row.dims.length > 1
        ? {
            axis: 1,
            count: channels,
            picked,
            min: picked.map(
              (channel) => -0.05 - 0.02 * Math.abs(Math.sin(channel)) * (channel === 138 ? 12 : 1),
            ),
            max: picked.map(
              (channel) => 0.05 + 0.02 * Math.abs(Math.cos(channel)) * (channel === 138 ? 15 : 1),
            ),
            outliers: [138],
          }
        : null,
    bytesRead: row.bytes,
  };
}

export function pageOf(tensors: readonly FakeTensor[], query: TensorQuery, compared: boolean): TensorPage {
  const { text = "", module = "", op, dtype, role } = query.filter ?? {};
  const all = rowsOf(tensors, compared);
  const matching = all.filter(
    (row) =>
      row.tensor.name.includes(text) &&
      (module === "" || row.path === module || row.path.startsWith(`${module}.`)) &&
      (op === undefined || row.op === op) &&
      (dtype === undefined || row.dtype === dtype) &&
      (role === undefined || row.role === role),
  );
  const { sort } = query;
  if (sort !== undefined) {
    const sign = sort.descending ? -1 : 1;
    const sortedBy = (row: TensorRow, column: TensorColumn) =>
      column === "bytes" || column === "params" ? row[column] : row.tensor.name;
    matching.sort((a, b) => {
      const [left, right] = [sortedBy(a, sort.column), sortedBy(b, sort.column)];
      return left === right ? 0 : left < right ? -sign : sign;
    });
  }
  return {
    revision: 0,
    total: matching.length,
    allTensors: all.length,
    start: query.start,
    rows: matching.slice(query.start, query.start + query.count),
    sum: {
      params: matching.reduce((sum, row) => sum + row.params, 0),
      bytes: matching.reduce((sum, row) => sum + row.bytes, 0),
    },
  };
}

/** What stands behind the page: answers from the tensors, and what the page told. */
export interface FakePanel {
  readonly handlers: Handlers<PanelApi>;
  readonly selected: (readonly string[])[];
  readonly revealed: string[];
  readonly copied: string[];
  readonly remembered: unknown[];
  /** Calls that wait until they are let go: by the method's name. */
  readonly held: Map<string, { release: () => void; readonly signal: AbortSignal }>;
  hold: Set<string>;
  /** Methods that fail. */
  fail: Set<string>;
}

const SUMMARY: ModelSummary = {
  revision: 0,
  fileName: "gpt.onnx",
  graphName: "main",
  producer: "",
  irVersion: 10,
  opsets: [],
  fileBytes: 0,
  externalBytes: 0,
  functions: 0,
  subgraphs: 0,
  nodes: 1,
  inputs: [],
  outputs: [],
  dims: [],
  totals: {
    params: 0,
    weightBytes: 0,
    weightBytesByDtype: [],
    macs: { value: 0, formula: "", trust: "exact" },
    flops: { value: 0, formula: "", trust: "exact" },
    readBytes: { value: 0, formula: "", trust: "exact" },
    writeBytes: { value: 0, formula: "", trust: "exact" },
    peakActivationBytes: { value: 0, formula: "", trust: "exact" },
    coverage: { nodes: 1, exact: 1, estimate: 0, unknown: 0, unknownOps: [] },
  },
  ops: [],
  modules: [],
  problems: [],
  fingerprint: { size: 0, mtimeMs: 0, edges: "" },
  dirty: false,
  canUndo: false,
  canRedo: false,
  profile: null,
};

export function fakePanel(tensors: readonly FakeTensor[]): FakePanel {
  let compared = false;
  const waiting = async (method: string, signal: AbortSignal): Promise<void> => {
    if (panel.fail.has(method)) {
      throw new Error(`The file of ${method} is gone.`);
    }
    if (panel.hold.has(method)) {
      await new Promise<void>((resolve, reject) => {
        panel.held.set(method, { release: resolve, signal });
        signal.addEventListener("abort", () => reject(new Error("stopped")), { once: true });
      });
    }
  };
  const rowOf = (name: string) => rowsOf(tensors, compared).find((row) => row.tensor.name === name)!;
  const answers = {
    ready: () => ({ kind: "open", summary: SUMMARY, disk: "same", remembered: {} }),
    summary: () => SUMMARY,
    identity: () => ({ model: "gpt.onnx" }),
    parameters: async (_: unknown, { signal }: { signal: AbortSignal }) => {
      await waiting("parameters", signal);
      return reportOf(tensors, compared);
    },
    tensors: (query: TensorQuery) => pageOf(tensors, query, compared),
    tensorStatistics: async (
      { tensor }: { tensor: { name: string } },
      { signal }: { signal: AbortSignal },
    ) => {
      await waiting("tensorStatistics", signal);
      return statisticsOf(rowOf(tensor.name));
    },
    tensorValues: async (query: ValuesQuery, { signal }: { signal: AbortSignal }) => {
      await waiting("tensorValues", signal);
      return valuesOf(rowOf(query.tensor.name).dims, query);
    },
    compareTensors: async (_: unknown, { signal }: { signal: AbortSignal }) => {
      await waiting("compareTensors", signal);
      compared = true;
      return reportOf(tensors, compared);
    },
    select: ({ keys }: { keys: readonly string[] }) => {
      panel.selected.push(keys);
      return null;
    },
    reveal: ({ key }: { key: string }) => {
      panel.revealed.push(key);
      return null;
    },
    copy: ({ text }: { text: string }) => {
      panel.copied.push(text);
      return null;
    },
    remember: ({ value }: { value: unknown }) => {
      panel.remembered.push(value);
      return null;
    },
  };
  const panel: FakePanel = {
    // The page of this view asks nothing else.
    handlers: answers as unknown as Handlers<PanelApi>,
    selected: [],
    revealed: [],
    copied: [],
    remembered: [],
    held: new Map(),
    hold: new Set(),
    fail: new Set(),
  };
  return panel;
}
