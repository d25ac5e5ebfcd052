/** `npm run events` against a real database and a real receiver. */
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { enqueueEvent, leaseEvents, markDelivered, postponeEvent } from "../../../../shared/store/outbox.ts";
import { deliverEvents } from "../../../../shared/webhooks/deliver.ts";
import { listCommand } from "../../../../tools/cli/events/list.ts";
import { pingCommand } from "../../../../tools/cli/events/ping.ts";
import { resendCommand } from "../../../../tools/cli/events/resend.ts";
import { showCommand } from "../../../../tools/cli/events/show.ts";
import { sampleVerification } from "../../../support/contract.ts";
import { makeWorld, type World } from "../../../verification/world.ts";
import { receiver } from "../../../webhooks/receiver.ts";
import { runCommand } from "./run.ts";

const secret = `whsec_${Buffer.alloc(24, 9).toString("base64")}`;
const HOUR_MS = 3_600_000;

/** Three events: delivered, given up, and waiting; made seven, five and one hour ago. */
async function threeEvents(world: World) {
  const ago = (hours: number) => new Date(Date.now() - hours * HOUR_MS);
  await enqueueEvent(world.db, "verification.passed", sampleVerification(), ago(7));
  await enqueueEvent(world.db, "alarm.raised", { alarm: "timer_stopped", timer: "archive" }, ago(5));
  const [passed, alarm] = await leaseEvents(world.db, new Date(), 2, 60);
  await markDelivered(world.db, [passed?.id ?? ""], ago(6));
  await postponeEvent(world.db, { id: alarm?.id ?? "", tries: 0 }, null);
  await enqueueEvent(world.db, "archive.archived", sampleVerification(), ago(1));
  return { passed: passed?.id ?? "", alarm: alarm?.id ?? "", env: { DATABASE_URL: world.databaseUrl } };
}

const idsIn = (out: string) => [...out.matchAll(/evt_[0-9a-f-]{36}/g)].map(([id]) => id);

describe("events list", () => {
  test("shows the newest first, and by type and by state only those", async () => {
    const world = await makeWorld();
    const { passed, alarm, env } = await threeEvents(world);
    const { code, out } = await runCommand(listCommand, env);
    expect(code).toBe(0);
    expect(idsIn(out)).toEqual((await world.events()).map(({ id }) => id).toReversed());
    expect(out).toContain("timer_stopped archive");
    const found = [];
    for (const state of ["delivered", "given-up", "waiting"])
      found.push(idsIn((await runCommand(listCommand, env, "--state", state)).out));
    expect(found.slice(0, 2)).toEqual([[passed], [alarm]]);
    expect(found[2]).toHaveLength(1);
    expect(idsIn((await runCommand(listCommand, env, "--type", "alarm.raised")).out)).toEqual([alarm]);
    expect(JSON.parse((await runCommand(listCommand, env, "--json", "--limit", "1")).out)).toMatchObject([
      { type: "archive.archived", delivery: "waiting", tries: 0 },
    ]);
  });

  test.each([
    [["--type", "verification.done"], "is no type of event"],
    [["--state", "lost"], "--state is one of waiting, delivered, given-up."],
    [["--limit", "0"], "--limit is a whole number"],
  ])("refuses %j", async (args, message) => {
    expect(await runCommand(listCommand, {}, ...args)).toMatchObject({
      code: 2,
      err: expect.stringContaining(message),
    });
  });
});

test("events show prints the body that the receiver gets, and says so when there is none", async () => {
  const world = await makeWorld();
  const { passed, env } = await threeEvents(world);
  const { code, out } = await runCommand(showCommand, env, passed);
  expect(code).toBe(0);
  expect(out).toContain("delivered");
  expect(JSON.parse(out.slice(out.indexOf("{")))).toMatchObject({
    type: "verification.passed",
    data: sampleVerification(),
  });
  expect(await runCommand(showCommand, env, "evt_none")).toMatchObject({
    code: 1,
    err: 'There is no event "evt_none".\n',
  });
});

describe("events resend", () => {
  test("makes one event due again, which then arrives under its old id", async () => {
    const world = await makeWorld();
    const { alarm, env } = await threeEvents(world);
    expect(await runCommand(resendCommand, env, alarm)).toMatchObject({ code: 0 });
    const again = (await world.events()).find(({ id }) => id === alarm);
    expect(again).toMatchObject({ tries: 0, deliverAt: expect.any(Date), deliveredAt: null });
    const { url, received } = await receiver();
    await deliverEvents(world.db, { url, secret, mayBePrivate: true }, () => 100_000);
    expect(received.map(({ headers }) => headers["webhook-id"])).toContain(alarm);
    expect(await runCommand(resendCommand, env, "evt_none")).toMatchObject({ code: 1 });
  });

  test("makes those of the last hours due again, delivered or not, and none from before", async () => {
    const world = await makeWorld();
    const { passed, env } = await threeEvents(world);
    expect((await runCommand(resendCommand, env, "--since", "6h")).out).toBe("2 events are due again.\n");
    const waiting = (await world.events()).filter(({ deliverAt }) => deliverAt !== null);
    expect(waiting.map(({ id }) => id)).not.toContain(passed);
    expect((await runCommand(resendCommand, env, "--since", "1d")).out).toBe("3 events are due again.\n");
  });

  test.each([[[]], [["evt_1", "--since", "6h"]], [["--since", "6"]], [["--since", "0h"]]])(
    "refuses %j",
    async (args) => expect(await runCommand(resendCommand, {}, ...args)).toMatchObject({ code: 2 }),
  );
});

describe("events ping", () => {
  const settings = (url: string) => ({
    DATABASE_URL: "postgres://nowhere/none",
    WEBHOOK_URL: url,
    WEBHOOK_SECRET: secret,
    SIMULATOR_URL: "http://127.0.0.1:3100",
  });

  test("sends one signed event and says status and time", async () => {
    const { url, received } = await receiver();
    const { code, out } = await runCommand(pingCommand, settings(url));
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^HTTP 200, \d+ ms\n$/) });
    const [request] = received;
    expect(new Webhook(secret).verify(request?.body ?? "", request?.headers ?? {})).toMatchObject({
      type: "ping",
    });
  });

  test("fails where the receiver answers anything but 2xx, and where there is none", async () => {
    const { url } = await receiver((response) => response.writeHead(404).end());
    expect(await runCommand(pingCommand, settings(url))).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^HTTP 404, /),
    });
    const { SIMULATOR_URL, ...inTheCloud } = settings(url);
    expect(await runCommand(pingCommand, inTheCloud)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^its address is private/),
    });
    const { WEBHOOK_URL, ...without } = settings(url);
    expect((await runCommand(pingCommand, without)).err).toContain("WEBHOOK_URL is not set");
  });
});
