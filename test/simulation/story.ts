/** Small random stories: people who verify themselves, clients that come back or do not, and what the operator does meanwhile. */
import { type Identity, withCheckDigit } from "../support/people.ts";
import type { Bundle } from "./bundle.ts";
import { type Flow, hasPassed } from "./flow.ts";
import { CALM } from "./instance.ts";
import type { Chance } from "./random.ts";
import type { Intent, State } from "./state.ts";
import { theWorld, type World } from "./time.ts";
import { resultTokenOf } from "./wechat.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** From then on nothing goes wrong any more: what the faults left behind must come right before the purge. */
const CALM_FROM_MS = 58 * HOUR_MS;

/** When a store is back that was not there at any purge. */
const BACK_MS = 76 * HOUR_MS;

const FAILING_CODES = [1004, 2011, 2015, 2016, 2006] as const;

function somebody({ below }: Chance, index: number): Identity {
  const digits = [...String(below(1_000_000)).padStart(6, "0")].map(
    (digit) => "零一二三四五六七八九"[Number(digit)],
  );
  const day = `${1950 + below(50)}${String(1 + below(12)).padStart(2, "0")}${String(1 + below(28)).padStart(2, "0")}`;
  return {
    name: `仿真${digits.join("")}${index}`,
    idCardNumber: withCheckDigit(`110101${day}${String(below(1000)).padStart(3, "0")}`),
  };
}

/** Somebody else than was asked for, who may bear the same name. */
function other({ name }: Identity, chance: Chance): Identity {
  const somebodyElse = somebody(chance, 9);
  return chance.happens(0.5) ? { ...somebodyElse, name } : somebodyElse;
}

/** A time in which something is down; mostly none. Half of them while people come, who are done within hours. */
function outage({ chance, now }: World, probability: number): () => boolean {
  if (!chance.happens(probability)) return () => false;
  const from = now + chance.between(0, (chance.happens(0.5) ? 2 : 40) * HOUR_MS);
  const until = from + chance.between(MINUTE_MS, 6 * HOUR_MS);
  return () => theWorld().now >= from && theWorld().now < until;
}

/** Draws what goes wrong. */
export function drawTroubles(state: State): void {
  const world = theWorld();
  const { chance } = world;
  const scale = chance.oneOf([0, 0.3, 1, 1, 3]);
  const rough = {
    crash: 0.006 * scale,
    failure: 0.01 * scale,
    lostAnswer: 0.008 * scale,
    delay: 0.015 * scale,
    stall: 0.004 * scale,
  };
  const isCalm = () => theWorld().now - world.startsAt >= CALM_FROM_MS;
  const often = (probability: number) => () => (isCalm() ? 0 : probability * scale);
  state.weather = rough;
  world.later(CALM_FROM_MS, "it becomes calm", () => {
    state.weather = CALM;
  });
  state.isDatabaseDown = outage(world, 0.1 * scale);
  state.providers.isDown = outage(world, 0.2 * scale);
  state.providers.malformed = often(0.005);
  state.providers.rateLimited = often(0.02);
  state.store.isDown = outage(world, 0.15 * scale);
  if (chance.happens(0.02 * scale)) {
    const from = world.now + chance.between(0, 30 * HOUR_MS);
    state.store.isDown = () => theWorld().now >= from && theWorld().now < world.startsAt + BACK_MS;
    state.store.isDownUntilPurge = true;
  }
  if (chance.happens(0.15)) state.retentionDays = 1 + chance.below(2);
  state.store.partial = often(0.01);
  const isReceiverDown = outage(world, 0.2 * scale);
  const refuses = often(0.05);
  state.receiver.trouble = () => (isReceiverDown() || chance.happens(refuses()) ? 503 : undefined);
  if (chance.happens(0.05 * scale)) {
    world.later(chance.between(0, 50 * HOUR_MS), "the clock jumps", () => {
      world.now += chance.between(MINUTE_MS, 2 * HOUR_MS);
    });
  }
}

