import { Buffer } from "node:buffer";
import { Webhook } from "standardwebhooks";
import { describe, expect, test, vi } from "vitest";
import { resendEvents } from "../../shared/store/event-log.ts";
import { enqueueEvent } from "../../shared/store/outbox.ts";
import { outboundEvent } from "../../shared/store/schema.ts";
import { reconcile } from "../../shared/verification/reconcile.ts";
import { deliverEvents } from "../../shared/webhooks/deliver.ts";
import type { Receiver } from "../../shared/webhooks/send.ts";
import { sampleVerification } from "../support/contract.ts";
import { during, li, observed, zhang } from "../verification/observations.ts";
import { instances, makeWorld, setTime, tokenOf, type World } from "../verification/world.ts";
import { type Reply, receiver } from "./receiver.ts";

const secret = `whsec_${Buffer.alloc(24, 9).toString("base64")}`;
const plenty = () => 100_000;
const at = (seconds: number) => new Date(during.getTime() + seconds * 1000);
const enqueue = (world: World, n = 1) =>
  enqueueEvent(world.db, "verification.passed", sampleVerification({ reference: `ver_${n}` }), at(n / 1000));

async function receiving(reply?: Reply) {
  const { url, received } = await receiver(reply);
  const to: Receiver = { url, secret, mayBePrivate: true };
  return { to, received };
}

