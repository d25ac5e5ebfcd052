/**
 * A day of verifications, second by second, against a provider that takes 100 calls a second. When is asked, how often and
 * how many at a time is decided by the functions' own schedule, limits and timers; there is no database, and what one call
 * takes is assumed.
 */
import { nextRetryAt } from "../../shared/archive/failure.ts";
import { DEFAULT_TIMING } from "../../shared/archive/queue.ts";
import { MAX_WINDOW } from "../../shared/archive/run.ts";
import { CALLS_PER_GRANT, TIMER_CALLS_PER_SECOND } from "../../shared/store/call-budget.ts";
import { isExpired } from "../../shared/verification/decide.ts";
import { CHECK_LEASE_MS, MAX_CONCURRENT_CHECKS } from "../../shared/verification/reconcile.ts";
import { isBeforeFirstQuestion, nextCheckAt } from "../../shared/verification/schedule.ts";
import { BATCH_SIZE } from "../../shared/webhooks/deliver.ts";
import { DELIVERY_TIMEOUT_MS } from "../../shared/webhooks/send.ts";
import { parseCron } from "../../tools/build/cron.ts";
import { type FunctionEntry, readBundle } from "../../tools/build/serverless-yml.ts";
import { type Random, seededRandom } from "../soak/random.ts";
import { drawArrivals, drawPerson, PATHS } from "./people.ts";
import { DueQueue, type Run, Timer } from "./timers.ts";

/** Of one API and account (Tencent doc 1007/41957). */
export const PROVIDER_CALLS_PER_SECOND = 100;
const DAY_S = 86_400;
const HOUR_S = 3_600;
/** FaceID's (Tencent docs 1007/31816 and 1007/41957). */
const TOKEN_LIFETIME_S = 7_200;
const RESULT_LIFETIME_S = 259_200;

/** Seconds that things take in the cloud: assumed. */
export const ASSUMED_S = { question: 0.3, archiving: 2, delivery: 0.5 } as const;
/** Seconds after which a client asks again whose question the provider refused. */
const CLIENT_RETRY_S = 2;
const CALLS_PER_ARCHIVING = 2;
/** Events of one verification: its result, and its archive where there is one. */
const EVENTS = { result: 1, archive: 1 } as const;

/** What a day is like. */
export interface DayOptions {
  readonly tokensPerSecond: number;
  /** By how much an hour differs from the mean. */
  readonly hourly?: (hour: number) => number;
  /** Seconds between two runs of the archive; as in serverless.yml unless given. */
  readonly archivePeriodS?: number;
  readonly seed: number;
}

/** One hour: calls that were made, and what waited at its end. */
export interface Hour {
  tokens: number;
  people: number;
  questions: number;
  evidence: number;
  refused: number;
  checksWaiting: number;
  archivesWaiting: number;
  eventsWaiting: number;
}

/** A whole day. */
export interface DayResult {
  readonly hours: readonly Hour[];
  /** By path: verifications that came in the first 20 hours, so that they are over, and the calls that they took. */
  readonly byPath: readonly { readonly name: string; verifications: number; calls: number }[];
  /** The least time from archive, or from the day's end for what still waits, to the purge. */
  readonly leastHoursToPurge: number;
}

interface Verification {
  readonly path: number;
  readonly createdAt: number;
  readonly finishesAt: number;
  isSettled: boolean;
  /** When the timer asks. */
  checkAt: number;
  tries: number;
  calls: number;
}

/** The columns that decide when it is asked about. */
const rowOf = ({ createdAt }: Verification) => ({
  createdAt: at(createdAt),
  expiresAt: at(createdAt + TOKEN_LIFETIME_S),
  purgeAt: at(createdAt + RESULT_LIFETIME_S),
});

const at = (seconds: number): Date => new Date(seconds * 1_000);

/** Seconds between two runs, by the trigger in serverless.yml. */
function periodOf({ name, timers }: FunctionEntry): number {
  const cron = parseCron(timers[0]?.cronExpression ?? "");
  if (typeof cron === "string") throw new Error(`${name} has no timer`);
  const minutes = cron.minute ? HOUR_S / 60 / cron.minute.size : 1;
  return minutes * 60;
}

function timerSpecs({ archivePeriodS }: DayOptions) {
  const { functions } = readBundle();
  const of = (name: string) => {
    const entry = functions[name];
    if (!entry) throw new Error(`no function ${name}`);
    return entry;
  };
  const [reconcile, deliver, archive] = [of("reconcile"), of("deliver"), of("archive")];
  return {
    reconcile: {
      periodS: periodOf(reconcile),
      lengthS: reconcile.timeout - CHECK_LEASE_MS / 1_000,
      window: MAX_CONCURRENT_CHECKS,
    },
    deliver: {
      periodS: periodOf(deliver),
      lengthS: deliver.timeout - (2 * DELIVERY_TIMEOUT_MS) / 1_000,
      window: BATCH_SIZE,
    },
    archive: {
      periodS: archivePeriodS ?? periodOf(archive),
      lengthS: archive.timeout - DEFAULT_TIMING.reserveMs / 1_000,
      window: 1,
    },
  };
}

