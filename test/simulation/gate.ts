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
