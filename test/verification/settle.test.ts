import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { log } from "../../shared/runtime/log.ts";
import { verification } from "../../shared/store/schema.ts";
import { claimObservation } from "../../shared/store/settlement.ts";
import { giveUp, settle, settleClaim } from "../../shared/verification/settle.ts";
import {
  attempt,
  createdAt,
  during,
  expiresAt,
  failedWith,
  grace,
  li,
  nothingYet,
  observed,
  over,
  purged,
  zhang,
} from "./observations.ts";
import { makeWorld, onRun, setTime, tokenOf, type World } from "./world.ts";

const settleNow = async (world: World, id: string) => settle(world.settleDeps, await world.row(id), "finish");

/** A pass that echoes the id of the row it is about. */
const pass =
  (over: Parameters<typeof observed>[0] = {}) =>
  (about: { verificationId: string }) =>
    observed({ echo: about.verificationId, ...over });

describe("settling a pass", () => {
  test("records it, counts the attempt, queues the archive and tells the merchant, once", async () => {
    setTime(during);
    const world = await makeWorld();
    const { id } = await world.pending(zhang, { reference: "order-7" });
    world.channel.onObserve = (about) => {
      expect(about.issued.token).toBe(tokenOf(id));
      expect(about.identity).toEqual(zhang);
      return pass()(about);
    };
    const settled = await settleNow(world, id);
    expect(settled).toMatchObject({
      status: "passed",
      reason: null,
      lastAttempt: null,
      attempts: 1,
      settledAt: during,
      checkAt: null,
      archiveStatus: "due",
      archiveAt: during,
    });
    expect(await settleNow(world, id)).toEqual(settled);
    expect(world.channel.asked).toEqual([id]);
    expect(await world.events()).toMatchObject([
      { type: "verification.passed", data: { verificationId: id, status: "passed", reference: "order-7" } },
    ]);
  });

  test("after a failed first attempt keeps both on record", async () => {
    setTime(during);
    const world = await makeWorld();
    const { id } = await world.pending(zhang);
    world.channel.onObserve = ({ verificationId }) => failedWith("2016", { echo: verificationId });
    expect(await settleNow(world, id)).toMatchObject({
      status: "pending",
      attempts: 1,
      lastAttempt: { code: "similarity_too_low", providerCode: "2016" },
      unfinishedAt: null,
    });
    expect(await settleNow(world, id)).toMatchObject({ status: "pending", attempts: 1 });
    world.channel.onObserve = pass({ attempts: [attempt(1, "2016", true), attempt(2, "0", true)] });
    expect(await settleNow(world, id)).toMatchObject({ status: "passed", attempts: 2, lastAttempt: null });
    expect(await world.attempts(id)).toMatchObject([
      { code: "2016", charged: true },
      { code: "0", charged: true },
    ]);
    expect((await world.events()).map(({ type }) => type)).toEqual([
      "verification.attempt_failed",
      "verification.passed",
    ]);
  });
});

describe("settling once more", () => {
  test("what has ended, or has no token, asks nobody", async () => {
    const world = await makeWorld();
    for (const row of [
      await world.pending(zhang, { status: "failed", checkAt: null }),
      await world.pending(zhang, { issued: null }),
    ]) {
      expect(await settle(world.settleDeps, row, "finish")).toBe(row);
      expect(await giveUp(world.settleDeps, row)).toBe(row);
    }
    expect(world.channel.asked).toEqual([]);
  });

  test("is in the log once, and what is as usual is not called unusual", async () => {
    setTime(during);
    const [info, warn] = [vi.spyOn(log, "info"), vi.spyOn(log, "warn")];
    onTestFinished(() => void [info.mockRestore(), warn.mockRestore()]);
    const world = await makeWorld();
    const { id } = await world.pending(zhang);
    await settleNow(world, id);
    const late = await claimObservation(world.db, { id }, 1_000);
    world.channel.onObserve = pass();
    await settleNow(world, id);
    if (late) await settleClaim(world.settleDeps, late, "timer", {});
    expect(info.mock.calls).toMatchObject([
      [{ verificationId: id, channel: "mini-program", trigger: "finish", status: "passed" }, "settled"],
    ]);
    expect(warn).not.toHaveBeenCalled();
  });

  test("gives up where others change the row before each write, instead of writing for ever", async () => {
    setTime(during);
    const world = await makeWorld();
    const row = await world.pending(zhang);
    world.channel.onObserve = pass();
    const busy = onRun(world.db, (statement, values) =>
      statement.name === "write-settlement" ? Promise.resolve([]) : world.db.run(statement, values),
    );
    await expect(settle({ ...world.settleDeps, db: busy }, row, "finish")).rejects.toThrow("at each try");
  });

  test("has nothing under way when it answers: the platform freezes the function then", async () => {
    const world = await makeWorld();
    let underWay = 0;
    const db = onRun(world.db, async (statement, values) => {
      underWay += 1;
      try {
        return await world.db.run(statement, values);
      } finally {
        underWay -= 1;
      }
    });
    const unreadable = () => Promise.reject(new ProviderError("malformed", "GetDetectInfoEnhanced"));
    for (const onObserve of [pass(), () => nothingYet, () => failedWith("2016"), unreadable]) {
      world.channel.onObserve = onObserve;
      const deps = { ...world.settleDeps, db };
      setTime(during);
      await settle(deps, await world.pending(zhang), "finish");
      expect(underWay).toBe(0);
      await giveUp(deps, await world.pending(zhang)).catch(() => {});
      expect(underWay).toBe(0);
    }
  });
});

