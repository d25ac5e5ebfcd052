/**
 * Virtual time and repeatable chance for a whole process: `Date`, timers, `performance.now`, `Math.random` and the random bytes
 * of node are those of the history that runs. Everything happens on one agenda, one moment after the other.
 */
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import timersPromises from "node:timers/promises";
import { Agenda, type InstanceState, type Moment } from "./agenda.ts";
import { type Chance, chanceOf } from "./random.ts";

const real = {
  setTimeout: globalThis.setTimeout,
  setImmediate: globalThis.setImmediate,
  now: performance.now.bind(performance),
};

/** Milliseconds of the real clock, for figures about the simulation itself. */
export const realNow = (): number => real.now();

/** Waits in real time. */
export const realDelay = (ms: number): Promise<void> =>
  new Promise((resolve) => real.setTimeout(resolve, ms));

/** Lets everything run that waits for nothing but its turn. */
const drained = (): Promise<void> => new Promise((resolve) => real.setImmediate(resolve));

/** Many times what a world takes. */
const MAX_MOMENTS = 1_000_000;

/** The history that runs: its clock, its chance and its agenda. */
export class World {
  readonly agenda = new Agenda();
  /** Whose code runs now. */
  current: InstanceState | undefined;
  /** Told of each moment. */
  onMoment: (line: string) => void = () => {};

  constructor(
    readonly chance: Chance,
    readonly startsAt: number,
    public now = startsAt,
  ) {}

  /** Has something happen after `delayMs` that no instance does. */
  later(delayMs: number, label: string, run: Moment["run"]): Moment {
    return this.after(delayMs, label, run, undefined);
  }

  /** Has something happen after `delayMs`, as a step of an instance. */
  after(delayMs: number, label: string, run: Moment["run"], instance: InstanceState | undefined): Moment {
    const at = this.now + Math.max(0, delayMs);
    const moment: Moment = { at, tie: this.chance.next(), instance, label, isCancelled: false, run };
    this.agenda.add(moment);
    return moment;
  }

  /** Lets happen what is on the agenda until `isOver` says so. Answers how it ended. */
  async run(isOver: () => boolean): Promise<"over" | "stuck" | "endless"> {
    for (let count = 0; count < MAX_MOMENTS; count += 1) {
      const moment = this.agenda.next();
      if (isOver()) return "over";
      if (!moment) return "stuck";
      const { instance } = moment;
      if (moment.isCancelled || instance?.isDead) continue;
      if (instance && instance.frozenUntil > Math.max(moment.at, this.now)) {
        moment.at = instance.frozenUntil;
        this.agenda.add(moment);
        continue;
      }
      this.now = Math.max(this.now, moment.at);
      this.current = instance;
      this.onMoment(`${this.now - this.startsAt} ${instance?.name ?? "-"} ${moment.label}`);
      await moment.run();
      await drained();
      this.current = undefined;
    }
    return "endless";
  }
}

let world = new World(chanceOf(0), 0);

/** The world that the process is in. */
export const theWorld = (): World => world;

/** Puts the process into another world. */
export const enter = (next: World): void => {
  world = next;
};

const instanceNow = (): number => Math.floor(world.now) + (world.current?.skewMs ?? 0);

class VirtualDate extends Date {
  constructor(...values: [] | [number | string | Date]) {
    if (values.length === 0) super(instanceNow());
    else super(...values);
  }
  static override now = instanceNow;
}

interface VirtualTimer {
  moment: Moment | undefined;
  unref(): VirtualTimer;
  ref(): VirtualTimer;
  hasRef(): boolean;
}

function timerOf(): VirtualTimer {
  const timer: VirtualTimer = { moment: undefined, unref: () => timer, ref: () => timer, hasRef: () => true };
  return timer;
}

function startTimer(work: (...values: unknown[]) => void, delayMs = 0, ...values: unknown[]): VirtualTimer {
  const timer = timerOf();
  timer.moment = world.after(Math.max(1, delayMs), "timer", () => work(...values), world.current);
  return timer;
}

function startInterval(
  work: (...values: unknown[]) => void,
  delayMs = 0,
  ...values: unknown[]
): VirtualTimer {
  const timer = timerOf();
  const again = () => {
    const tick = () => {
      again();
      work(...values);
    };
    timer.moment = world.after(Math.max(1, delayMs), "interval", tick, world.current);
  };
  again();
  return timer;
}

function stopTimer(timer: VirtualTimer | undefined): void {
  if (timer?.moment) timer.moment.isCancelled = true;
}

function wait(delayMs = 0, value?: unknown, { signal }: { signal?: AbortSignal } = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = startTimer(() => resolve(value), delayMs);
    signal?.addEventListener("abort", () => {
      stopTimer(timer);
      reject(signal.reason);
    });
  });
}

function timeoutSignal(delayMs: number): AbortSignal {
  const controller = new AbortController();
  startTimer(() => controller.abort(new DOMException("The operation timed out", "TimeoutError")), delayMs);
  return controller.signal;
}

function fillRandomly<T extends ArrayBufferView>(target: T): T {
  const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = world.chance.below(256);
  return target;
}

/** Takes over the time and the chance of this process, for good. */
export function takeOverTime(): void {
  Object.assign(globalThis, {
    Date: VirtualDate,
    setTimeout: startTimer,
    setInterval: startInterval,
    clearTimeout: stopTimer,
    clearInterval: stopTimer,
  });
  performance.now = () => world.now;
  Math.random = () => world.chance.next();
  AbortSignal.timeout = timeoutSignal;
  Object.defineProperty(globalThis.crypto, "getRandomValues", { value: fillRandomly });
  Object.assign(timersPromises, { setTimeout: wait });
  Object.assign(crypto, { randomBytes: (size: number) => fillRandomly(Buffer.alloc(size)) });
  syncBuiltinESMExports();
}
