import type { Node, TensorRef } from "../../../model/types";
import { intAttribute, isCarrier, isEitherOp, isOp, type SearchGraph } from "../graph";
import { operandsOf } from "../products";
import { boundsOf } from "./comparison";
import { type MaskParts, PartsFound } from "./parts";
import { positionsOf } from "./positions";
import { patternOf } from "./triangle";

/** Reads all elements of a tensor as numbers; undefined when there are too many or they cannot be read. */
export type ReadTensor = (tensor: TensorRef) => ArrayLike<number> | undefined;

/**
 * One value of a mask on the way from the scores. `sense` says what its larger elements mean: 1 keys that are seen (0
 * beside -inf, true beside false), -1 keys that are hidden. Not `alone`: whether a key is hidden, others decide with it.
 */
interface Step {
  readonly value: string;
  readonly sense: 1 | -1;
  readonly alone: boolean;
}

/** More than any mask that exporters write; what lies beyond stays unread. */
const MAX_STEPS = 512;
/** Added to scores, this hides: Swin adds -100, others -10000 or the least number of the type. */
const HIDES = -50;
/** What these make is too small to hide a key. */
const BOUNDED = ["Sigmoid", "Tanh", "Softmax", "Sin", "Cos"];
/** Numbers that no key is chosen by: shapes, random numbers, constants. */
const SILENT = ["ConstantOfShape", "Constant", "Shape", "Size", "EyeLike", "CumSum", "IsNaN", "IsInf"];

/** Looks into masks. Layers share them, so what was seen once is kept. */
export class MaskReader {
  private readonly search: SearchGraph;
  private readonly read: ReadTensor;
  private readonly known = new Map<string, MaskParts>();

  constructor(search: SearchGraph, read: ReadTensor) {
    this.search = search;
    this.read = read;
  }

  /** What is added to the scores, or a condition under which they are kept (`sense` 1) or replaced (-1). */
  look(value: string, sense: 1 | -1 = 1): MaskParts {
    const key = `${sense} ${value}`;
    const known = this.known.get(key);
    if (known !== undefined) {
      return known;
    }
    const parts = new MaskWalk(this.search, this.read).walk({ value, sense, alone: true });
    this.known.set(key, parts);
    return parts;
  }
}

class MaskWalk {
  private readonly search: SearchGraph;
  private readonly read: ReadTensor;
  private readonly found = new PartsFound();
  private readonly seen = new Set<string>();
  private readonly queue: Step[] = [];

  constructor(search: SearchGraph, read: ReadTensor) {
    this.search = search;
    this.read = read;
  }

  walk(start: Step): MaskParts {
    this.go(start, start.value);
    for (let next = 0; next < this.queue.length; next++) {
      const step = this.queue[next]!;
      if (next >= MAX_STEPS) {
        this.found.opaque.push(step.value);
        break;
      }
      this.look(step);
    }
    return this.found;
  }

  private go(
    from: Step,
    value: string,
    change: { readonly flip?: boolean; readonly shared?: boolean } = {},
  ): void {
    const sense = change.flip === true ? (from.sense === 1 ? -1 : 1) : from.sense;
    const alone = from.alone && change.shared !== true;
    const key = `${sense} ${alone} ${value}`;
    if (value !== "" && !this.seen.has(key)) {
      this.seen.add(key);
      this.queue.push({ value, sense, alone });
    }
  }

  private look(step: Step): void {
    const { search, found } = this;
    const { value } = step;
    const tensor = search.tensor(value);
    if (tensor !== undefined) {
      this.stored(tensor, step);
      return;
    }
    const maker = search.maker(value);
    if (maker === undefined) {
      found.inputs.push(value);
      return;
    }
    if (
      operandsOf(maker) !== undefined ||
      isOp(maker, ...BOUNDED) ||
      isEitherOp(maker, "RelativePositionBias")
    ) {
      found.biases.push(`biases that ${labelOf(maker, value)} computes`);
    } else if (!this.lookThrough(step, maker) && !this.compared(step, maker) && !isOp(maker, ...SILENT)) {
      found.opaque.push(value);
    }
  }