/** Begins so many stories, and what the operator does meanwhile. */
export function begin(state: State, bundle: Bundle, stories: number): void {
  const world = theWorld();
  const { chance } = world;
  for (let story = 0; story < stories; story += 1) beginStory(state, bundle);
  if (chance.happens(0.3)) {
    world.later(
      chance.between(0, chance.happens(0.5) ? HOUR_MS : 40 * HOUR_MS),
      "keys are rotated",
      () => void rotate(state, bundle),
    );
  }
}

function beginStory(state: State, bundle: Bundle): void {
  const world = theWorld();
  const { chance } = world;
  const people: Identity[] = [];
  const count = 1 + chance.below(4);
  for (let index = 0; index < count; index += 1) {
    const isSame = index > 0 && chance.happens(0.3);
    const person = (isSame && people.at(-1)) || somebody(chance, index);
    if (!isSame) people.push(person);
    world.later(chance.between(0, 30 * MINUTE_MS), "a client comes", () =>
      verify(state, bundle, person, index),
    );
  }
  if (chance.happens(0.25)) {
    const person = chance.oneOf([people[0], ...people]);
    const when = chance.between(0, chance.happens(0.5) ? HOUR_MS : 60 * HOUR_MS);
    if (person) world.later(when, "a person is erased", () => void erase(state, bundle, person));
  }
  state.people.push(...people);
}

async function erase(state: State, bundle: Bundle, person: Identity): Promise<void> {
  state.erasuresAsked.add(person.idCardNumber);
  const ended = await bundle.erasePerson(person.idCardNumber);
  if (typeof ended === "object" && "value" in ended) {
    for (const id of ended.value) state.erased.set(id, person);
  } else
    theWorld().later(10 * MINUTE_MS, "the erasure is tried again", () => void erase(state, bundle, person));
}

async function rotate(state: State, bundle: Bundle): Promise<void> {
  state.keyring = state.keyrings[1];
  state.isRotating = true;
  const ended = await bundle.rotate();
  if (typeof ended === "object" && "value" in ended) state.isRotating = false;
  else theWorld().later(10 * MINUTE_MS, "the rotation is tried again", () => void rotate(state, bundle));
}

/** A client that wants a token, and tries again with the same key if it gets no answer. */
function verify(state: State, bundle: Bundle, person: Identity, index: number): void {
  const world = theWorld();
  const { chance } = world;
  const channel = chance.oneOf(["h5", "h5", "mini-program", "mini-program", "eid", "wechat-v1", "wechat-v2"]);
  const intent: Intent = {
    person: ["eid", "wechat-v1", "wechat-v2"].includes(channel) || chance.happens(0.8) ? person : undefined,
    owner: `CANARY-OWNER-${index}-${chance.below(1_000_000)}`,
    reference: `CANARY-ORDER-${index}-${chance.below(1_000_000)}`,
    key: chance.happens(0.7) ? `key-${state.intents.length}` : undefined,
    answered: new Set(),
    instances: [],
  };
  state.intents.push(intent);
  let isServed = false;
  const request = async (triesLeft: number): Promise<void> => {
    const ended = await bundle.token(
      channel,
      {
        caller: `user:${intent.owner}`,
        owner: intent.owner,
        limitOwner: true,
        reference: intent.reference,
        ...(intent.person && { identity: intent.person }),
        ...(intent.key && { idempotencyKey: intent.key }),
      },
      (instance) => void intent.instances.push(instance),
    );
    if (typeof ended === "object" && "value" in ended) {
      const { row, start } = ended.value;
      intent.answered.add(row.id);
      if (isServed) return;
      isServed = true;
      const token =
        start["bizToken"] ??
        start["eidToken"] ??
        start["userIdKey"] ??
        start["verifyId"] ??
        new URL(start["url"] ?? "").searchParams.get("token");
      const flow = state.providers.flows.get(token ?? "");
      if (!flow) state.broken.push("a client got a token that no provider knows");
      else if (flow.verificationId !== row.id) state.broken.push("a client got another verification's token");
      else {
        flow.openid = intent.owner;
        come(state, bundle, flow);
      }
    } else if (triesLeft > 0) {
      world.later(
        chance.between(SECOND_MS, 60 * SECOND_MS),
        "a client tries again",
        () => void request(triesLeft - 1),
      );
    }
  };
  void request(4);
  if (intent.key && chance.happens(0.25)) {
    world.later(chance.between(0, 3 * SECOND_MS), "a client asks twice", () => void request(0));
  }
}

