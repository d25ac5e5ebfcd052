/** Chance that can be repeated: everything that a history leaves to chance comes from one seed. */

/** Draws from one seed; the same seed gives the same draws. */
export interface Chance {
  /** A number from 0 on, below 1. */
  next(): number;
  /** A whole number from 0 on, below `limit`. */
  below(limit: number): number;
  /** A number from `low` to `high`. */
  between(low: number, high: number): number;
  /** True this often. */
  happens(probability: number): boolean;
  /** One of them. */
  oneOf<T>(values: readonly [T, ...T[]]): T;
}

/** Makes a generator (sfc32, seeded by splitmix32). */
export function chanceOf(seed: number): Chance {
  let state = seed | 0;
  const mix = () => {
    state = (state + 0x9e3779b9) | 0;
    let word = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return word ^ (word >>> 15);
  };
  let [a, b, c, counter] = [mix(), mix(), mix(), 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let round = 0; round < 12; round += 1) next();
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    below,
    between: (low, high) => low + next() * (high - low),
    happens: (probability) => next() < probability,
    oneOf: (values) => values[below(values.length)] ?? values[0],
  };
}