describe("giving up", () => {
  test.each([
    ["fails what is pending", nothingYet, { status: "failed", reason: { code: "gave_up" } }],
    ["leaves a pass a pass", observed({ echo: null }), { status: "passed", reason: null }],
    [
      "leaves a failure with its own reason",
      failedWith("16"),
      { status: "failed", reason: { providerCode: "16" } },
    ],
  ])("%s", async (_, observation, ended) => {
    setTime(during);
    const world = await makeWorld();
    const row = await world.pending(zhang);
    world.channel.onObserve = () => ({ ...observation, echo: row.id });
    expect(await giveUp(world.settleDeps, row)).toMatchObject(ended);
    expect(await world.row(row.id)).toMatchObject(ended);
  });
});

describe("settling a result that belongs to somebody else (THREAT 8)", () => {
  test.each([
    ["another person's", { person: { kind: "named" as const, ...li } }],
    ["another verification's", { echo: "ver_other" }],
    [
      "another person's, without any attempt listed",
      { person: { kind: "named" as const, ...li }, attempts: [] },
    ],
  ])("%s fails, raises an alarm, and keeps the evidence", async (_, part) => {
    setTime(during);
    const world = await makeWorld();
    const { id } = await world.pending(zhang);
    world.channel.onObserve = pass(part);
    expect(await settleNow(world, id)).toMatchObject({
      status: "failed",
      reason: { code: "identity_mismatch" },
      archiveStatus: "due",
      archiveAt: during,
    });
    const events = await world.events();
    expect(events.map(({ type }) => type)).toEqual(["verification.failed", "alarm.raised"]);
    expect(events[1]?.data).toMatchObject({
      alarm: "identity_mismatch",
      verification: { verificationId: id },
    });
    const said = JSON.stringify(events);
    for (const personal of [zhang.name, zhang.idCardNumber, li.name, li.idCardNumber, tokenOf(id)]) {
      expect(said).not.toContain(personal);
    }
  });
});

describe("settling what never finished", () => {
  test("leaves it pending to the last moment of grace, then expires it with nothing to archive", async () => {
    const world = await makeWorld();
    const { id } = await world.pending();
    setTime(grace);
    expect(await settleNow(world, id)).toMatchObject({
      status: "pending",
      checkAt: grace,
      unfinishedAt: grace,
    });
    expect(await world.events()).toEqual([]);
    setTime(over);
    expect(await settleNow(world, id)).toMatchObject({
      status: "expired",
      reason: { code: "never_finished" },
      archiveStatus: "skipped",
      archiveAt: null,
      checkAt: null,
    });
    expect((await world.events()).map(({ type }) => type)).toEqual(["verification.expired"]);
  });

  test("keeps the evidence of an attempt that only an earlier answer listed", async () => {
    const world = await makeWorld();
    const { id } = await world.pending(zhang, { identitySource: "none" });
    setTime(during);
    world.channel.onObserve = ({ verificationId }) => failedWith("2016", { echo: verificationId });
    await settleNow(world, id);
    setTime(over);
    world.channel.onObserve = () => nothingYet;
    expect(await settleNow(world, id)).toMatchObject({
      settledAt: over,
      archiveStatus: "due",
      archiveAt: over,
      identitySource: "requested",
    });
  });

  test("fails it where a verdict came without any attempt listed, and keeps that verdict's evidence", async () => {
    setTime(during);
    const world = await makeWorld();
    const { id } = await world.pending();
    world.channel.onObserve = ({ verificationId }) =>
      failedWith("16", { attempts: [], echo: verificationId });
    expect(await settleNow(world, id)).toMatchObject({
      status: "failed",
      archiveStatus: "due",
      archiveAt: during,
    });
  });
});

