import { ModelError } from "../errors";
import type { TensorRef } from "../model/types";

/** Where the channel of an element is found: channel = floor(i / inner) mod channels. */
export interface ChannelLayout {
  readonly channels: number;
  readonly inner: number;
}

export function channelLayout(tensor: TensorRef, axis: number): ChannelLayout {
  const channels = tensor.dims[axis];
  if (channels === undefined) {
    throw new ModelError("inconsistent", `Tensor ${tensor.name} has no axis ${axis}.`, {
      tensor: tensor.name,
    });
  }
  return { channels, inner: tensor.dims.slice(axis + 1).reduce((product, dim) => product * dim, 1) };
}

/**
 * Stretches of a chunk that starts at element `first`, as indices into the chunk: the channel of the first element,
 * and how much it grows with each, 0 inside a channel's slice and 1 where the channels are the last axis. No callbacks,
 * since the loops over elements, through which gigabytes pass, are several times faster with variables of their own.
 */
export class Runs {
  from = 0;
  to = 0;
  channel: number;
  readonly step: 0 | 1;
  private readonly channels: number;
  private readonly period: number;
  private readonly count: number;
  private left: number;

  constructor({ channels, inner }: ChannelLayout, first: number, count: number) {
    this.channels = channels;
    this.step = inner === 1 ? 1 : 0;
    this.period = inner === 1 ? channels : inner;
    this.count = count;
    this.left = this.period - (first % this.period);
    // One before, since every step goes on to the next.
    this.channel = (Math.floor(first / inner) % channels) - 1;
  }

  next(): boolean {
    const isFirst = this.to === 0;
    this.from = this.to;
    if (this.from >= this.count) {
      return false;
    }
    this.to = Math.min(this.count, this.from + this.left);
    this.left = this.period;
    if (this.step === 0) {
      this.channel = this.channel + 1 === this.channels ? 0 : this.channel + 1;
    } else {
      this.channel = isFirst ? this.channel + 1 : 0;
    }
    return true;
  }
}
