import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type CancellationToken,
  CancellationTokenSource,
  createMessageConnection,
  type DataCallback,
  type Disposable,
  type Message,
  ResponseError,
} from "vscode-jsonrpc";
import type { ErrorData } from "../protocol/problem";
import type { CallContext, Handlers, ParamsOf, ResultOf } from "./contract";
import { errorDataOf, RpcError } from "./error";
import type { Port } from "./port";

/** One side of a typed channel: it calls `Remote`, hears `RemoteEvents`, and may serve an API and emit events itself. */
export interface Peer<Remote, RemoteEvents, LocalEvents> {
  call<M extends keyof Remote & string>(
    method: M,
    params: ParamsOf<Remote, M>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<ResultOf<Remote, M>>;
  on<E extends keyof RemoteEvents & string>(
    event: E,
    listener: (payload: RemoteEvents[E]) => void,
  ): Disposable;
  emit<E extends keyof LocalEvents & string>(event: E, payload: LocalEvents[E]): void;
  /** Rejects what is pending; later calls are rejected too. */
  dispose(): void;
}

type AnyHandler = (params: unknown, context: CallContext) => unknown;

/** Words of the JSON-RPC implementation for a failed handler; ours are in `data`. */
const HANDLER_FAILED = -32000;

class PortReader extends AbstractMessageReader {
  private readonly port: Port;

  constructor(port: Port) {
    super();
    this.port = port;
  }

  listen(callback: DataCallback): Disposable {
    this.port.listen((message) => callback(message as Message));
    this.port.onClose?.(() => this.fireClose());
    return { dispose: () => {} };
  }
}

class PortWriter extends AbstractMessageWriter {
  private readonly port: Port;

  constructor(port: Port) {
    super();
    this.port = port;
  }

  write(message: Message): Promise<void> {
    this.port.post(message);
    return Promise.resolve();
  }

  end(): void {}
}

/**
 * Connects to the other end of `port`. Every handler that throws answers with ErrorData; every call that fails rejects
 * with RpcError, also when the channel closes.
 */
export function createPeer<Local, LocalEvents, Remote, RemoteEvents>(
  port: Port,
  handlers: Handlers<Local>,
): Peer<Remote, RemoteEvents, LocalEvents> {
  const connection = createMessageConnection(new PortReader(port), new PortWriter(port));
  const listeners = new Map<string, Set<(payload: never) => void>>();
  let closed = false;

  for (const [method, handler] of Object.entries(handlers)) {
    connection.onRequest(method, async (params: unknown, token: CancellationToken) => {
      const abort = new AbortController();
      const subscription = token.onCancellationRequested(() => abort.abort());
      try {
        const result = await (handler as AnyHandler)(params, { signal: abort.signal });
        return result === undefined ? null : result;
      } catch (thrown) {
        const data = errorDataOf(thrown);
        return new ResponseError<ErrorData>(HANDLER_FAILED, data.message, data);
      } finally {
        subscription.dispose();
      }
    });
  }
  connection.onNotification((event, ...params) => {
    for (const listener of listeners.get(event) ?? []) {
      listener(params[0] as never);
    }
  });
  connection.onClose(() => {
    closed = true;
    connection.dispose();
  });
  connection.listen();

  const gone: ErrorData = { code: "internal", message: "The other side of the channel is gone." };
  return {
    async call(method, params, options) {
      if (closed) {
        throw new RpcError(gone);
      }
      const source = new CancellationTokenSource();
      const cancel = () => source.cancel();
      if (options?.signal?.aborted) {
        throw new RpcError({ code: "cancelled", message: "Cancelled." });
      }
      options?.signal?.addEventListener("abort", cancel, { once: true });
      try {
        return await connection.sendRequest(method, params, source.token);
      } catch (thrown) {
        if (thrown instanceof ResponseError && thrown.code === HANDLER_FAILED) {
          throw new RpcError(thrown.data as ErrorData);
        }
        throw new RpcError(closed ? gone : { code: "internal", message: (thrown as Error).message });
      } finally {
        options?.signal?.removeEventListener("abort", cancel);
        source.dispose();
      }
    },
    on(event, listener) {
      const set = listeners.get(event) ?? new Set();
      listeners.set(event, set);
      set.add(listener as (payload: never) => void);
      return { dispose: () => set.delete(listener as (payload: never) => void) };
    },
    emit(event, payload) {
      if (!closed) {
        connection.sendNotification(event, payload).catch(() => {});
      }
    },
    dispose() {
      if (!closed) {
        closed = true;
        connection.dispose();
      }
    },
  };
}
