/** The steady load of a soak: people of all channels who start, finish, return, try again, or walk away. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { somebody } from "../../test/support/people.ts";
import type { SoakClient } from "./client.ts";
import type { Random } from "./random.ts";

/** The channels that are used. */
export const CHANNELS = ["mini-program", "h5", "eid", "wechat"] as const;
/** What the person does; most pass, as most do. */
const OUTCOMES = ["passed", "passed", "passed", "1101", "other-person", "walks away"] as const;
const WECHAT_OUTCOMES = ["passed", "passed", "passed", "10004", "walks away"] as const;
/** A client that gets no token tries again with its idempotency key. */
const MAX_TRIES = 15;
const RETRY_PAUSE_MS = 1_000;

/** A verification that the load has begun. */
export interface SoakFlow {
  readonly id: string;
  readonly channel: (typeof CHANNELS)[number];
  /** What the person did at the provider. */
  readonly outcome: string;
}

const issued = z.looseObject({ verificationId: z.string(), start: z.record(z.string(), z.string()) });
const completed = z.looseObject({ verifyResult: z.string().optional() });
const knownTokens = z.array(z.looseObject({ token: z.string(), redirectUrl: z.string().optional() }));

const tokenOf = (start: Readonly<Record<string, string>>): string =>
  start["bizToken"] ??
  start["eidToken"] ??
  start["verifyId"] ??
  start["userIdKey"] ??
  new URL(start["url"] ?? "about:blank").searchParams.get("token") ??
  "";

/** Gets a token, however long the trouble lasts; `undefined` after {@link MAX_TRIES}. */
async function startFlow(client: SoakClient, channel: string) {
  const key = randomUUID();
  const subject = `user-${randomUUID()}`;
  const body = { identity: somebody(), subject };
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const answer = await client.send(`token-${channel}`, "POST", `/tokens/${channel}`, { body, key });
    if (answer.status === 201) return { subject, ...issued.parse(answer.body) };
    await sleep(RETRY_PAUSE_MS);
  }
  return undefined;
}

/** The browser comes back to the landing page. */
async function land(client: SoakClient, token: string): Promise<void> {
  const known = knownTokens.parse(await client.simulate("GET", "tokens"));
  const address = known.find((one) => one.token === token)?.redirectUrl;
  if (address) await client.send("h5-landing", "GET", new URL(address).pathname);
}

/** What a person does, and of what WeChat, the browser and the client tell. */
interface Habits {
  readonly outcome: string;
  readonly lands: boolean;
  readonly pushes: boolean;
  readonly finishes: boolean;
}

/** Draws what a person of a channel does. */
type DrawHabits = (random: Random, channel: SoakFlow["channel"]) => Habits;

/** People as they are. */
export const variedHabits: DrawHabits = (random, channel) => ({
  outcome: random.pick(channel === "wechat" ? WECHAT_OUTCOMES : OUTCOMES),
  lands: random.next() < 0.7,
  pushes: random.next() < 0.7,
  finishes: random.next() < 0.8,
});

/** Everybody passes, and says so: everybody leaves evidence. */
export const everybodyPasses: DrawHabits = () => ({
  outcome: "passed",
  lands: false,
  pushes: true,
  finishes: true,
});

/** One person from the first tap to the last look. */
async function runFlow(
  client: SoakClient,
  random: Random,
  drawHabits: DrawHabits,
): Promise<SoakFlow | undefined> {
  const channel = random.pick(CHANNELS);
  const { outcome, lands, pushes, finishes } = drawHabits(random, channel);
  const flow = await startFlow(client, channel);
  if (!flow) return undefined;
  const { verificationId: id, subject } = flow;
  if (outcome !== "walks away") {
    const token = tokenOf(flow.start);
    const more = channel === "wechat" ? { openid: subject, push: pushes } : {};
    const done = completed.parse(await client.simulate("POST", "complete", { token, outcome, ...more }));
    if (channel === "h5" && lands) await land(client, token);
    if (finishes) {
      const body = done.verifyResult === undefined ? {} : { verifyResult: done.verifyResult };
      await client.send("verification", "POST", `/verifications/${id}/finish`, { body });
    }
  }
  await client.send("verification", "GET", `/verifications/${id}`);
  return { id, channel, outcome };
}

/** How the load runs. */
export interface LoadOptions {
  /** How many people at a time. */
  readonly people: number;
  /** How long a person's place stays empty, at most. */
  readonly pauseMs: number;
  readonly habits: DrawHabits;
  /** Asked before each person. */
  readonly isOver: () => boolean;
}

/** Runs until it is over; answers every verification, and how many people got no token. */
export async function runLoad(
  client: SoakClient,
  random: Random,
  { people, pauseMs, habits, isOver }: LoadOptions,
): Promise<{ flows: SoakFlow[]; turnedAway: number }> {
  const flows: SoakFlow[] = [];
  let turnedAway = 0;
  const place = async (): Promise<void> => {
    while (!isOver()) {
      const flow = await runFlow(client, random, habits);
      if (flow) flows.push(flow);
      else turnedAway += 1;
      await sleep(random.between(0, pauseMs));
    }
  };
  await Promise.all(Array.from({ length: people }, place));
  return { flows, turnedAway };
}
