/** What is still to happen, in the order of virtual time. */

/** Something that happens at a time. */
export interface Moment {
  /** Milliseconds of virtual time. */
  at: number;
  /** Decides between moments of the same time. */
  readonly tie: number;
  readonly instance: InstanceState | undefined;
  /** What the trace calls it. */
  readonly label: string;
  isCancelled: boolean;
  run(): void | Promise<void>;
}

/** What the agenda has to know of an instance. */
export interface InstanceState {
  readonly name: string;
  /** It crashed, or its time was over: nothing of it happens any more. */
  isDead: boolean;
  /** It stands still until then. */
  frozenUntil: number;
  /** By how much its clock is ahead. */
  readonly skewMs: number;
}

const isBefore = (one: Moment, other: Moment) =>
  one.at < other.at || (one.at === other.at && one.tie < other.tie);

/** A binary heap. */
export class Agenda {
  readonly #heap: Moment[] = [];

  add(moment: Moment): void {
    const heap = this.#heap;
    let place = heap.push(moment) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (!parent || !isBefore(moment, parent)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = moment;
  }

  /** Takes the next moment out. */
  next(): Moment | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const [one, other] = [heap[left], heap[left + 1]];
      if (!one) break;
      const isOther = other !== undefined && isBefore(other, one);
      const child = isOther ? other : one;
      if (!isBefore(child, last)) break;
      heap[place] = child;
      place = isOther ? left + 1 : left;
    }
    heap[place] = last;
    return first;
  }
}
