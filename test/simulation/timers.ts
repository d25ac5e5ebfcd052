/**
 * The platform's timers over three virtual days: minutes in which nothing is due are passed over, runs are missed, doubled and
 * overlap. What is due is read from the tables only to know which minutes matter; in some minutes everything runs in any case.
 */
import type { Bundle } from "./bundle.ts";
import type { Connections } from "./connections.ts";
import type { State } from "./state.ts";
import { theWorld } from "./time.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

type Timer = "reconcile" | "deliver" | "maintain" | "archive";
const TIMERS = ["reconcile", "deliver", "maintain", "archive"] as const;
const PERIOD_MS: Readonly<Record<Timer, number>> = {
  reconcile: MINUTE_MS,
  deliver: MINUTE_MS,
  maintain: MINUTE_MS,
  archive: 10 * MINUTE_MS,
};

/** Ages of a history at which every timer runs, in hours, whatever is due: around the marks of a result's life. */
const MARKS_H = [1.1, 2.1, 24, 48.6, 60, 72.8];

/** When a history ends at the latest: before the sweep takes the first events. */
const LAST_H = 165;

const DUE = `select
  (select min(due_at) from verification_due where queue = 'check') as reconcile,
  (select min(due_at) from verification_due where queue = 'archive') as archive,
  (select min(deliver_at) from outbound_event) as deliver,
  least((select min(due_at) + interval '61 seconds' from verification_due where queue = 'draft'),
    (select min(due_at) - interval '24 hours' from verification_due where queue = 'purge'),
    (select min(recheck_at) from erasure)) as maintain`;

/** Has the timers run until nothing is due any more, at least until the last mark. */
export function runTimers(state: State, bundle: Bundle, connections: Connections, onEnd: () => void): void {
  const world = theWorld();
  const { startsAt, chance } = world;
  const marks = MARKS_H.map((hours) => startsAt + hours * HOUR_MS);
  /** The next run of a timer that is due at this time. */
  const slot = (timer: Timer, due: number) =>
    Math.ceil(Math.max(due, world.now + 1) / PERIOD_MS[timer]) * PERIOD_MS[timer];

  const plan = async () => {
    const { rows } = await connections.query(DUE);
    const due = rows[0] ?? {};
    const mark = marks.find((at) => at > world.now);
    const isQuiet = TIMERS.every((timer) => !due[timer]);
    if ((isQuiet && mark === undefined) || world.now > startsAt + LAST_H * HOUR_MS) return onEnd();
    const slots = TIMERS.map((timer) => ({
      timer,
      at: due[timer] instanceof Date ? slot(timer, due[timer].getTime()) : Number.POSITIVE_INFINITY,
    }));
    const next = Math.min(mark ?? Number.POSITIVE_INFINITY, ...slots.map(({ at }) => at));
    const isMark = next === mark;
    const running = slots.filter(({ at }) => isMark || at <= next).map(({ timer }) => timer);
    world.later(next - world.now, "the timers", () => run(running, isMark));
  };

  const run = (due: readonly Timer[], isMark: boolean) => {
    const isRough = state.weather.crash > 0;
    for (const timer of TIMERS) {
      const isDue = due.includes(timer);
      const isMissed = isDue && !isMark && isRough && chance.happens(0.05);
      const isExtra = !isDue && chance.happens(0.03);
      let times = (isDue && !isMissed) || isExtra ? 1 : 0;
      if (times > 0 && isRough && chance.happens(0.15)) times += 1 + chance.below(2);
      for (; times > 0; times -= 1) {
        world.later(chance.between(0, 5_000), `the timer ${timer}`, () => void bundle[timer]());
      }
    }
    world.later(chance.between(15_000, 50_000), "the next minutes", plan);
  };
  world.later(MINUTE_MS, "the first minutes", plan);
}
