export interface ConcentrationPoint {
  readonly tensors: number;
  readonly params: number;
}

/** Share of the parameters at a share of the tensors, in straight lines between the points. */
export function paramsAt(points: readonly ConcentrationPoint[], tensors: number): number {
  const after = points.findIndex((point) => point.tensors >= tensors);
  if (after < 0) {
    return points.at(-1)?.params ?? 0;
  }
  const right = points[after]!;
  const left = points[after - 1];
  if (left === undefined || right.tensors === left.tensors) {
    return right.params;
  }
  const part = (tensors - left.tensors) / (right.tensors - left.tensors);
  return left.params + part * (right.params - left.params);
}
