/** The runs of one timer function as the platform starts them: each for a limited time, one beside the other where they overlap. */

/** One run that is under way. */
export interface Run {
  /** Second of its start. */
  readonly startedAt: number;
  /** From this second on it begins nothing more. */
  readonly endsAt: number;
  /** Work that it may begin now, in parts of one piece. */
  credit: number;
  /** How many pieces it works on at a time. */
  window: number;
}

/** How a timer function runs. */
export interface TimerSpec {
  readonly periodS: number;
  /** For how long one run begins new work. */
  readonly lengthS: number;
  /** How many pieces a run works on at a time when it starts. */
  readonly window: number;
}

/** All runs of one function. */
export class Timer {
  runs: Run[] = [];
  constructor(private readonly spec: TimerSpec) {}

  /** Starts and ends runs at this second; one also ends when it `isDone`. */
  tick(now: number, isDone: (run: Run) => boolean): void {
    const { periodS, lengthS, window } = this.spec;
    if (now % periodS === 0) this.runs.push({ startedAt: now, endsAt: now + lengthS, credit: 0, window });
    this.runs = this.runs.filter((run) => now < run.endsAt && !isDone(run));
  }
}

/** Numbers by the second at which they are due; those that are due stand in one line, the longest due in front. */
export class DueQueue {
  readonly #bySecond = new Map<number, number[]>();
  #line: { readonly id: number; readonly dueAt: number }[] = [];
  #head = 0;
  #now = -1;

  add(id: number, dueAt: number): void {
    const second = Math.max(Math.ceil(dueAt), this.#now + 1);
    const known = this.#bySecond.get(second);
    if (known) known.push(id);
    else this.#bySecond.set(second, [id]);
  }

  /** Lets what is due at this second get in line. */
  tick(now: number): void {
    this.#now = now;
    for (const id of this.#bySecond.get(now) ?? []) this.#line.push({ id, dueAt: now });
    this.#bySecond.delete(now);
    if (this.#head > 100_000) {
      this.#line = this.#line.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Who is in front. */
  get first(): { readonly id: number; readonly dueAt: number } | undefined {
    return this.#line[this.#head];
  }

  shift(): void {
    this.#head += 1;
  }

  get length(): number {
    return this.#line.length - this.#head;
  }
}
