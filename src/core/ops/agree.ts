import type { Dim, Fact } from "../facts/fact";
import { words } from "./dims";
import type { InferContext } from "./spec";
import type { Window } from "./window";
import { extent } from "./window";

/** Reports of operands whose sizes cannot go together; inference goes on with what the rules say. */

const differ = (a: Dim, b: Dim): boolean => typeof a === "number" && typeof b === "number" && a !== b;

/** Operands that NumPy's broadcasting refuses. */
export function checkBroadcast(ctx: InferContext, facts: readonly Fact[]): void {
  const shapes = facts.flatMap(({ shape }) => (shape === undefined ? [] : [shape]));
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  for (let axis = 1; axis <= rank; axis++) {
    const sizes = shapes.map((shape) => shape.at(-axis)).filter((size) => size !== 1 && size !== undefined);
    const [first] = sizes;
    const other = sizes.find((size) => differ(size, first));
    if (other !== undefined) {
      ctx.problem(`sizes ${words(first)} and ${words(other)} do not broadcast (axis -${axis})`);
      return;
    }
  }
}

/** Two statements about one size. */
export function checkSame(ctx: InferContext, a: Dim, b: Dim, what: string): void {
  if (differ(a, b)) {
    ctx.problem(`${what}: ${words(a)} and ${words(b)}`);
  }
}

/** Strides that go nowhere, and kernels larger than the padded input where nothing lets them hang over its end. */
export function checkWindow(ctx: InferContext, input: readonly Dim[] | undefined, window: Window): void {
  window.axes.forEach((axis, i) => {
    const reach = extent(axis);
    const size = input?.[i];
    if (axis.stride < 1 || axis.dilation < 1) {
      ctx.problem(`strides and dilations must be at least 1, not ${axis.stride} and ${axis.dilation}`);
    } else if (
      typeof reach === "number" &&
      typeof size === "number" &&
      !window.autoPad.startsWith("SAME") &&
      !window.ceil &&
      size + axis.begin + axis.end < reach
    ) {
      ctx.problem(`a kernel of ${reach} does not fit into ${size + axis.begin + axis.end} (axis ${i + 2})`);
    }
  });
}
