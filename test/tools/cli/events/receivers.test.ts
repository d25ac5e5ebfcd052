/** `npm run listen` and `npm run trigger`, and the samples that they send. */
import { Webhook } from "standardwebhooks";
import { describe, expect, test, vi } from "vitest";
import { events } from "../../../../shared/contract/events.ts";
import { eventTypes } from "../../../../tools/cli/events/event-types.ts";
import { listen, listenCommand } from "../../../../tools/cli/events/listen.ts";
import { signingSecret } from "../../../../tools/cli/events/local-stack.ts";
import { newSample, samples } from "../../../../tools/cli/events/samples.ts";
import { triggerCommand } from "../../../../tools/cli/events/trigger.ts";
import { makeWorld } from "../../../verification/world.ts";
import { receiver } from "../../../webhooks/receiver.ts";
import { runCommand } from "./run.ts";

const SIMULATOR_URL = "http://127.0.0.1:3100";

test.each(eventTypes)("the sample of %s is as the contract says", (type) => {
  const now = new Date();
  const data = samples(newSample("order-7", now))[type]();
  events[type].parse({ type, timestamp: now.toISOString(), data });
});

describe("npm run listen", () => {
  test("delivers at once what waits and what is triggered, a report each, until it is stopped", async () => {
    const world = await makeWorld();
    const env = { DATABASE_URL: world.databaseUrl, SIMULATOR_URL };
    const { url, received } = await receiver();
    const secret = signingSecret({ AUTH_SECRET: "one" });
    expect(secret).toBe(signingSecret({ AUTH_SECRET: "one" }));
    expect(await runCommand(triggerCommand, env, "archive.archived")).toMatchObject({ code: 0 });
    const stop = new AbortController();
    const report = vi.fn();
    // An hour ahead, as the clock of a local stack may be: the signature must still be good now.
    const options = { report, now: () => new Date(Date.now() + 3_600_000) };
    const listening = listen(world.db, { url, secret, mayBePrivate: true }, options, stop.signal);
    await vi.waitFor(() => expect(received).toHaveLength(1), { timeout: 10_000 });
    await runCommand(triggerCommand, env, "verification.passed", "--reference", "order-7");
    await vi.waitFor(() => expect(received).toHaveLength(2), { timeout: 10_000 });
    stop.abort();
    await listening;
    const bodies = received.map(({ body, headers }) => new Webhook(secret).verify(body, headers));
    expect(bodies).toMatchObject([
      { type: "archive.archived" },
      { type: "verification.passed", data: { reference: "order-7" } },
    ]);
    expect(report).toHaveBeenCalledTimes(2);
    expect((await world.events()).map(({ deliverAt }) => deliverAt)).toEqual([null, null]);
  });

  test.each([
    ["a deployment", {}, "This is a deployment"],
    [
      "a stack whose events go elsewhere",
      { SIMULATOR_URL, WEBHOOK_URL: "http://127.0.0.1:9/" },
      "WEBHOOK_URL",
    ],
  ])("takes no events away from %s", async (_, more, message) => {
    const world = await makeWorld();
    const env = { DATABASE_URL: world.databaseUrl, ...more };
    const ran = await runCommand(listenCommand, env, "http://localhost:8080/hooks");
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining(message) });
  });

  test.each(["ftp://localhost/", "http://shop.example/", "hooks"])(
    "refuses the address %s",
    async (address) => {
      expect(await runCommand(listenCommand, {}, address)).toMatchObject({ code: 2 });
    },
  );
});

describe("npm run trigger", () => {
  test("invents nothing in a deployment, and no type", async () => {
    const world = await makeWorld();
    const env = { DATABASE_URL: world.databaseUrl };
    expect(await runCommand(triggerCommand, env, "verification.passed")).toMatchObject({ code: 1 });
    expect(await runCommand(triggerCommand, env, "verification.done")).toMatchObject({ code: 2 });
    expect(await world.events()).toEqual([]);
  });
});
