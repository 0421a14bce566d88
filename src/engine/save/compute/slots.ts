import { CHUNK_BYTES } from "../../../core/tensor/reader";

/** What an int8 kernel makes of one chunk of float32. */
const SLOT_BYTES = CHUNK_BYTES / 4;
/** 12 MiB for each worker: enough to run ahead by some tensors while others are written. */
const SLOTS = 48;

/** Memory of two threads, which bounds how far the one that computes runs ahead of the one that writes. */
export interface SlotMemory {
  readonly bytes: SharedArrayBuffer;
  /** Int32: how many slots are free, then for each slot 1 while it is taken. */
  readonly state: SharedArrayBuffer;
}

export interface Slot {
  readonly slot: number;
  readonly length: number;
}

export function slotMemory(): SlotMemory {
  const memory = {
    bytes: new SharedArrayBuffer(SLOTS * SLOT_BYTES),
    state: new SharedArrayBuffer(4 * (1 + SLOTS)),
  };
  new Int32Array(memory.state)[0] = SLOTS;
  return memory;
}

/** The end that computes. */
export class SlotWriter {
  private readonly bytes: Uint8Array;
  private readonly state: Int32Array;

  constructor(memory: SlotMemory) {
    this.bytes = new Uint8Array(memory.bytes);
    this.state = new Int32Array(memory.state);
  }

  /** Copies bytes into as many slots as they need; the thread stands still while none is free. */
  write(bytes: Uint8Array, onSlot: (filled: Slot) => void): void {
    for (let at = 0; at < bytes.length; at += SLOT_BYTES) {
      const piece = bytes.subarray(at, at + SLOT_BYTES);
      const slot = this.take();
      this.bytes.set(piece, slot * SLOT_BYTES);
      onSlot({ slot, length: piece.length });
    }
  }

  private take(): number {
    while (Atomics.load(this.state, 0) === 0) {
      Atomics.wait(this.state, 0, 0);
    }
    Atomics.sub(this.state, 0, 1);
    for (let slot = 0; ; slot++) {
      if (Atomics.load(this.state, 1 + slot) === 0) {
        Atomics.store(this.state, 1 + slot, 1);
        return slot;
      }
    }
  }
}

/** The end that takes what was computed. */
export class SlotReader {
  private readonly bytes: Uint8Array;
  private readonly state: Int32Array;

  constructor(memory: SlotMemory) {
    this.bytes = new Uint8Array(memory.bytes);
    this.state = new Int32Array(memory.state);
  }

  view({ slot, length }: Slot): Uint8Array {
    return this.bytes.subarray(slot * SLOT_BYTES, slot * SLOT_BYTES + length);
  }

  giveBack({ slot }: Slot): void {
    Atomics.store(this.state, 1 + slot, 0);
    Atomics.add(this.state, 0, 1);
    Atomics.notify(this.state, 0);
  }
}
