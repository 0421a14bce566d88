import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { ModelError } from "../../../core/errors";
import type { TensorRef } from "../../../core/model/types";
import { byteLength } from "../../../core/tensor/reader";
import type { ModelFiles } from "../../files/modelFiles";
import { SMALL_BYTES, taskGroups } from "./groups";
import { Inbox } from "./inbox";
import type { ComputeAnswer, ComputeSetup, ComputeTask } from "./messages";
import { type Slot, SlotReader, slotMemory } from "./slots";
import { locationsOf } from "./sources";

/** More would wait for the disk, and each holds memory. */
const MOST_WORKERS = 4;
/** Tasks that a worker has: the one that it is at, and the next. */
const TASKS_AHEAD = 2;
/** Computing less takes less time than starting threads. */
const WORTH_BYTES = 16 * 2 ** 20;

interface Piece {
  readonly bytes: Uint8Array;
  readonly giveBack: () => void;
}

interface Job {
  readonly id: number;
  readonly tensor: TensorRef;
  readonly inbox: Inbox<Piece>;
}

interface Helper {
  readonly worker: Worker;
  readonly slots: SlotReader;
  /** Tensors that it has still to finish, of each of its tasks. */
  readonly tasks: Set<number>[];
}

/**
 * Computes derived tensors in threads, ahead of whoever writes them. What runs ahead is bounded by the memory that each
 * thread shares with this one.
 */
export class ComputePool {
  private readonly helpers: readonly Helper[];
  private readonly jobs: readonly Job[];
  private readonly unclaimed: Map<TensorRef, Job>;
  private readonly groups: Iterator<readonly Job[]>;
  private ending = false;

  private constructor(program: string, tensors: readonly TensorRef[], files: ModelFiles) {
    const groups = taskGroups(tensors);
    this.jobs = groups.flat().map((tensor, id) => ({ id, tensor, inbox: new Inbox() }));
    this.unclaimed = new Map(this.jobs.map((job) => [job.tensor, job]));
    this.groups = groups.map((group) => group.map((tensor) => this.unclaimed.get(tensor)!)).values();
    const sideFiles = Object.fromEntries(
      [...locationsOf(tensors)].map((location) => [location, files.open(location).openFile]),
    );
    const count = Math.min(MOST_WORKERS, availableParallelism(), groups.length);
    this.helpers = Array.from({ length: count }, () =>
      this.start(program, { source: files.source.openFile, sideFiles, memory: slotMemory() }),
    );
    for (let ahead = 0; ahead < TASKS_AHEAD; ahead++) {
      for (const helper of this.helpers) {
        this.giveTask(helper);
      }
    }
  }

  /**
   * A pool for derived tensors in the order in which they will be asked for; undefined where they are better computed
   * in this thread.
   *
   * @param program path of the workers' program, absent where there is none
   * @throws ModelError when a side file that a tensor needs cannot be opened
   */
  static for(
    program: string | undefined,
    tensors: readonly TensorRef[],
    files: ModelFiles,
  ): ComputePool | undefined {
    const derived = [...new Set(tensors)].filter(({ data }) => data.kind === "derived");
    const bytes = derived.reduce((sum, tensor) => sum + byteLength(tensor), 0);
    return program === undefined || bytes < WORTH_BYTES
      ? undefined
      : new ComputePool(program, derived, files);
  }

  /**
   * Raw bytes of a tensor, once; undefined when it is none of the pool's. A chunk is only valid until the next one is
   * asked for.
   *
   * @throws ModelError what computing it throws
   */
  chunks(tensor: TensorRef): AsyncIterable<Uint8Array> | undefined {
    const job = this.unclaimed.get(tensor);
    this.unclaimed.delete(tensor);
    return job === undefined ? undefined : handedOut(job.inbox);
  }

  /** Whoever waits for a chunk waits no longer. */
  fail(thrown: unknown): void {
    for (const { inbox } of this.jobs) {
      inbox.fail(thrown);
    }
  }

  /** Ends the threads at once, whatever they are doing; nobody reads from the model's files any more then. */
  async dispose(): Promise<void> {
    this.ending = true;
    await Promise.all(this.helpers.map(({ worker }) => worker.terminate()));
  }

  private start(program: string, setup: ComputeSetup): Helper {
    const worker = new Worker(program, { name: "onnxray compute", workerData: setup });
    const helper = { worker, slots: new SlotReader(setup.memory), tasks: [] };
    let reason = "";
    worker.on("message", (answer: ComputeAnswer) => this.take(helper, answer));
    worker.on("error", (error) => {
      reason = String(error);
    });
    worker.once("exit", () => {
      if (!this.ending) {
        this.fail(
          new ModelError(
            "internal",
            `A thread that computes weights has ended. ${reason}`.trimEnd(),
            {},
            "The file on disk is unchanged. Save once more.",
          ),
        );
      }
    });
    return helper;
  }

  private giveTask(helper: Helper): void {
    const { done, value: group } = this.groups.next();
    if (done === true) {
      return;
    }
    helper.tasks.push(new Set(group.map(({ id }) => id)));
    const task: ComputeTask = { tensors: group.map(({ id, tensor }) => ({ id, tensor })) };
    helper.worker.postMessage(task);
  }

  private take(helper: Helper, answer: ComputeAnswer): void {
    const { tensor, inbox } = this.jobs[answer.id]!;
    if (answer.kind === "bytes") {
      inbox.put(this.piece(helper, answer, byteLength(tensor) <= SMALL_BYTES));
      return;
    }
    if (answer.kind === "failed") {
      const { code, message, where, hint } = answer.error;
      inbox.fail(new ModelError(code, message, where, hint));
    } else {
      inbox.end();
    }
    const task = helper.tasks[0]!;
    task.delete(answer.id);
    if (task.size === 0) {
      helper.tasks.shift();
      this.giveTask(helper);
    }
  }

  /** @param isSmall it is copied out, so that it does not hold up the worker until its turn comes */
  private piece({ slots }: Helper, slot: Slot, isSmall: boolean): Piece {
    const bytes = slots.view(slot);
    if (!isSmall) {
      return { bytes, giveBack: () => slots.giveBack(slot) };
    }
    const copied = bytes.slice();
    slots.giveBack(slot);
    return { bytes: copied, giveBack: () => {} };
  }
}

async function* handedOut(inbox: Inbox<Piece>): AsyncGenerator<Uint8Array> {
  for await (const { bytes, giveBack } of inbox.items()) {
    yield bytes;
    giveBack();
  }
}
