import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { archiveFindings } from "../support/evidence.ts";
import { somebody } from "../support/people.ts";
import { stackForTests } from "../support/stack.ts";

// The clock of this stack only moves on: every test brings a verification of its own.
const stack = stackForTests();

describe.each(["mini-program", "h5"] as const)("a verification through %s", (channel) => {
  test("that nobody finishes expires after the token's time, and there is nothing to keep", async () => {
    const user = await stack.asUser("mei");
    const { id } = await user.issue(channel, { identity: somebody() });
    await stack.simulator.advance("2h");
    await stack.timer("reconcile");
    expect(await user.read(id)).toMatchObject({ status: "pending" }); // an attempt may still be under way
    await stack.simulator.advance("2m");
    await stack.timer("reconcile");
    expect(await user.read(id)).toMatchObject({
      status: "expired",
      reason: { code: "never_finished", retryable: true },
      attempts: 0,
      archive: { status: "skipped" },
    });
    expect(await stack.eventsOf(id)).toEqual(["verification.expired"]);
    await stack.timer("archive");
    expect((await user.read(id)).archive).toEqual({ status: "skipped" });
  });

  test("that failed and was never tried again fails with that reason, and is kept", async () => {
    const user = await stack.asUser("mei");
    const { id, token } = await user.issue(channel);
    await stack.simulator.complete(token, "2006");
    await user.finish(id, {});
    await stack.simulator.advance("122m");
    await stack.timer("reconcile");
    expect(await user.read(id)).toMatchObject({
      status: "failed",
      reason: { code: "name_id_mismatch", providerCode: "2006" },
      attempts: 1,
      archive: { status: "due" },
    });
    await stack.timer("archive");
    expect(await stack.eventsOf(id)).toEqual([
      "verification.attempt_failed",
      "verification.failed",
      "archive.archived",
    ]);
  });

  test("is archived after a pass, and answers when the provider has long purged", async () => {
    const user = await stack.asUser("mei");
    const identity = somebody();
    const { id, token } = await user.issue(channel, { identity });
    await stack.simulator.complete(token, "passed");
    await user.finish(id, {});
    expect(await stack.timer("archive")).toMatchObject({ archived: 1, postponed: 0, lost: 0 });
    const archived = await user.read(id);
    expect(archived).toMatchObject({ status: "passed", archive: { status: "archived" } });
    expect(Date.parse(archived.archive.archivedAt ?? "")).not.toBeNaN();
    expect(await archiveFindings(stack.running, id)).toEqual([]);
    for (const file of readdirSync(join(stack.localDir, "evidence"), {
      recursive: true,
      withFileTypes: true,
    })) {
      if (file.isFile())
        stack.expectNothingPersonal(readFileSync(join(file.parentPath, file.name), "latin1"));
    }

    await stack.simulator.advance("72h");
    const [known] = (await stack.simulator.tokens()).filter((issued) => issued.token === token);
    expect(known?.state).toBe("purged");
    expect(await user.read(id)).toEqual(archived);
    expect(await user.finish(id, {})).toEqual(archived);
    await stack.timer("reconcile");
    await stack.timer("archive");
    expect(await stack.eventsOf(id)).toEqual(["verification.passed", "archive.archived"]);
    expect(await archiveFindings(stack.running, id)).toEqual([]);
  });

  test("that is not archived calls people 24 hours before the purge, once, and after it is lost, loudly", async () => {
    const user = await stack.asUser("mei");
    const { id, token } = await user.issue(channel);
    await stack.simulator.complete(token, "passed");
    await user.finish(id, {});
    await stack.simulator.advance("47h");
    await stack.timer("reconcile");
    expect(await stack.eventsOf(id)).toEqual(["verification.passed"]);
    await stack.simulator.advance("61m");
    expect(await stack.timer("maintain")).toMatchObject({ purgeAlarms: 1 });
    expect(await stack.timer("maintain")).toMatchObject({ purgeAlarms: 0 });
    expect(await stack.eventsOf(id)).toEqual(["verification.passed", "purge_deadline_near"]);
    await stack.logged(new RegExp(`"alarm":"purge_deadline_near"[^\\n]*${id}`));

    await stack.simulator.advance("24h");
    expect(await stack.timer("archive")).toMatchObject({ lost: 1 });
    expect(await user.read(id)).toMatchObject({ status: "passed", archive: { status: "lost" } });
    expect((await stack.eventsOf(id)).slice(2).sort()).toEqual(["archive.lost", "archive_lost"]);
    await stack.logged(new RegExp(`"alarm":"archive_lost"[^\\n]*${id}`));
  });

  test("that passed while nobody asked until the purge is expired, and its loss is told", async () => {
    const user = await stack.asUser("mei");
    const { id, token } = await user.issue(channel);
    await stack.simulator.complete(token, "passed");
    await stack.simulator.advance("73h");
    expect(await user.finish(id, {})).toMatchObject({ status: "expired", reason: { code: "result_purged" } });
    await stack.timer("archive");
    expect(await user.read(id)).toMatchObject({ archive: { status: "lost" } });
    expect(await stack.eventsOf(id)).toEqual(
      expect.arrayContaining(["verification.expired", "archive.lost"]),
    );
  });
});

test("an Idempotency-Key is forgotten after 24 hours", async () => {
  const user = await stack.asUser("mei");
  const first = await user.issue("h5", { reference: "a" }, { "idempotency-key": "order-24" });
  await stack.simulator.advance("23h");
  expect((await user.issue("h5", { reference: "a" }, { "idempotency-key": "order-24" })).id).toBe(first.id);
  await stack.simulator.advance("61m");
  const second = await user.issue("h5", { reference: "b" }, { "idempotency-key": "order-24" });
  expect(second.id).not.toBe(first.id);
});

test("nothing personal was logged", async () => {
  stack.expectNothingPersonal(await stack.logged(/"function":"archive".*"msg":"run done"/));
});
