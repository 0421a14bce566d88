export interface ConcentrationPoint {
  readonly tensors: number;
  readonly params: number;
}

/** Share of the tensors, largest first, with which a share of the parameters is reached. */
export function tensorsFor(points: readonly ConcentrationPoint[], params: number): number {
  const after = points.findIndex((point) => point.params >= params);
  const right = points[after];
  const left = points[after - 1];
  if (right === undefined || left === undefined || right.params === left.params) {
    return right?.tensors ?? 1;
  }
  const part = (params - left.params) / (right.params - left.params);
  return left.tensors + part * (right.tensors - left.tensors);
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