describe("an event", () => {
  test("arrives signed as Standard Webhooks says, with its own id", async () => {
    const world = await makeWorld();
    const { to, received } = await receiving();
    const data = sampleVerification();
    const before = new Date();
    await enqueueEvent(world.db, "verification.passed", data, before);
    expect(await deliverEvents(world.db, to, plenty)).toEqual({ delivered: 1, undelivered: 0 });
    const [event] = await world.events();
    const [request] = received;
    expect(request?.method).toBe("POST");
    expect(request?.headers).toMatchObject({ "content-type": "application/json", "webhook-id": event?.id });
    expect(new Webhook(secret).verify(request?.body ?? "", request?.headers ?? {})).toEqual({
      type: "verification.passed",
      timestamp: before.toISOString(),
      data,
    });
    const other = new Webhook(`whsec_${Buffer.alloc(24, 8).toString("base64")}`);
    expect(() => other.verify(request?.body ?? "", request?.headers ?? {})).toThrow("No matching signature");
    expect(event).toMatchObject({ deliverAt: null, tries: 1, deliveredAt: expect.any(Date) });
    expect(await deliverEvents(world.db, to, plenty)).toEqual({ delivered: 0, undelivered: 0 });
    expect(received).toHaveLength(1);
  });

  test("is tried again at Standard Webhooks' intervals, then given up and kept for people to see", async () => {
    const world = await makeWorld();
    const { to, received } = await receiving((response) => response.writeHead(500).end());
    setTime(at(1));
    await enqueue(world);
    const waits: number[] = [];
    for (let now = at(1); ; ) {
      setTime(now);
      expect(await deliverEvents(world.db, to, plenty)).toEqual({ delivered: 0, undelivered: 1 });
      const next = (await world.events())[0]?.deliverAt;
      if (!next) break;
      waits.push((next.getTime() - now.getTime()) / 1000);
      setTime(new Date(next.getTime() - 1));
      expect(await deliverEvents(world.db, to, plenty)).toEqual({ delivered: 0, undelivered: 0 });
      now = next;
    }
    expect(waits).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]);
    expect(received).toHaveLength(10);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(await world.events()).toMatchObject([{ tries: 10, deliverAt: null, deliveredAt: null }]);
  });

  test.each([
    ["three days old is not given up when instances that died have used up its tries", 272_104, 3_600],
    ["older than all delays together is", 272_105, null],
  ])("that is %s", async (_, ageS, waitS) => {
    const world = await makeWorld();
    const { to } = await receiving((response) => response.writeHead(500).end());
    setTime(at(ageS));
    await world.db.insert(outboundEvent).values({
      ...{
        id: "evt_1",
        type: "verification.passed",
        data: {},
        createdAt: at(0),
        deliverAt: at(ageS),
        tries: 30,
      },
    });
    expect(await deliverEvents(world.db, to, plenty)).toEqual({ delivered: 0, undelivered: 1 });
    expect((await world.events())[0]?.deliverAt).toEqual(waitS && at(ageS + waitS));
  });

  test("comes again if a run crashed after sending it: at least once, under the same id", async () => {
    const world = await makeWorld();
    const { to, received } = await receiving();
    const [crashing] = instances(world, 1).all;
    setTime(at(1));
    await enqueue(world);
    if (!crashing) throw new Error("no instance");
    // The run dies between the receiver's answer and the note of it.
    const run = crashing.run.bind(crashing);
    vi.spyOn(crashing, "run").mockImplementation((statement, values) =>
      statement.name === "mark-delivered" ? Promise.reject(new Error("crashed")) : run(statement, values),
    );
    await expect(deliverEvents(crashing, to, plenty)).rejects.toThrow("crashed");
    setTime(at(20.999));
    await deliverEvents(world.db, to, plenty);
    expect(received).toHaveLength(1);
    setTime(at(21));
    expect(await deliverEvents(world.db, to, plenty)).toEqual({ delivered: 1, undelivered: 0 });
    expect(received.map(({ headers }) => headers["webhook-id"])).toEqual(
      Array(2).fill((await world.events())[0]?.id),
    );
  });

  test("that could not be recorded does not end the run before the others have", async () => {
    const world = await makeWorld();
    const { to } = await receiving((response, { body }) => {
      setTimeout(() => response.end(), body.includes('"ver_2"') ? 200 : 0);
    });
    const [failing] = instances(world, 1).all;
    await enqueue(world, 1);
    await enqueue(world, 2);
    if (!failing) throw new Error("no instance");
    const run = failing.run.bind(failing);
    vi.spyOn(failing, "run").mockImplementationOnce(run).mockRejectedValueOnce(new Error("no answer"));
    await expect(deliverEvents(failing, to, plenty)).rejects.toThrow("no answer");
    expect((await world.events()).filter(({ deliveredAt }) => deliveredAt !== null)).toHaveLength(1);
  });

  test("that another run has delivered meanwhile is not put off by a run that was slow", async () => {
    const world = await makeWorld();
    setTime(at(1));
    await enqueue(world);
    const { to, received } = await receiving(async (response) => {
      if (received.length === 1) {
        setTime(at(22));
        await deliverEvents(world.db, to, plenty);
        response.writeHead(500);
      }
      response.end();
    });
    expect(await deliverEvents(world.db, to, plenty)).toEqual({ delivered: 0, undelivered: 1 });
    expect(received).toHaveLength(2);
    expect(await world.events()).toMatchObject([{ deliverAt: null, deliveredAt: at(22) }]);
  });

  test("that people make due again while its last try fails is not given up", async () => {
    const world = await makeWorld();
    setTime(at(1));
    await enqueue(world);
    await world.db.update(outboundEvent).set({ tries: 9, createdAt: at(-80 * 3_600) });
    const { to } = await receiving(async (response) => {
      await resendEvents(world.db, { since: at(-90 * 3_600) }, at(2));
      response.writeHead(500).end();
    });
    expect(await deliverEvents(world.db, to, plenty)).toEqual({ delivered: 0, undelivered: 1 });
    expect(await world.events()).toMatchObject([{ deliverAt: at(2), tries: 0 }]);
  });

  test("is sent once by runs that go at the same time", async () => {
    const world = await makeWorld();
    const { to, received } = await receiving();
    for (let n = 1; n <= 50; n += 1) await enqueue(world, n);
    const { all, close } = instances(world, 4);
    const runs = await Promise.all(all.map((db) => deliverEvents(db, to, plenty)));
    await close();
    expect(runs.reduce((sum, run) => sum + run.delivered, 0)).toBe(50);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(50);
    expect(received).toHaveLength(50);
  });

  test("never holds anything personal, whatever became of the verification (THREAT 58)", async () => {
    setTime(during);
    const world = await makeWorld();
    const { to, received } = await receiving();
    const [passed, foreign] = [await world.pending(zhang), await world.pending(zhang)];
    world.channel.onObserve = ({ verificationId: id }) =>
      observed({ echo: id, ...(id === foreign.id && { person: { kind: "named", ...li } }) });
    await reconcile(world.settleDeps, plenty);
    await deliverEvents(world.db, to, plenty);
    const types = received.map(({ body }) => /"type":"([\w.]+)"/.exec(body)?.[1]);
    expect(types.toSorted()).toEqual(["alarm.raised", "verification.failed", "verification.passed"]);
    for (const { body } of received) {
      for (const secretText of [
        zhang.name,
        zhang.idCardNumber,
        li.name,
        li.idCardNumber,
        tokenOf(passed.id),
        "TOKEN",
      ]) {
        expect(body).not.toContain(secretText);
      }
    }
  });
});