/** One day. */
class Day {
  readonly #all: Verification[] = [];
  readonly #finishes = new DueQueue();
  readonly #checks = new DueQueue();
  readonly #archives = new DueQueue();
  readonly #random: Random;
  readonly #specs: ReturnType<typeof timerSpecs>;
  readonly #reconcile: Timer;
  readonly #deliver: Timer;
  readonly #archive: Timer;
  readonly hours: Hour[] = [];
  #events = 0;
  #isHeld = false;
  /** The second before had no call left. */
  #isShort = false;
  leastToPurgeS = RESULT_LIFETIME_S;

  constructor(private readonly options: DayOptions) {
    this.#random = seededRandom(options.seed);
    this.#specs = timerSpecs(options);
    this.#reconcile = new Timer(this.#specs.reconcile);
    this.#deliver = new Timer(this.#specs.deliver);
    this.#archive = new Timer(this.#specs.archive);
  }

  run(): DayResult {
    for (let now = 0; now < DAY_S; now += 1) this.#second(now);
    for (let first = this.#archives.first; first; first = this.#archives.first) {
      this.#noteArchived(first.id, DAY_S);
      this.#archives.shift();
    }
    const byPath = PATHS.map((name, path) => {
      const over = this.#all.filter((each) => each.path === path && each.createdAt < 20 * HOUR_S);
      return { name, verifications: over.length, calls: over.reduce((sum, { calls }) => sum + calls, 0) };
    });
    return { hours: this.hours, byPath, leastHoursToPurge: this.leastToPurgeS / HOUR_S };
  }

