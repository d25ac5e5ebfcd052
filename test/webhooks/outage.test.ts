/** A receiver that is down for six hours gets every event of that time afterwards. */
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { enqueueEvent } from "../../shared/store/outbox.ts";
import { sweeps } from "../../shared/store/sweeps.ts";
import { deliverEvents } from "../../shared/webhooks/deliver.ts";
import { sampleVerification } from "../support/contract.ts";
import { during } from "../verification/observations.ts";
import { makeWorld, setTime } from "../verification/world.ts";
import { receiver } from "./receiver.ts";

const MINUTE_MS = 60_000;
const OUTAGE_MINUTES = 6 * 60;
/** An event waits for its next try, which may be this long after the outage: 10 hours, as Standard Webhooks says. */
const END_MINUTES = OUTAGE_MINUTES + 10 * 60;
const EVENT_EVERY_MINUTES = 12;
const STEP_MINUTES = 6;

test("all events of six hours without a receiver arrive after it, once each and signed for their time", async () => {
  const world = await makeWorld();
  const secret = `whsec_${Buffer.alloc(24, 9).toString("base64")}`;
  let isDown = true;
  const accepted: { id: string; body: string }[] = [];
  const { url } = await receiver((response, { headers, body }) => {
    if (isDown) {
      response.destroy();
      return;
    }
    new Webhook(secret).verify(body, headers); // throws also where the time is not that of now
    accepted.push({ id: headers["webhook-id"] ?? "", body });
    response.writeHead(204).end();
  });
  for (let minute = 0; minute <= END_MINUTES; minute += STEP_MINUTES) {
    const now = new Date(during.getTime() + minute * MINUTE_MS);
    setTime(now);
    isDown = minute < OUTAGE_MINUTES;
    if (isDown && minute % EVENT_EVERY_MINUTES === 0) {
      const data = sampleVerification({ reference: `order-${minute}` });
      await enqueueEvent(world.db, "verification.passed", data, now);
    }
    const remainingMs = () => 100_000;
    await deliverEvents(world.db, { url, secret, mayBePrivate: true }, remainingMs);
    await sweeps.events(world.db, now, () => true);
  }
  const events = await world.events();
  expect(events).toHaveLength(OUTAGE_MINUTES / EVENT_EVERY_MINUTES);
  expect(events.filter(({ deliveredAt }) => deliveredAt === null)).toEqual([]);
  expect(accepted.map(({ id }) => id).toSorted()).toEqual(events.map(({ id }) => id));
});