describe("a receiver", () => {
  test.each([301, 302, 307, 308])(
    "that redirects with %i is not followed: a signed event goes to no other host",
    async (status) => {
      const world = await makeWorld();
      const elsewhere = await receiver();
      const { to } = await receiving((response) =>
        response.writeHead(status, { location: elsewhere.url }).end(),
      );
      await enqueue(world);
      expect(await deliverEvents(world.db, to, plenty)).toEqual({ delivered: 0, undelivered: 1 });
      expect(elsewhere.received).toEqual([]);
    },
  );

  test("that is slow is left after its time, and does not hold the others", async () => {
    const timeout = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
      expect(ms).toBe(10_000);
      const controller = new AbortController();
      setTimeout(() => controller.abort(new DOMException("slow", "TimeoutError")), 100);
      return controller.signal;
    });
    const world = await makeWorld();
    const { to, received } = await receiving((response, { body }) => {
      if (!body.includes('"ver_1"')) response.end();
    });
    await enqueue(world, 1);
    await enqueue(world, 2);
    expect(await deliverEvents(world.db, to, plenty)).toEqual({ delivered: 1, undelivered: 1 });
    expect(received).toHaveLength(2);
    timeout.mockRestore();
  });

  test("that is gone, or closes without an answer, gets the event later", async () => {
    const world = await makeWorld();
    const { to } = await receiving((response) => response.destroy());
    for (const receiverNow of [to, { url: "http://127.0.0.1:4597/", secret, mayBePrivate: true }]) {
      await enqueue(world);
      expect(await deliverEvents(world.db, receiverNow, plenty)).toEqual({ delivered: 0, undelivered: 1 });
    }
    for (const { deliverAt, tries } of await world.events()) {
      expect(tries).toBe(1);
      expect(deliverAt?.getTime()).toBeGreaterThan(Date.now());
    }
  });

  test("that says much is heard only as far as its status", async () => {
    const world = await makeWorld();
    const { to } = await receiving((response) => {
      response.writeHead(204);
      response.end();
    });
    await enqueue(world);
    expect(await deliverEvents(world.db, to, plenty)).toEqual({ delivered: 1, undelivered: 0 });
  });

  test("that does not exist means that events are kept until there is one", async () => {
    setTime(at(1));
    const world = await makeWorld();
    await enqueue(world);
    expect(await deliverEvents(world.db, undefined, plenty)).toEqual({ delivered: 0, undelivered: 0 });
    expect(await world.events()).toMatchObject([{ tries: 0, deliveredAt: null }]);
    const { to, received } = await receiving();
    expect(await deliverEvents(world.db, to, plenty)).toEqual({ delivered: 1, undelivered: 0 });
    expect(received).toHaveLength(1);
  });

  test("is left alone when too little time is left", async () => {
    const world = await makeWorld();
    const { to, received } = await receiving();
    await enqueue(world);
    expect(await deliverEvents(world.db, to, () => 20_000)).toEqual({ delivered: 0, undelivered: 0 });
    expect(received).toEqual([]);
  });
});
