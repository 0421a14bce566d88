/** An API is an interface of methods that take one plain-data parameter; these types derive both ends from it. */
export type ParamsOf<A, M extends keyof A> = A[M] extends (params: infer P) => unknown ? P : never;
export type ResultOf<A, M extends keyof A> = A[M] extends (params: never) => infer R ? R : never;

export interface CallContext {
  /** Aborted when the caller cancels or the channel closes. */
  readonly signal: AbortSignal;
}

/** A missing handler does not compile. */
export type Handlers<A> = {
  readonly [M in keyof A]: (
    params: ParamsOf<A, M>,
    context: CallContext,
  ) => ResultOf<A, M> | Promise<ResultOf<A, M>>;
};
