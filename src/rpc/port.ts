/** One end of a channel that carries structured-clonable messages in order. */
export interface Port {
  post(message: unknown): void;
  listen(onMessage: (message: unknown) => void): void;
  /** Called once when the other side is gone; pending calls are then rejected. */
  onClose?(callback: () => void): void;
}

/** Two connected ports in one thread, for tests and for running the engine in-process. */
export function portPair(): [Port, Port] {
  const first: { deliver?: (message: unknown) => void } = {};
  const second: { deliver?: (message: unknown) => void } = {};
  const end = (own: typeof first, other: typeof first): Port => ({
    post: (message) => queueMicrotask(() => other.deliver?.(message)),
    listen: (onMessage) => {
      own.deliver = onMessage;
    },
  });
  return [end(first, second), end(second, first)];
}
