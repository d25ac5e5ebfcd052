/** The function `deliver` by its settings alone: where its events may go. */
import { afterEach, expect, test, vi } from "vitest";
import { enqueueEvent } from "../../shared/store/outbox.ts";
import { sampleVerification } from "../support/contract.ts";
import { makeWorld } from "../verification/world.ts";
import { receiver } from "../webhooks/receiver.ts";
import { freshFunction } from "./fresh-function.ts";

afterEach(() => vi.unstubAllEnvs());

test.each([
  [
    "a deployment sends nothing to an address of its own machine",
    undefined,
    { delivered: 0, undelivered: 1 },
  ],
  ["a stack with the simulator does", "http://127.0.0.1:3100", { delivered: 1, undelivered: 0 }],
])("%s", async (_, simulatorUrl, result) => {
  const world = await makeWorld();
  await enqueueEvent(world.db, "verification.passed", sampleVerification(), new Date());
  const { url, received } = await receiver();
  vi.stubEnv("DATABASE_URL", world.databaseUrl);
  vi.stubEnv("WEBHOOK_URL", url);
  vi.stubEnv("WEBHOOK_SECRET", `whsec_${Buffer.alloc(24, 9).toString("base64")}`);
  vi.stubEnv("SIMULATOR_URL", simulatorUrl);
  const deliver = await freshFunction("deliver");
  const context = { getRemainingTimeInMillis: () => 100_000 };
  expect(await deliver({ Type: "Timer", TriggerName: "t" }, context)).toEqual(result);
  expect(received).toHaveLength(result.delivered);
});