  /** Goes on to the inputs of operators that hand on what they are given, alone or joined. */
  private lookThrough(step: Step, maker: Node): boolean {
    const { search } = this;
    const [a = "", b = ""] = maker.inputs;
    if (isOp(maker, "Gather", "GatherND", "GatherElements") && search.isStored(a) && search.isFloat(a)) {
      this.found.biases.push(`a table of biases, ${a}`);
    } else if (
      isCarrier(maker) ||
      isOp(maker, "Slice", "Tile", "Pad", "Split", "Gather", "GatherND", "GatherElements", "Clip", "Resize")
    ) {
      this.go(step, a);
    } else if (isOp(maker, "Not", "Neg")) {
      this.go(step, a, { flip: true });
    } else if (isOp(maker, "And", "Or", "Min", "Max")) {
      const hidesByEach = isOp(maker, "And", "Min") === (step.sense === 1);
      for (const input of maker.inputs) {
        this.go(step, input, { shared: !hidesByEach });
      }
    } else if (isOp(maker, "Add", "Sum", "Concat")) {
      for (const input of maker.inputs) {
        this.go(step, input);
      }
    } else if (isOp(maker, "Sub")) {
      this.go(step, a);
      this.go(step, b, { flip: true });
    } else if (isOp(maker, "Mul", "Div")) {
      this.scaled(step, maker);
    } else if (isOp(maker, "ScatterND", "ScatterElements")) {
      this.go(step, a, { shared: true });
      this.go(step, maker.inputs[2] ?? "", { shared: true });
    } else if (isOp(maker, "Range")) {
      this.found.biases.push(`distances of positions, ${labelOf(maker, step.value)}`);
    } else if (isOp(maker, "Where")) {
      this.chosen(step, maker);
    } else {
      return false;
    }
    return true;
  }

  private scaled(step: Step, maker: Node): void {
    const [a = "", b = ""] = maker.inputs;
    const [left, right] = [this.number(a), this.number(b)];
    if (right !== undefined) {
      this.go(step, a, { flip: right < 0 });
    } else if (left !== undefined && isOp(maker, "Mul")) {
      this.go(step, b, { flip: left < 0 });
    } else {
      this.go(step, a);
      this.go(step, b);
    }
  }

  /** Where: constants on both sides make the condition the mask; one that hides leaves the rest to the other side. */
  private chosen(step: Step, maker: Node): void {
    const [condition = "", a = "", b = ""] = maker.inputs;
    const [first, second] = [this.number(a), this.number(b)];
    if (first !== undefined && second !== undefined) {
      if (first !== second) {
        this.go(step, condition, { flip: first < second });
      }
      return;
    }
    const hides = (number: number | undefined) =>
      number !== undefined && (step.sense === 1 ? number <= HIDES : number > 0);
    const kept = { ...step, sense: 1 } as const;
    const [constant, rest] = first === undefined ? [second, a] : [first, b];
    if (constant === undefined) {
      this.go(step, a, { shared: true });
      this.go(step, b, { shared: true });
      this.go(kept, condition, { shared: true });
      return;
    }
    // Where the constant is chosen, the key is hidden or seen: the condition itself, or its opposite, tells which.
    const shared = !hides(constant);
    const flip = (first !== undefined) !== shared;
    this.go(kept, condition, { flip, shared });
    this.go(step, rest, { shared });
  }

  private compared(step: Step, maker: Node): boolean {
    const { search } = this;
    const [a = "", b = ""] = maker.inputs;
    if (isOp(maker, "Trilu")) {
      this.halved(step, maker);
      return true;
    }
    if (isOp(maker, "Equal")) {
      this.equal(step, maker);
      return true;
    }
    if (!isOp(maker, "Less", "LessOrEqual", "Greater", "GreaterOrEqual")) {
      return false;
    }
    const bounds = boundsOf(search, maker, step.sense === 1);
    if (bounds !== undefined) {
      this.bound(step, { ...bounds, evidence: `${labelOf(maker, step.value)} of positions` });
    } else if (this.number(b) !== undefined && positionsOf(search, a) === undefined) {
      this.go(step, a, { flip: isOp(maker, "Less", "LessOrEqual") });
    }
    return true;
  }

  /** Compared with 0 or 1: the other way round, or as it is. Blocks of positions see themselves alone. */
  private equal(step: Step, maker: Node): void {
    const [a = "", b = ""] = maker.inputs;
    const number = this.number(b);
    const before = this.search.maker(a);
    if (number !== undefined && before !== undefined && !isOp(before, "Sub")) {
      this.go(step, a, { flip: number === 0 });
      return;
    }
    const widths = [a, b].map((side) => this.blockWidth(side));
    if (step.sense === 1 && step.alone && widths[0] !== undefined && widths[0] === widths[1]) {
      this.found.blocks.push({
        keys: widths[0],
        evidence: `${labelOf(maker, step.value)} of blocks of positions`,
      });
    }
  }

