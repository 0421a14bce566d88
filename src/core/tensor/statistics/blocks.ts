/** Sides of the square blocks that are looked at; each is made of 4×4 of the one before. */
export const BLOCK_SIDES = [4, 16, 64] as const;
const GROWTH = 4;

interface Level {
  readonly side: number;
  /** 1 for each block of the current band of rows that has a value other than zero. */
  readonly filled: Uint8Array;
  zeroBlocks: number;
  blocks: number;
}

/** Counts the wholly zero blocks of a matrix whose values come row by row. Blocks at the right and lower edge are cut. */
export class Blocks {
  private readonly rows: number;
  private readonly columns: number;
  private readonly levels: readonly Level[];
  private isWhole = false;

  constructor(rows: number, columns: number) {
    this.rows = rows;
    this.columns = columns;
    this.levels = BLOCK_SIDES.filter((side) => side <= rows && side <= columns).map((side) => ({
      side,
      filled: new Uint8Array(Math.ceil(columns / side)),
      zeroBlocks: 0,
      blocks: 0,
    }));
  }

  shares(): { readonly rows: number; readonly columns: number; readonly zeroShare: number }[] {
    return this.levels.map(({ side, zeroBlocks, blocks }) => ({
      rows: side,
      columns: side,
      zeroShare: zeroBlocks / blocks,
    }));
  }

  /** Goes on over values without a zero. */
  skip(first: number, count: number): void {
    this.walk(first, count);
  }

  scan(values: Float32Array | Float64Array, first: number): void {
    this.walk(first, values.length, values);
  }

  private walk(first: number, count: number, values?: Float32Array | Float64Array): void {
    const { columns, levels } = this;
    const smallest = levels[0];
    if (smallest === undefined) {
      return;
    }
    let row = Math.floor(first / columns);
    let column = first % columns;
    for (let at = 0; at < count; ) {
      const end = Math.min(count, at + columns - column);
      const next = column + end - at;
      if (values !== undefined) {
        markFilled(smallest.filled, values, at, end, column);
      } else if (next - column === columns) {
        this.isWhole = true;
      } else {
        smallest.filled.fill(1, Math.floor(column / smallest.side), Math.ceil(next / smallest.side));
      }
      column = next;
      if (column === columns) {
        this.endRow(row);
        row++;
        column = 0;
      }
      at = end;
    }
  }

  private endRow(row: number): void {
    const isLast = row + 1 === this.rows;
    for (let index = 0; index < this.levels.length; index++) {
      const level = this.levels[index]!;
      if (!isLast && (row + 1) % level.side !== 0) {
        return;
      }
      if (index === 0 && this.isWhole) {
        level.filled.fill(1);
        this.isWhole = false;
      }
      count(level, this.levels[index + 1]);
    }
  }
}

function count(level: Level, above: Level | undefined): void {
  const { filled } = level;
  level.blocks += filled.length;
  for (let block = 0; block < filled.length; block++) {
    if (filled[block] === 0) {
      level.zeroBlocks++;
    } else if (above !== undefined) {
      above.filled[Math.floor(block / GROWTH)] = 1;
    }
  }
  filled.fill(0);
}

function markFilled(
  filled: Uint8Array,
  values: Float32Array | Float64Array,
  from: number,
  to: number,
  firstColumn: number,
): void {
  const side = BLOCK_SIDES[0];
  for (let at = from, column = firstColumn; at < to; ) {
    const block = Math.floor(column / side);
    const end = Math.min(to, at + (block + 1) * side - column);
    let isFilled = filled[block]!;
    for (; at < end; at++, column++) {
      isFilled |= Number(values[at] !== 0);
    }
    filled[block] = isFilled;
  }
}
