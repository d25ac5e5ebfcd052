/** `npm run bench -- day`: what a day of 26 tokens a second asks of the provider's 100 calls a second, and what has to wait. */
import { type DayOptions, type DayResult, PROVIDER_CALLS_PER_SECOND, runDay } from "./day.ts";

const SEED = 1;
/** 2.2 million a day. */
const TOKENS_PER_SECOND = 26;
/** A quiet night, and a rush at noon and in the evening; 1 on average. */
const RUSH = [3, 2, 1, 1, 1, 2, 5, 9, 13, 15, 14, 16, 17, 14, 13, 13, 14, 15, 17, 18, 16, 12, 8, 5];
const RUSH_MEAN = RUSH.reduce((sum, part) => sum + part, 0) / RUSH.length;

/** Not how it is deployed: what would have to change for the provider's budget to be what runs out first. */
const CHANGED = { archivePeriodS: 60 } as const;

const DAYS: readonly (readonly [title: string, options: Omit<DayOptions, "seed">])[] = [
  ["2 tokens a second, as deployed", { tokensPerSecond: 2 }],
  ["26 a second, as deployed", { tokensPerSecond: TOKENS_PER_SECOND }],
  ["26 a second, archive each minute", { tokensPerSecond: TOKENS_PER_SECOND, ...CHANGED }],
  [
    "the same with rush hours",
    { tokensPerSecond: TOKENS_PER_SECOND, ...CHANGED, hourly: (hour) => (RUSH[hour] ?? 0) / RUSH_MEAN },
  ],
  ["the same without, 30 a second", { tokensPerSecond: 30, ...CHANGED }],
];

const perSecond = (count: number) => (count / 3_600).toFixed(1);

function hoursOf({ hours }: DayResult): string[] {
  const rows = hours.map((hour, index) => {
    const calls = hour.people + hour.questions + hour.evidence;
    const used = ((100 * (calls - hour.refused)) / (3_600 * PROVIDER_CALLS_PER_SECOND)).toFixed(0);
    const rates = [hour.tokens, hour.people, hour.questions, hour.evidence, hour.refused].map(perSecond);
    const waiting = [hour.checksWaiting, hour.archivesWaiting, Math.round(hour.eventsWaiting)];
    return `| ${[index + 1, ...rates, `${used} %`, ...waiting].join(" | ")} |`;
  });
  return [
    "| hour | tokens /s | people ask /s | timers ask /s | evidence /s | refused /s | budget used | checks waiting | archives waiting | events waiting |",
    "|---|---|---|---|---|---|---|---|---|---|",
    ...rows,
  ];
}

function pathsOf({ byPath }: DayResult): string[] {
  const all = {
    name: "all",
    verifications: byPath.reduce((sum, each) => sum + each.verifications, 0),
    calls: byPath.reduce((sum, each) => sum + each.calls, 0),
  };
  return [
    "| path | share | calls per verification |",
    "|---|---|---|",
    ...[...byPath, all].map(({ name, verifications, calls }) => {
      const share = Math.round((100 * verifications) / all.verifications);
      return `| ${name} | ${share} % | ${(calls / verifications).toFixed(2)} |`;
    }),
  ];
}

/** Prints each day: its hours, the calls of each path, and the nearest that a purge came. Answers `true`. */
export async function benchDay(): Promise<boolean> {
  for (const [title, options] of DAYS) {
    const result = runDay({ ...options, seed: SEED });
    console.log(`${title}\n`);
    for (const line of [...hoursOf(result), "", ...pathsOf(result), ""]) console.log(line);
    console.log(`Least time to a purge: ${result.leastHoursToPurge.toFixed(1)} h.\n`);
  }
  return true;
}