  get #hour(): Hour {
    const hour = this.hours.at(-1);
    if (!hour) throw new Error("no hour has begun");
    return hour;
  }

  #second(now: number): void {
    if (now % HOUR_S === 0) this.hours.push(emptyHour());
    this.#arrive(now);
    for (const queue of [this.#finishes, this.#checks, this.#archives]) queue.tick(now);
    const asked = this.#peopleAsk();
    const { questions, archivings } = this.#timersWork(now);
    const total = asked.length + questions.length + archivings.length * CALLS_PER_ARCHIVING;
    const isRefused = () => this.#random.next() * total > PROVIDER_CALLS_PER_SECOND;
    for (const id of asked) this.#finish(id, now, isRefused());
    for (const id of questions) this.#question(id, now, isRefused());
    this.#isHeld = false;
    for (const { id, run } of archivings) this.#keep(id, run, now, isRefused() || isRefused());
    this.#deliverEvents(now);
    const hour = this.#hour;
    hour.checksWaiting = this.#checks.length;
    hour.archivesWaiting = this.#archives.length;
    hour.eventsWaiting = this.#events;
  }

  #arrive(now: number): void {
    const { tokensPerSecond, hourly = () => 1 } = this.options;
    const arrivals = drawArrivals(this.#random, tokensPerSecond * hourly(Math.floor(now / HOUR_S)));
    this.#hour.tokens += arrivals;
    for (let index = 0; index < arrivals; index += 1) {
      const { path, finishesAfter } = drawPerson(this.#random);
      const id = this.#all.length;
      const finishesAt = now + finishesAfter;
      this.#all.push({
        path,
        createdAt: now,
        finishesAt,
        isSettled: false,
        checkAt: now,
        tries: 0,
        calls: 0,
      });
      this.#checks.add(id, now);
      const isTold = PATHS[path] === "client says so" || PATHS[path] === "browser lands";
      if (isTold) this.#finishes.add(id, finishesAt);
    }
  }

  /** Those whose client or browser comes back in this second; nobody asks about what is settled. */
  #peopleAsk(): number[] {
    const asked: number[] = [];
    for (let first = this.#finishes.first; first; first = this.#finishes.first) {
      this.#finishes.shift();
      if (!this.#of(first.id).isSettled) asked.push(first.id);
    }
    this.#hour.people += asked.length;
    return asked;
  }

  /** What the timers ask in this second, within their part of the budget, each in the order of its queue. */
  #timersWork(now: number) {
    const isNoCheckDue = (run: Run) => (this.#nextCheck()?.dueAt ?? Number.POSITIVE_INFINITY) > run.startedAt;
    this.#reconcile.tick(now, isNoCheckDue);
    this.#archive.tick(now, () => this.#archives.length === 0);
    for (const run of this.#reconcile.runs) addCredit(run, run.window / ASSUMED_S.question);
    for (const run of this.#archive.runs) addCredit(run, run.window / ASSUMED_S.archiving);
    const questions: number[] = [];
    const archivings: { id: number; run: Run }[] = [];
    let budget = this.#isHeld ? 0 : TIMER_CALLS_PER_SECOND;
    /** One call of a run; false if it has nothing to ask, or nothing to ask with. */
    const askOne = (run: Run): boolean => {
      const next = this.#nextCheck();
      if (run.credit < 1 || budget < 1 || !next || next.dueAt > run.startedAt) return false;
      this.#checks.shift();
      run.credit -= 1;
      if (this.#isShort && this.#isEarly(next.id, now)) this.#askLater(next.id, now);
      else {
        budget -= 1;
        questions.push(next.id);
      }
      return true;
    };
    const keepOne = (run: Run): boolean => {
      const next = this.#archives.first;
      if (run.credit < 1 || budget < CALLS_PER_ARCHIVING || !next) return false;
      this.#archives.shift();
      run.credit -= 1;
      budget -= CALLS_PER_ARCHIVING;
      archivings.push({ id: next.id, run });
      return true;
    };
    // One after the other, each as many calls as it is given at once, as their requests for calls reach the row that they share.
    for (let isAnyBusy = true; isAnyBusy; ) {
      isAnyBusy = false;
      for (const run of this.#reconcile.runs)
        for (let calls = 0; calls < CALLS_PER_GRANT.settling && askOne(run); calls += 1) isAnyBusy = true;
      for (const run of this.#archive.runs)
        for (let calls = 0; calls < CALLS_PER_GRANT.archiving && keepOne(run); calls += CALLS_PER_ARCHIVING)
          isAnyBusy = true;
    }
    this.#isShort = budget < 1;
    this.#hour.questions += questions.length;
    this.#hour.evidence += archivings.length * CALLS_PER_ARCHIVING;
    return { questions, archivings };
  }

  /** The check in front that still counts. */
  #nextCheck() {
    for (let first = this.#checks.first; first; first = this.#checks.first) {
      const { isSettled, checkAt } = this.#of(first.id);
      if (!isSettled && checkAt <= first.dueAt) return first;
      this.#checks.shift();
    }
    return undefined;
  }

  #of(id: number): Verification {
    const found = this.#all[id];
    if (!found) throw new Error(`no verification ${id}`);
    return found;
  }

  /** A client or a browser asks, without the budget. */
  #finish(id: number, now: number, isRefused: boolean): void {
    const verification = this.#of(id);
    verification.calls += 1;
    if (isRefused) {
      this.#hour.refused += 1;
      this.#finishes.add(id, now + CLIENT_RETRY_S);
      this.#checkAt(id, now + 1);
    } else this.#settle(id, now);
  }

  #question(id: number, now: number, isRefused: boolean): void {
    const verification = this.#of(id);
    verification.calls += 1;
    if (isRefused) this.#hour.refused += 1;
    const isOver = verification.finishesAt <= now || isExpired(rowOf(verification), at(now));
    if (!isRefused && isOver) this.#settle(id, now);
    else this.#askLater(id, now);
  }

  /** Whether it is asked about only while calls are to be had soon. */
  #isEarly(id: number, now: number): boolean {
    const verification = this.#of(id);
    return verification.calls === 0 && isBeforeFirstQuestion(rowOf(verification), at(now));
  }

  #askLater(id: number, now: number): void {
    this.#checkAt(id, nextCheckAt(rowOf(this.#of(id)), at(now)).getTime() / 1_000);
  }

  #checkAt(id: number, second: number): void {
    this.#of(id).checkAt = second;
    this.#checks.add(id, second);
  }

  #settle(id: number, now: number): void {
    const verification = this.#of(id);
    verification.isSettled = true;
    this.#events += EVENTS.result;
    // Where nobody tried there is nothing to archive.
    if (verification.finishesAt <= now) this.#archives.add(id, now);
  }

  #keep(id: number, run: Run, now: number, isRefused: boolean): void {
    const verification = this.#of(id);
    verification.calls += CALLS_PER_ARCHIVING;
    verification.tries += 1;
    if (!isRefused) {
      run.window = Math.min(run.window + 1, MAX_WINDOW);
      this.#events += EVENTS.archive;
      this.#noteArchived(id, now);
      return;
    }
    this.#hour.refused += 1;
    run.window = 1;
    this.#isHeld = true;
    const purgeAt = at(verification.createdAt + RESULT_LIFETIME_S);
    const again = nextRetryAt(at(now), verification.tries, purgeAt, this.#random.next());
    this.#archives.add(id, again.getTime() / 1_000);
  }

  #noteArchived(id: number, now: number): void {
    this.leastToPurgeS = Math.min(this.leastToPurgeS, this.#of(id).createdAt + RESULT_LIFETIME_S - now);
  }

  #deliverEvents(now: number): void {
    this.#deliver.tick(now, () => this.#events < 1);
    for (const run of this.#deliver.runs)
      this.#events -= Math.min(this.#events, run.window / ASSUMED_S.delivery);
  }
}

/** Credit is not saved up: a run cannot do in one second what it could have done in two. */
function addCredit(run: Run, perSecond: number): void {
  run.credit = Math.min(run.credit + perSecond, Math.max(perSecond, 1) + 1);
}

const emptyHour = (): Hour => ({
  tokens: 0,
  people: 0,
  questions: 0,
  evidence: 0,
  refused: 0,
  checksWaiting: 0,
  archivesWaiting: 0,
  eventsWaiting: 0,
});

/** Runs a day. */
export const runDay = (options: DayOptions): DayResult => new Day(options).run();
