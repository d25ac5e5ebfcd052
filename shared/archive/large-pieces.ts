/** How many large answers may be in memory at a time: a video is there as JSON, as text and decoded before it is stored. */

/** What one answer of 25 MB takes at its peak, and what the function takes without any, in bytes. */
const PEAK_BYTES = 220e6;
const BASE_BYTES = 200e6;
const MAX_AT_A_TIME = 4;

/** How many fit into `bytes` of memory; at least one. */
export const largeAtATime = (bytes: number): number =>
  Math.min(Math.max(Math.floor((bytes - BASE_BYTES) / PEAK_BYTES), 1), MAX_AT_A_TIME);

/** Lets so many in at a time, in the order in which they come. */
export interface Gate {
  /** Answers, when there is room, how to leave again. */
  enter(): Promise<() => void>;
}

/** Makes a gate for `places` at a time. */
export function gate(places: number): Gate {
  let free = places;
  const waiting: (() => void)[] = [];
  const leave = () => {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };
  return {
    async enter() {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      return leave;
    },
  };
}

// No limit is written as 0 or as a number that no machine has.
const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY;

/** A gate for one run: an instance has one run at a time. */
export const gateOfRun = (): Gate => gate(largeAtATime(limit));
