/** The world of one history: what surrounds the bundle, and what is remembered for the judgement. */
import type { QueryConfig, QueryResult } from "pg";
import type { Keyring } from "../../shared/crypto/keyring.ts";
import type { Identity } from "../support/people.ts";
import { emptyStore, type StoreState } from "./evidence-store.ts";
import { CALM, type Fate, type Instance, type Weather } from "./instance.ts";
import { drawKeyrings } from "./keys.ts";
import { newProviders, type ProviderState } from "./provider.ts";
import { newReceiver, type ReceiverState } from "./receiver.ts";
import { theWorld } from "./time.ts";

/** Calls per second that the runs of a history share: few, so that the budget is felt. */
export const CALLS_PER_SECOND = 2;

/** What a client wanted, and what it got for it. */
export interface Intent {
  readonly person: Identity | undefined;
  readonly owner: string;
  readonly reference: string;
  readonly key: string | undefined;
  /** Ids that were answered. */
  readonly answered: Set<string>;
  readonly instances: Instance[];
}

/** Calls that one statement of the budget gives away. */
const CALLS_PER_GRANT = 5;

/** All of it. */
export class State {
  weather: Weather = CALM;
  /** Before and after the rotation, of which there may be none. */
  readonly keyrings = drawKeyrings(() => this.providers);
  keyring: Keyring = this.keyrings[0];
  /** A rotation has begun and not come to its end. */
  isRotating = false;
  /** Days for which the operator keeps what is personal; `undefined` for ever. */
  retentionDays: number | undefined;
  readonly fates = new Map<Fate, number>();
  readonly providers: ProviderState = newProviders((instance, api) => this.onQuestion(instance, api));
  readonly store: StoreState = emptyStore();
  readonly receiver: ReceiverState = newReceiver();
  isDatabaseDown = () => false;
  readonly intents: Intent[] = [];
  readonly people: Identity[] = [];
  /** ID numbers whose erasure was asked for: a command that dies has erased what it does not answer for. */
  readonly erasuresAsked = new Set<string>();
  /** Verifications that an erasure has answered for, and their persons. */
  readonly erased = new Map<string, Identity>();
  readonly budgetProblems: string[] = [];
  /** By API: when the calls given away last may be made. */
  readonly #lastGrant = new Map<unknown, number>();
  /** Lines of the log. */
  readonly logged: string[] = [];
  /** What a client saw that must not be. */
  readonly broken: string[] = [];
  statements = 0;

  readonly surroundings = {
    weather: () => this.weather,
    onFate: (fate: Fate) => void this.fates.set(fate, (this.fates.get(fate) ?? 0) + 1),
  };

  /** Notes calls that a run was given: as slowly as the provider allows. */
  onResult(instance: Instance, { text, values }: QueryConfig, { rows }: QueryResult): void {
    this.statements += 1;
    const row: unknown = rows[0];
    if (!text.includes('"call_budget"') || !Array.isArray(row)) return;
    const api: unknown = values?.[0];
    const from = theWorld().now + Number(row[0]) * 1_000;
    const spacingMs = (CALLS_PER_GRANT / CALLS_PER_SECOND) * 1_000;
    if (from < (this.#lastGrant.get(api) ?? 0) + spacingMs - 2)
      this.budgetProblems.push("calls were given away faster than the provider allows");
    this.#lastGrant.set(api, from);
    instance.callsGiven.push({ api, from, left: CALLS_PER_GRANT });
  }

  /** Notes a question to a provider; timers may only ask what they were given. */
  onQuestion(instance: Instance, api: string): void {
    if (!/^(reconcile|archive)#/.test(instance.name)) return;
    const grant = instance.callsGiven.find(
      (each) => each.api === api && each.left > 0 && each.from <= theWorld().now + 2,
    );
    if (grant) grant.left -= 1;
    else this.budgetProblems.push(`${instance.name} asked ${api} without having been given a call`);
  }
}
