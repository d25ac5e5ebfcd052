/**
 * A worker of vitest that stays: the next run of a test file gets the same process, in which the libraries are already
 * loaded. Modules of the project are loaded anew for each file, as `isolate` says.
 */
import { ForksPoolWorker, type PoolOptions, type WorkerRequest } from "vitest/node";

type Listener = Parameters<ForksPoolWorker["on"]>[1];

let kept: ForksPoolWorker | undefined;

/** Forgets the process, so that the next run starts another. */
export async function dropKeptWorker(): Promise<void> {
  const worker = kept;
  kept = undefined;
  await worker?.stop();
}

/** The message that sets the process up, so that modules are loaded anew also for test files that else share theirs. */
const isolated = (message: WorkerRequest): WorkerRequest =>
  message?.type === "start"
    ? { ...message, context: { ...message.context, config: { ...message.context.config, isolate: true } } }
    : message;

/** Stands for one run in the kept process. To vitest it is a worker that starts and stops with the run. */
class KeptWorker extends ForksPoolWorker {
  override readonly name = "kept";
  readonly #listeners: (readonly [event: string, listener: Listener])[] = [];
  readonly #options: PoolOptions;
  #process: ForksPoolWorker | undefined;
  #isNew = false;

  constructor(options: PoolOptions) {
    super(options);
    this.#options = options;
  }

  override async start(): Promise<void> {
    this.#isNew = kept === undefined;
    if (!kept) {
      kept = new ForksPoolWorker(this.#options);
      await kept.start();
      kept.on("exit", () => {
        kept = undefined;
      });
    }
    this.#process = kept;
  }

  override on(event: string, listener: Listener): void {
    this.#listeners.push([event, listener]);
    this.#process?.on(event, listener);
  }

  override off(event: string, listener: Listener): void {
    this.#process?.off(event, listener);
  }

  override send(message: WorkerRequest): void {
    // The process is set up once and never torn down; vitest waits for the answers.
    if (message?.type === "stop") this.#answer("stopped");
    else if (message?.type === "start" && !this.#isNew) this.#answer("started");
    else this.#process?.send(isolated(message));
  }

  override stop(): Promise<void> {
    for (const [event, listener] of this.#listeners) this.off(event, listener);
    return Promise.resolve();
  }

  #answer(type: string): void {
    queueMicrotask(() => {
      for (const [event, listener] of this.#listeners) {
        if (event === "message") listener({ type, __vitest_worker_response__: true });
      }
    });
  }
}

/** For vitest's option `pool`. */
export const keptWorkers = {
  name: "kept",
  createPoolWorker: (options: PoolOptions): ForksPoolWorker => new KeptWorker(options),
};
