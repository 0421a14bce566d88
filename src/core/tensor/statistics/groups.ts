/** 2:4 sparsity, which sparse tensor cores need: of each 4 values that are summed together at most 2 are not zero. */
export const GROUP = { keep: 2, of: 4 } as const;

/** Where the values that are summed together lie: position = (outer · size + i) · inner + rest for i in 0…size-1. */
export interface SummedAxis {
  readonly size: number;
  readonly inner: number;
}

/** Counts the groups of 4 neighbours along an axis that have enough zeros, in values that come in order. */
export class Groups {
  private readonly axis: SummedAxis;
  /** Zeros so far in the group at each place beside the axis. */
  private readonly zeros: Uint8Array;
  private isDirty = false;
  private compliant = 0;

  constructor(axis: SummedAxis) {
    this.axis = axis;
    this.zeros = new Uint8Array(axis.inner);
  }

  /** Part of the groups that comply; a rest of fewer than 4 at the end of the axis is no group. Undefined without groups. */
  share(elements: number): number | undefined {
    const { size, inner } = this.axis;
    const groups = Math.floor(size / GROUP.of) * inner * (elements / (size * inner));
    return groups > 0 ? this.compliant / groups : undefined;
  }

  /** Goes on over values without a zero. */
  skip(first: number, count: number): void {
    if (this.isDirty) {
      this.walk(first, count);
    }
  }

  scan(values: Float32Array | Float64Array, first: number): void {
    this.walk(first, values.length, values);
  }

  private walk(first: number, count: number, values?: Float32Array | Float64Array): void {
    const { size, inner } = this.axis;
    if (inner === 1) {
      this.walkRow(first, count, values);
      return;
    }
    let row = Math.floor(first / inner) % size;
    let column = first % inner;
    for (let at = 0; at < count; ) {
      const end = Math.min(count, at + inner - column);
      if (values !== undefined) {
        this.countZeros(values, at, end, column);
      }
      if (column + end - at === inner) {
        this.endRow(row);
        row = row + 1 === size ? 0 : row + 1;
        column = 0;
      }
      at = end;
    }
  }

  private countZeros(
    values: Float32Array | Float64Array,
    from: number,
    to: number,
    firstColumn: number,
  ): void {
    const { zeros } = this;
    for (let at = from, column = firstColumn; at < to; at++, column++) {
      // No branch: where half of the values are zero, a processor guesses wrong half of the time.
      zeros[column]! += Number(values[at] === 0);
    }
    this.isDirty = true;
  }

  private endRow(row: number): void {
    const isFull = row % GROUP.of === GROUP.of - 1;
    if (!this.isDirty || !(isFull || row + 1 === this.axis.size)) {
      return;
    }
    if (isFull) {
      for (const count of this.zeros) {
        this.compliant += Number(count >= GROUP.of - GROUP.keep);
      }
    }
    this.zeros.fill(0);
    this.isDirty = false;
  }

  /** The groups are neighbours in memory. */
  private walkRow(first: number, count: number, values?: Float32Array | Float64Array): void {
    const { size } = this.axis;
    let zeros = this.zeros[0]!;
    let place = first % size;
    let { compliant } = this;
    for (let at = 0; at < count; at++) {
      if (values !== undefined && values[at] === 0) {
        zeros++;
      }
      if (place % GROUP.of === GROUP.of - 1) {
        compliant += Number(zeros >= GROUP.of - GROUP.keep);
        zeros = 0;
        if (values === undefined) {
          place = -1;
          break;
        }
      }
      if (++place === size) {
        place = 0;
        zeros = 0;
      }
    }
    this.compliant = compliant;
    this.zeros[0] = zeros;
    this.isDirty = zeros > 0;
  }
}
