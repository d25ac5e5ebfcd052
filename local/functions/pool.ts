/** All instances of one function: as many as there are events at once, up to a limit, then a queue. */
import { randomUUID } from "node:crypto";
import { availableParallelism } from "node:os";
import { Instance, type InstanceHost, type InstanceSpec, type InvocationResult } from "./instance.ts";

/** How far a function scales on this machine; SCF itself is bounded by the account's quota only. */
export interface PoolLimits {
  readonly maxInstances: number;
  /** How many of its instances may be starting at once. Here they share the processors, so more would delay all; on SCF they do not. */
  readonly maxStarting: number;
  readonly maxQueued: number;
  /** An instance without events for this long is ended. */
  readonly idleTimeoutMs: number;
}

const STOPPING: InvocationResult = { ok: false, statusCode: 439, message: "The stack is stopping" };
const DEFAULT_LIMITS: PoolLimits = {
  maxInstances: 8,
  maxStarting: availableParallelism(),
  maxQueued: 1000,
  idleTimeoutMs: 5 * 60_000,
};

interface Waiting {
  readonly event: unknown;
  readonly requestId: string;
  readonly settle: (result: InvocationResult) => void;
}

/** The instances of one function. */
export class Pool {
  invocations = 0;
  errors = 0;
  readonly #instances = new Set<Instance>();
  readonly #queue: Waiting[] = [];
  readonly #spec: InstanceSpec;
  readonly #host: InstanceHost;
  readonly #limits: PoolLimits;
  readonly #sweep: NodeJS.Timeout;
  #stopped = false;

  constructor(spec: InstanceSpec, host: InstanceHost, limits: Partial<PoolLimits> = {}) {
    this.#spec = spec;
    this.#host = host;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    const every = Math.min(10_000, this.#limits.idleTimeoutMs);
    this.#sweep = setInterval(() => this.#endIdle(), every).unref();
  }

  /** How many instances live. */
  get size(): number {
    return this.#instances.size;
  }

  /** Starts one instance ahead of the first event; the outcome says why when the bundle does not load. */
  warm(): Promise<InvocationResult> {
    return this.#start().loaded;
  }

  /** Runs one event; never throws. */
  async invoke(event: unknown, requestId: string = randomUUID()): Promise<InvocationResult> {
    this.invocations += 1;
    const outcome = await this.#enqueue(event, requestId);
    if (!outcome.ok) this.errors += 1;
    return outcome;
  }

  /** Ends every instance at once. Events in flight fail. */
  stop(): void {
    this.#stopped = true;
    clearInterval(this.#sweep);
    for (const instance of this.#instances) instance.kill();
    for (const waiting of this.#queue.splice(0)) waiting.settle(STOPPING);
  }

  #enqueue(event: unknown, requestId: string): Promise<InvocationResult> {
    if (this.#stopped || this.#queue.length >= this.#limits.maxQueued) {
      const message = this.#stopped ? "The stack is stopping" : "ResourceLimit: too many events are waiting";
      return Promise.resolve({ ok: false, statusCode: 429, message });
    }
    return new Promise((settle) => {
      this.#queue.push({ event, requestId, settle });
      this.#dispatch();
    });
  }

  #dispatch(): void {
    // The most recently used first: the others grow idle and are ended, as on SCF.
    const idle = [...this.#instances].filter(({ state }) => state === "idle");
    idle.sort((one, other) => other.idleSince - one.idleSince);
    for (const instance of idle) {
      const next = this.#queue.shift();
      if (!next) return;
      void this.#handOver(instance, next);
    }
    const starting = [...this.#instances].filter(({ state }) => state === "starting").length;
    const room = this.#limits.maxInstances - this.#instances.size;
    const wanted = Math.min(room, this.#queue.length - starting, this.#limits.maxStarting - starting);
    for (let count = 0; count < wanted; count += 1) this.#start();
  }

  async #handOver(instance: Instance, waiting: Waiting): Promise<void> {
    const result = await instance.invoke(waiting.event, waiting.requestId);
    if (result !== "not taken") return waiting.settle(result);
    if (this.#stopped) return waiting.settle(STOPPING);
    this.#queue.unshift(waiting);
    this.#dispatch();
  }

  #start(): Instance {
    const instance = new Instance(this.#spec, this.#host, (changed) => this.#changed(changed));
    this.#instances.add(instance);
    void instance.loaded.then((outcome) => {
      // A bundle that does not load would be tried for ever: the event that asked for the instance fails instead.
      if (!outcome.ok) this.#queue.shift()?.settle(outcome);
    });
    return instance;
  }

  #changed(instance: Instance): void {
    if (instance.state === "ended") this.#instances.delete(instance);
    // A moment later: the event that a broken instance was started for has then failed and is not tried again.
    queueMicrotask(() => {
      if (this.#stopped) return;
      this.#dispatch();
      instance.freeze(); // does nothing when it has just been given its next event
    });
  }

  #endIdle(): void {
    const oldest = Date.now() - this.#limits.idleTimeoutMs;
    for (const instance of this.#instances) {
      if (instance.state === "idle" && instance.idleSince < oldest) instance.kill();
    }
  }
}
