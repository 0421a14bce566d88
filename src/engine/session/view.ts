import { ModelError } from "../../core/errors";
import type { NodeId } from "../../core/model/types";
import type { DimControl, ModelSummary, TreemapNode } from "../../protocol/engine";
import type { Problem } from "../../protocol/problem";
import type { ProfileResult } from "../../protocol/profiler";
import { LayerTable } from "../table/layerTable";
import { moduleTree } from "../table/modules";
import { type AttentionTools, AttentionView } from "./attentionView";
import { Links } from "./links";
import { Offers } from "./offers";
import { ModelParameters } from "./parameters";
import type { Contents } from "./parametersCopies";
import type { ModelState } from "./state";
import { ModelText } from "./textView";
import { ModelTotals } from "./totals";
import { parameterTree } from "./treemap";

/** What can be asked about one state of the model. Each part is made when it is first needed and kept until the next edit. */
export class View {
  readonly state: ModelState;
  readonly dims: readonly DimControl[];
  readonly offers: Offers;
  readonly externalBytes: number;
  readonly problems: readonly Problem[];
  private readonly edited: ReadonlySet<NodeId>;
  private readonly attentionTools: AttentionTools;
  private readonly contents: Contents;
  private profile: ProfileResult | null;
  private readonly made: {
    table?: LayerTable;
    links?: Links;
    text?: ModelText;
    totals?: ModelTotals;
    attention?: AttentionView;
    parameters?: TreemapNode;
    tensors?: ModelParameters;
    ops?: ModelSummary["ops"];
    modules?: readonly string[];
  } = {};

  constructor(parts: {
    readonly state: ModelState;
    readonly dims: readonly DimControl[];
    readonly edited: ReadonlySet<NodeId>;
    readonly profile: ProfileResult | null;
    readonly externalBytes: number;
    readonly problems: readonly Problem[];
    /** Of tensors that were read before; kept from one state of the model to the next. */
    readonly contents: Contents;
    /** What attention needs beyond the state. */
    readonly attention: AttentionTools;
  }) {
    this.state = parts.state;
    this.dims = parts.dims;
    this.edited = parts.edited;
    this.attentionTools = parts.attention;
    this.contents = parts.contents;
    this.profile = parts.profile;
    this.externalBytes = parts.externalBytes;
    this.problems = parts.problems;
    this.offers = new Offers(parts.state);
  }

  get table(): LayerTable {
    this.made.table ??= new LayerTable({
      state: this.state,
      profile: this.profile,
      offersAt: (position) => this.offers.at(position).offers.length,
      edited: this.edited,
    });
    return this.made.table;
  }

  get links(): Links {
    this.made.links ??= new Links(this.state);
    return this.made.links;
  }

  get text(): ModelText {
    this.made.text ??= new ModelText(this.state, this.offers);
    return this.made.text;
  }

  get totals(): ModelTotals {
    this.made.totals ??= new ModelTotals(this.state);
    return this.made.totals;
  }

  get attention(): AttentionView {
    this.made.attention ??= new AttentionView(this.state, this.attentionTools);
    return this.made.attention;
  }

  get parameters(): TreemapNode {
    this.made.parameters ??= parameterTree(this.state);
    return this.made.parameters;
  }

  get tensors(): ModelParameters {
    this.made.tensors ??= new ModelParameters(this.state, this.contents);
    return this.made.tensors;
  }

  /** Operators with the number of their nodes, the most frequent first. */
  get ops(): ModelSummary["ops"] {
    this.made.ops ??= countOps(this.state);
    return this.made.ops;
  }

  /** Paths of all modules, those in between included. */
  get modules(): readonly string[] {
    this.made.modules ??= [...moduleTree(this.state.paths).byPath.keys()].filter((path) => path !== "");
    return this.made.modules;
  }

  bind(bindings: ReadonlyMap<string, number>): void {
    this.state.bind(bindings);
    this.made.table?.rebound();
  }

  showProfile(profile: ProfileResult | null): void {
    this.profile = profile;
    delete this.made.table;
  }

  /** @throws ModelError when no node has that row key */
  positionOf(key: string): number {
    const position = this.state.positionOf.get(Number(key.slice(1)));
    if (position === undefined || !key.startsWith("n")) {
      throw new ModelError("missing", `There is no row ${key}; the model was changed since it was shown.`);
    }
    return position;
  }
}

function countOps(state: ModelState): ModelSummary["ops"] {
  const counts = new Map<string, { op: string; domain: string; count: number }>();
  for (const { opType, domain } of state.nodes) {
    const key = `${domain}:${opType}`;
    const entry = counts.get(key) ?? { op: opType, domain, count: 0 };
    entry.count++;
    counts.set(key, entry);
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}
