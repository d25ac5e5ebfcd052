/** One invocation of a function, and what may happen to each of its calls to the outside. */
import type { InstanceState } from "./agenda.ts";
import { theWorld } from "./time.ts";

/** What a call goes to. */
export type Seam = "database" | "store" | "provider" | "webhook";

/** How often what happens, per call. */
export interface Weather {
  readonly crash: number;
  /** The call fails before it has an effect. */
  readonly failure: number;
  /** The call has its effect, and the answer never comes. */
  readonly lostAnswer: number;
  /** The answer comes late. */
  readonly delay: number;
  /** The whole instance stands still, for longer than any lease. */
  readonly stall: number;
}

/** Nothing ever goes wrong. */
export const CALM: Weather = { crash: 0, failure: 0, lostAnswer: 0, delay: 0, stall: 0 };

/** Milliseconds that a call takes, from and to. */
const LATENCY_MS: Readonly<Record<Seam, readonly [number, number]>> = {
  database: [0.5, 4],
  store: [5, 60],
  provider: [30, 300],
  webhook: [20, 400],
};

/** Milliseconds that a late answer takes more; of the database less than its client waits. */
const LATE_MS: typeof LATENCY_MS = {
  database: [200, 5_000],
  store: [500, 20_000],
  provider: [500, 20_000],
  webhook: [500, 20_000],
};
const STALL_MS = [10_000, 40_000] as const;
/** More than NTP leaves, less than the grace after a token's end. */
const MAX_SKEW_MS = 15_000;

/** What befell a call; counted for the report. */
export type Fate = "crash" | "failure" | "lost answer" | "delay" | "stall";

/** What a call came to: gives it to the caller. */
type Outcome = () => void;

/** An answer that somebody else's step brings, such as that of a statement which waits for a lock. */
export class Later<T> {
  /** Set by the call that waits. */
  onReady: (answer: Promise<T>) => void = () => {};
}

/** A call that is being made. */
export interface Call<T> {
  readonly seam: Seam;
  readonly label: string;
  /** Has the effect and gives the answer. */
  readonly work: () => Promise<T | Later<T>> | T;
  /** What the caller sees of a call that fails, or of an answer that is lost. */
  readonly trouble: (isLost: boolean) => unknown;
  /** Ends the wait for an answer. */
  readonly signal?: AbortSignal | undefined;
}

/** What instances share. */
export interface Surroundings {
  readonly weather: () => Weather;
  readonly onFate: (fate: Fate) => void;
}

/** One invocation. */
export class Instance implements InstanceState {
  isDead = false;
  frozenUntil = 0;
  readonly skewMs: number;
  /** Something went wrong in it or with its calls. */
  wasTroubled = false;
  /** Answers of providers that had their effect and never came. */
  lostAnswers = 0;
  /** Calls that the budget gave it. */
  readonly callsGiven: { readonly api: unknown; readonly from: number; left: number }[] = [];
  /** Run when it dies: its connections end. */
  readonly onDeath: (() => Promise<void>)[] = [];

  constructor(
    readonly name: string,
    readonly surroundings: Surroundings,
  ) {
    const { chance } = theWorld();
    this.skewMs = chance.happens(0.3) ? Math.round(chance.between(-MAX_SKEW_MS, MAX_SKEW_MS)) : 0;
  }

  /** Ends it here and now, as a crash or the platform does. */
  async die(): Promise<void> {
    if (this.isDead) return;
    this.isDead = true;
    for (const end of this.onDeath) await end();
  }

  /** Makes a call: it takes its time, and may meet its fate. */
  call<T>({ seam, label, work, trouble, signal }: Call<T>): Promise<T> {
    const world = theWorld();
    const { chance } = world;
    return new Promise((resolve, reject) => {
      let isOver = false;
      const end = (outcome: Outcome) => {
        if (!isOver) outcome();
        isOver = true;
      };
      const abort = () => end(() => reject(trouble(true)));
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort);
      const outcomeOf = (answer: Promise<T>): Promise<Outcome> =>
        answer.then(
          (value) => () => resolve(value),
          (error: unknown) => () => reject(error),
        );
      const complete = async (outcome: Outcome, fate: Fate | undefined) => {
        if (fate === "crash") await this.die();
        else if (fate === "lost answer") end(() => reject(trouble(true)));
        else if (fate === "delay" || fate === "stall") {
          const lateMs = fate === "delay" ? chance.between(...LATE_MS[seam]) : 0;
          world.after(lateMs, `${seam} ${label} answers late`, () => end(outcome), this);
        } else end(outcome);
      };
      const happen = async () => {
        const fate = this.#fate();
        if (fate) {
          this.wasTroubled = true;
          this.surroundings.onFate(fate);
          if (fate === "lost answer" && seam === "provider") this.lostAnswers += 1;
        }
        if (fate === "crash" && chance.happens(0.5)) return this.die();
        if (fate === "failure") return end(() => reject(trouble(false)));
        if (fate === "stall") this.frozenUntil = world.now + chance.between(...STALL_MS);
        const answer = (async () => work())();
        const first = await answer.then(
          (value) => value,
          () => undefined,
        );
        if (!(first instanceof Later)) return complete(await outcomeOf(answer as Promise<T>), fate);
        first.onReady = (late) =>
          void world.after(
            0,
            `${seam} ${label} goes on`,
            async () => complete(await outcomeOf(late), fate),
            this,
          );
      };
      world.after(chance.between(...LATENCY_MS[seam]), `${seam} ${label}`, happen, this);
    });
  }

  #fate(): Fate | undefined {
    const { crash, failure, lostAnswer, delay, stall } = this.surroundings.weather();
    let drawn = theWorld().chance.next();
    for (const [fate, probability] of [
      ["crash", crash],
      ["failure", failure],
      ["lost answer", lostAnswer],
      ["delay", delay],
      ["stall", stall],
    ] as const) {
      if (drawn < probability) return fate;
      drawn -= probability;
    }
    return undefined;
  }
}

/** The instance whose code runs. */
export function thisInstance(): Instance {
  const { current } = theWorld();
  if (!(current instanceof Instance)) throw new Error("a call to the outside that no instance made");
  return current;
}