describe("a provider in trouble", () => {
  test.each(["unavailable", "rate-limited"] as const)(
    "%s changes nothing, however late it is",
    async (kind) => {
      const world = await makeWorld();
      const row = await world.pending(zhang);
      world.channel.onObserve = () => Promise.reject(new ProviderError(kind, "GetDetectInfoEnhanced"));
      for (const now of [during, over, new Date(createdAt.getTime() + 260_000_000)]) {
        setTime(now);
        expect(await settle(world.settleDeps, row, "timer")).toEqual(row);
        expect(await world.row(row.id)).toEqual(row);
      }
      expect(await world.events()).toEqual([]);
    },
  );

  test.each(["malformed", "configuration", "rejected"] as const)(
    "%s settles nothing, however late it is, and calls people at once, and once (THREATS 83)",
    async (kind) => {
      const world = await makeWorld();
      const row = await world.pending(zhang, { archiveAt: purged });
      world.channel.onObserve = () => Promise.reject(new ProviderError(kind, "GetDetectInfoEnhanced"));
      for (const now of [during, over, new Date(createdAt.getTime() + 260_000_000)]) {
        setTime(now);
        await settle(world.settleDeps, await world.row(row.id), "timer");
        expect(await world.row(row.id)).toMatchObject({
          status: "pending",
          settledAt: null,
          raisedAlarms: ["answer_unreadable"],
        });
        expect((await world.events()).map(({ data }) => data["alarm"])).toEqual(["answer_unreadable"]);
      }
      // Kept soon after the token's end, and not when the purge is near.
      const { archiveAt } = await world.row(row.id);
      expect(archiveAt?.getTime()).toBeGreaterThanOrEqual(over.getTime());
      expect(archiveAt?.getTime()).toBeLessThan(over.getTime() + 600_000);
    },
  );

  // A wrong key or account makes every token unknown, and a terminal state cannot be taken back.
  test.each([
    { kind: "purged", believedFrom: over, notYet: grace },
    { kind: "unknown-token", believedFrom: purged, notYet: new Date(purged.getTime() - 1) },
  ] as const)(
    "$kind is not believed before it can be true, and then means a result lost: the archive is to say so",
    async ({ kind, believedFrom, notYet }) => {
      const world = await makeWorld();
      const row = await world.pending(zhang);
      world.channel.onObserve = () => Promise.reject(new ProviderError(kind, "GetDetectInfoEnhanced"));
      setTime(notYet);
      expect(await settle(world.settleDeps, row, "timer")).toEqual(row);
      setTime(believedFrom);
      expect(await settle(world.settleDeps, row, "timer")).toMatchObject({
        status: "expired",
        reason: { code: "result_purged" },
        archiveStatus: "due",
        archiveAt: believedFrom,
      });
    },
  );

  test("an error that no provider throws is not swallowed, and nothing is written", async () => {
    const world = await makeWorld();
    const row = await world.pending();
    world.channel.onObserve = () => Promise.reject(new RangeError("a defect"));
    await expect(settle(world.settleDeps, row, "finish")).rejects.toThrow("a defect");
    expect(await world.row(row.id)).toEqual(row);
  });
});

describe("what cannot be settled", () => {
  test("an intent without a token is not asked about", async () => {
    const world = await makeWorld();
    const row = await world.pending(undefined, { issued: null, expiresAt: null, checkAt: null });
    expect(await settle(world.settleDeps, row, "finish")).toEqual(row);
    expect(world.channel.asked).toEqual([]);
  });

  test("a verification of a channel that this function does not know stays as it is", async () => {
    const world = await makeWorld();
    const row = await world.pending(undefined, { channel: "h5" });
    expect(await settle(world.settleDeps, row, "timer")).toEqual(row);
  });

  test("a row moved to another id does not open: its seal names the row (THREAT 1)", async () => {
    const world = await makeWorld();
    const [mine, theirs] = [await world.pending(), await world.pending()];
    await world.db.update(verification).set({ issued: mine.issued });
    await expect(settleNow(world, theirs.id)).rejects.toThrow("sealed for another place");
    expect(world.channel.asked).toEqual([]);
  });
});

describe("terminal states are final (THREATS 3, 42)", () => {
  const endings = [
    ["passed", pass()],
    ["failed", () => failedWith("16", { echo: null })],
    ["expired", () => failedWith("15", { echo: null, attempts: [] })],
  ] as const;
  test.each(endings)("%s stays, whatever the provider says later", async (status, first) => {
    setTime(during);
    const world = await makeWorld();
    const { id } = await world.pending(zhang);
    // What a slow caller holds that read the row while it was pending: it asks the provider, and changes nothing.
    const stale = await claimObservation(world.db, { id }, 0);
    if (!stale) throw new Error("nothing was claimed");
    world.channel.onObserve = first;
    const settled = await settle(world.settleDeps, stale.row, "finish");
    expect(settled.status).toBe(status);
    const events = await world.events();
    for (const [, later] of [...endings, ["pending", () => nothingYet] as const]) {
      world.channel.onObserve = later;
      for (const now of [during, expiresAt, over]) {
        setTime(now);
        const answered = await settleClaim(world.settleDeps, stale, "push");
        // The ledger knows of every attempt, whenever it is heard of.
        expect(answered).toEqual({ ...settled, attempts: answered.attempts });
      }
    }
    expect(await world.row(id)).toEqual({ ...settled, attempts: 1 });
    expect(await world.attempts(id)).toHaveLength(1);
    // The two other endings at each of three moments, and silence once it would mean expired: somebody is told, and
    // nothing else is said.
    const later = (await world.events()).slice(events.length);
    expect(later.map(({ type, data }) => [type, data["alarm"]])).toEqual(
      Array.from({ length: status === "expired" ? 6 : 7 }, () => ["alarm.raised", "contradicting_result"]),
    );
  });
});
