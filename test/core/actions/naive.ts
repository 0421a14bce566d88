/** Weights as int8 with a scale for each slice along an axis, worked out element by element, and what they mean. */
export function naiveInt8(values: ArrayLike<number>, dims: readonly number[], axis: number) {
  const inner = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const channel = (index: number) => Math.floor(index / inner) % dims[axis]!;
  const largest = new Float64Array(dims[axis]!);
  for (let index = 0; index < values.length; index++) {
    largest[channel(index)] = Math.max(largest[channel(index)]!, Math.abs(values[index]!));
  }
  const scales = Float32Array.from(largest, (size) => size / 127);
  const restored = Float32Array.from(values, (value, index) => {
    const scale = scales[channel(index)]!;
    const quotient = Math.fround(value / scale);
    const rounded = Math.round(quotient);
    const tie = Math.abs(quotient % 1) === 0.5;
    const even = tie ? 2 * Math.round(quotient / 2) : rounded;
    return Math.max(-127, Math.min(127, even)) * scale;
  });
  return { scales, restored };
}