  private blockWidth(value: string): number | undefined {
    const { search } = this;
    const maker = search.maker(value);
    const width = maker !== undefined && isOp(maker, "Div") ? this.number(maker.inputs[1] ?? "") : undefined;
    const positions = width === undefined ? undefined : positionsOf(search, maker?.inputs[0] ?? "");
    return positions === undefined || Math.abs(positions.query) + Math.abs(positions.key) !== 1
      ? undefined
      : width;
  }

  /** Trilu keeps one half of its input, and makes the other 0. */
  private halved(step: Step, maker: Node): void {
    const { search } = this;
    const [input = "", diagonal = ""] = maker.inputs;
    const by = diagonal === "" ? 0 : this.number(diagonal);
    const isUpper = (intAttribute(maker, "upper") ?? 1) !== 0;
    const fill = this.filled(input) ?? (search.isFloat(input) ? -1 : 1);
    const keptIsSeen = fill > 0 === (step.sense === 1);
    const evidence = `${labelOf(maker, step.value)}`;
    const rows = search.fact(step.value).shape?.at(-2);
    if (by === undefined) {
      this.found.opaque.push(step.value);
    } else if (keptIsSeen === isUpper) {
      this.bound(step, { from: keptIsSeen ? by : by + 1, to: undefined, evidence, rows });
    } else {
      this.bound(step, { from: undefined, to: keptIsSeen ? by : by - 1, evidence, rows });
    }
  }

  private bound(step: Step, bound: MaskParts["bounds"][number]): void {
    if (step.alone) {
      this.found.bounds.push(bound);
    } else {
      this.found.opaque.push(step.value);
    }
  }

  /** The number that a value is everywhere. */
  private filled(value: string): number | undefined {
    const { search } = this;
    let at = value;
    for (let steps = 0; steps < 16; steps++) {
      const known = this.number(at);
      const maker = search.maker(at);
      if (known !== undefined || maker === undefined) {
        return known ?? this.firstStored(at);
      }
      if (isOp(maker, "ConstantOfShape")) {
        const held = maker.attributes.get("value");
        return held?.type === "tensor" ? this.read(held.value)?.[0] : 0;
      }
      if (!isCarrier(maker)) {
        return undefined;
      }
      at = maker.inputs[0] ?? "";
    }
    return undefined;
  }

  private firstStored(value: string): number | undefined {
    const tensor = this.search.tensor(value);
    return tensor && this.read(tensor)?.[0];
  }

  /** The one number of a constant, or of one that was spread over a shape. */
  private number(value: string): number | undefined {
    const { search } = this;
    let at = value;
    for (let steps = 0; steps < 8; steps++) {
      const [only] = search.fact(at).small ?? [];
      if (search.fact(at).small?.length === 1 && typeof only === "number") {
        return only;
      }
      const maker = search.maker(at);
      const tensor = search.tensor(at);
      if (tensor !== undefined) {
        return tensor.dims.every((dim) => dim === 1) ? this.read(tensor)?.[0] : undefined;
      }
      if (maker === undefined || !(isCarrier(maker) || isOp(maker, "CastLike"))) {
        return undefined;
      }
      at = maker.inputs[0] ?? "";
    }
    return undefined;
  }

  private stored(tensor: TensorRef, step: Step): void {
    const { found } = this;
    const { value } = step;
    const { dims } = tensor;
    const [rows = 1, columns = 1] = dims.slice(-2);
    if (dims.length < 2 || rows < 2 || columns < 2) {
      return;
    }
    const values = this.read(tensor);
    const pattern = values && patternOf(values, rows, columns);
    if (pattern !== undefined) {
      this.bound(step, { ...pattern, evidence: `a stored triangle or band, ${value}`, rows: undefined });
    } else if (dims.length >= 3 && dims.at(-3)! > 1 && this.search.isFloat(value)) {
      found.biases.push(`stored biases, ${value}`);
    } else if (values === undefined) {
      found.opaque.push(value);
    }
  }
}

function labelOf(node: Node, value: string): string {
  return `${node.opType} ${node.name || value}`;
}
