/** Who comes over a day, and what becomes of them: assumed, and said so wherever figures are printed. */
import type { Random } from "../soak/random.ts";

/** How a verification ends, and who tells of it. */
export const PATHS = ["client says so", "browser lands", "nobody says so", "abandoned"] as const;

/** Of all verifications, so many take each path. */
const SHARES = [0.6, 0.15, 0.05, 0.2] as const;

/** Seconds from the token to the person's result: most are done within two minutes, one in ten takes up to ten. */
function secondsToFinish(random: Random): number {
  return random.next() < 0.9 ? random.between(25, 120) : random.between(120, 600);
}

/** One that comes. */
export interface Person {
  /** Index in {@link PATHS}. */
  readonly path: number;
  /** Seconds after the token; infinite for those who walk away. */
  readonly finishesAfter: number;
}

/** Draws one. */
export function drawPerson(random: Random): Person {
  const drawn = random.next();
  let sum = 0;
  const path = SHARES.findIndex((share) => {
    sum += share;
    return drawn < sum;
  });
  const isAbandoned = PATHS[path] === "abandoned";
  return { path, finishesAfter: isAbandoned ? Number.POSITIVE_INFINITY : secondsToFinish(random) };
}

/** How many come in a second in which `mean` come on average (Poisson, by Knuth). */
export function drawArrivals(random: Random, mean: number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random.next(); product > limit; product *= random.next()) count += 1;
  return count;
}
