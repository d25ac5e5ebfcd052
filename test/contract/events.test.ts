/** Outbound events as the merchant receives them, against the contract's schemas. */
import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { type EventType, events } from "../../shared/contract/events.ts";
import { connect } from "../../shared/store/database.ts";
import { deliverEvents } from "../../shared/webhooks/deliver.ts";
import { somebody } from "../support/people.ts";
import { stackForTests } from "../support/stack.ts";
import { receiver } from "../webhooks/receiver.ts";

const stack = stackForTests();
const isEventType = (type: string): type is EventType => type in events;

describe("every event of flows that end in every way", () => {
  test("is of a type that the contract has, and has its body", async () => {
    const user = await stack.asUser("mei");
    const begun = [];
    for (const outcome of ["passed", "other-person", "1002", undefined]) {
      const { id, token } = await user.issue("h5", { identity: somebody(), reference: "订单-7" });
      if (outcome !== undefined) await stack.simulator.complete(token, outcome);
      await user.finish(id);
      begun.push(id);
    }
    await stack.simulator.advance("2h");
    await stack.simulator.advance("2m");
    for (const id of begun) await user.finish(id);
    await stack.timer("archive");

    const { url, received } = await receiver();
    const { db, close } = connect(stack.running.databaseUrl);
    const secret = `whsec_${Buffer.alloc(24, 9).toString("base64")}`;
    await stack.sql("update outbound_event set deliver_at = '2000-01-01', delivered_at = null");
    await deliverEvents(db, { url, secret, mayBePrivate: true }, () => 100_000);
    await close();

    const types = received.map(({ body }) => {
      const event: unknown = JSON.parse(body);
      const { type } = Object(event);
      if (typeof type !== "string" || !isEventType(type)) throw new Error(`unknown type ${type}`);
      events[type].parse(event);
      return type;
    });
    expect(new Set(types)).toEqual(
      new Set([
        "verification.passed",
        "verification.failed",
        "verification.expired",
        "verification.attempt_failed",
        "archive.archived",
        "alarm.raised",
      ]),
    );
    stack.expectNothingPersonal(received.map(({ body }) => body).join("\n"));
  });
});
