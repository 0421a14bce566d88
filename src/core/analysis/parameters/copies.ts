import type { TensorRef } from "../../model/types";
import { type Hash, LineHash, MatrixHash } from "../../tensor/contentHash";
import type { DType } from "../../tensor/dtype";
import { byteLength } from "../../tensor/size";

/** Smaller tensors that happen to be alike waste nothing worth a word. */
export const COMPARED_FROM_BYTES = 256;

/** Hashes of a tensor's content; of a square matrix also that of its transpose. */
export interface Content {
  /** How it was hashed: contents compare only where this is the same. */
  readonly way: string;
  /** Of the matrix with the shorter side as its rows, or of all bytes in order. */
  readonly hash: Hash;
  /** Of a square matrix: that of its transpose. */
  readonly turned?: Hash;
}

/** Tensors that may be alike, and the way in which their contents are to be compared. */
export interface CopyGroup<T> {
  readonly way: string;
  readonly members: readonly T[];
}

/**
 * Groups of tensors with the same type and size, by which alone some may be copies or transposes of others; in each, the
 * order is that of the file. What has nothing of its size is in none and need not be read.
 */
export function copyGroups<T extends { readonly tensor: TensorRef }>(all: readonly T[]): CopyGroup<T>[] {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const { tensor } = one;
    if (byteLength(tensor) >= COMPARED_FROM_BYTES && tensor.sparse === undefined) {
      const key = `${tensor.dtype} ${[...sidesOf(tensor)].sort((a, b) => a - b).join("×")}`;
      collect(groups, key, one);
    }
  }
  return [...groups.values()].flatMap((members) => {
    if (members.length === 1) {
      return [];
    }
    const byShape = new Map<string, T[]>();
    for (const one of members) {
      collect(byShape, sidesOf(one.tensor).join("×"), one);
    }
    const [first] = members;
    const { dtype } = first!.tensor;
    const sides = sidesOf(first!.tensor);
    const mayTurn =
      sides.length === 2 &&
      (byShape.size > 1 || sides[0] === sides[1]) &&
      MatrixHash.canTake(dtype, Math.max(...sides));
    return mayTurn
      ? [{ way: "matrix", members }]
      : [...byShape.values()]
          .filter((some) => some.length > 1)
          .map((some) => ({ way: "line", members: some }));
  });
}

function collect<T>(lists: Map<string, T[]>, key: string, one: T): void {
  const list = lists.get(key);
  if (list === undefined) {
    lists.set(key, [one]);
  } else {
    list.push(one);
  }
}

/** Hashes one tensor from its raw bytes, which come in order. */
export class ContentReading {
  private readonly way: string;
  private readonly isSquare: boolean;
  private readonly matrix: MatrixHash | undefined;
  private readonly line: LineHash | undefined;

  constructor(tensor: TensorRef, way: string) {
    const [rows = 1, columns = 1] = sidesOf(tensor);
    this.way = way;
    this.isSquare = way === "matrix" && rows === columns;
    if (way === "matrix") {
      const kinds = this.isSquare
        ? (["straight", "turned"] as const)
        : ([rows < columns ? "straight" : "turned"] as const);
      this.matrix = new MatrixHash(tensor.dtype as DType, columns, kinds);
    } else {
      this.line = new LineHash();
    }
  }

  add(bytes: Uint8Array): void {
    this.matrix?.add(bytes);
    this.line?.add(bytes);
  }

  content(): Content {
    const [hash, turned] = this.matrix?.digests() ?? [this.line!.digest()];
    return { way: this.way, hash: hash!, ...(turned === undefined ? {} : { turned }) };
  }
}

export interface Copy<T> {
  readonly kind: "copy" | "transposed";
  /** The first tensor of the file with that content. */
  readonly of: T;
}

/** Which members of a group repeat an earlier one. */
export function copiesIn<T extends { readonly tensor: TensorRef }>(
  { members }: CopyGroup<T>,
  contentOf: (member: T) => Content,
): Map<T, Copy<T>> {
  const firsts = new Map<Hash, T>();
  const copies = new Map<T, Copy<T>>();
  for (const member of members) {
    const { hash, turned } = contentOf(member);
    const same = firsts.get(hash);
    const mirrored = turned === undefined ? undefined : firsts.get(turned);
    if (same !== undefined) {
      const isAlike = sidesOf(same.tensor).join() === sidesOf(member.tensor).join();
      copies.set(member, { kind: isAlike ? "copy" : "transposed", of: same });
    } else if (mirrored !== undefined) {
      copies.set(member, { kind: "transposed", of: mirrored });
    } else {
      firsts.set(hash, member);
    }
  }
  return copies;
}

/** The dims that matter for the order of elements. */
function sidesOf({ dims }: TensorRef): readonly number[] {
  return dims.filter((dim) => dim !== 1);
}