/** The person in front of the camera, and the client that tells of it. */
function come(state: State, bundle: Bundle, flow: Flow): void {
  const world = theWorld();
  const { chance } = world;
  if (chance.happens(0.12) && !flow.service.startsWith("wechat"))
    flow.broken = chance.oneOf(["best-frame", "video", "text"]);
  if (chance.happens(0.07) && flow.service === "faceid" && flow.asked)
    flow.person = other(flow.asked, chance);
  if (!flow.asked) flow.person = somebody(chance, 8);
  const tries = chance.oneOf([0, 1, 1, 1, 2, 3]);
  let at = 0;
  for (let index = 0; index < tries; index += 1) {
    at += chance.between(20 * SECOND_MS, chance.happens(0.8) ? 5 * MINUTE_MS : 38 * MINUTE_MS);
    const isLast = index === tries - 1;
    const code = isLast && chance.happens(0.75) ? 0 : chance.oneOf(FAILING_CODES);
    world.later(at, "a person tries", () => {
      // A flow takes no more tries once it has passed, and the channel's time is over.
      if (flow.tries.at(-1)?.code === 0 || theWorld().now >= flow.expiresAt) return;
      flow.tries.push({ seq: `seq-${index}`, at: theWorld().now, code });
      clientSaysSo(state, bundle, flow);
    });
  }
  if (chance.happens(0.15)) {
    // Half of them just as the person is done.
    const hesitation = chance.happens(0.5)
      ? chance.between(-SECOND_MS, SECOND_MS)
      : chance.between(0, 10 * MINUTE_MS);
    world.later(
      at + hesitation,
      "a client gives up",
      () => void looked(state, flow, bundle.giveUp(flow.verificationId)),
    );
  }
  if (chance.happens(0.1)) clientSaysSo(state, bundle, flow);
}

function clientSaysSo(state: State, bundle: Bundle, flow: Flow): void {
  const { chance } = theWorld();
  const index = flow.tries.length - 1;
  const resultToken = flow.service === "wechat-v1" && index >= 0 ? resultTokenOf(flow, index) : undefined;
  if (resultToken) {
    const report = {
      signature: `signature-${flow.verificationId}-${index}`,
      verificationId: flow.verificationId,
      openid: flow.openid,
      resultToken,
    };
    for (let times = chance.oneOf([0, 1, 1, 2, 3]); times > 0; times -= 1) {
      const when = chance.between(0.1 * SECOND_MS, 10 * SECOND_MS);
      theWorld().later(when, "WeChat pushes", () => void looked(state, flow, bundle.push(report)));
    }
  }
  for (let times = chance.oneOf([0, 1, 1, 2, 3]); times > 0; times -= 1) {
    const when = chance.between(0.1 * SECOND_MS, chance.happens(0.7) ? 3 * SECOND_MS : 2 * MINUTE_MS);
    theWorld().later(
      when,
      "a client finishes",
      () => void looked(state, flow, bundle.finish(flow.verificationId, resultToken)),
    );
  }
}

/** What a client is told must be true at that moment. */
async function looked(state: State, flow: Flow, ending: ReturnType<Bundle["finish"]>): Promise<void> {
  const ended = await ending;
  if (typeof ended !== "object" || !("value" in ended) || ended.value?.status !== "passed") return;
  if (!hasPassed(flow)) state.broken.push("a client was told of a pass that no provider gave");
}
