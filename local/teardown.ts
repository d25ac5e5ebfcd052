/** Ends what was started, last first: whoever uses something ends before it. */
export class Teardown {
  readonly #steps: (() => unknown)[] = [];
  #done: Promise<void> | undefined;

  /** Remembers how to end what was just started, and returns that. */
  add<Part>(part: Part, end: (part: Part) => unknown): Part {
    this.#steps.push(() => end(part));
    return part;
  }

  /** Ends everything; the second call waits for the first. */
  run(): Promise<void> {
    this.#done ??= (async () => {
      for (const step of this.#steps.toReversed()) await step();
    })();
    return this.#done;
  }
}
