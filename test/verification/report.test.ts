import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ConflictError } from "../../shared/runtime/errors.ts";
import { log } from "../../shared/runtime/log.ts";
import { listResultTokens } from "../../shared/store/result-tokens.ts";
import { seenPush } from "../../shared/store/schema.ts";
import { reportByClient, reportByPush } from "../../shared/verification/report.ts";
import { during, over } from "./observations.ts";
import { keyring, makeWorld, setTime, type World } from "./world.ts";

/** `wechat` asks by result tokens, `mini-program` does not. */
async function reporting(): Promise<{ world: World; deps: Parameters<typeof reportByClient>[0] }> {
  const world = await makeWorld();
  await world.db.delete(seenPush);
  const wechat = { ...world.channel, name: "wechat", usesResultTokens: true };
  return {
    world,
    deps: { db: world.db, keyring, channels: { wechat, "mini-program": world.channel } },
  };
}

/** What is logged as a warning from now on, with the text left out. */
function watchWarnings(): () => unknown[] {
  const logged = vi.spyOn(log, "warn").mockReturnValue(undefined);
  onTestFinished(() => logged.mockRestore());
  return () => logged.mock.calls.map(([facts]) => facts);
}

const push = (verificationId: string, over: object = {}) => ({
  signature: "signature-1",
  verificationId,
  openid: "user-1",
  resultToken: "r1",
  ...over,
});

const notForResultTokens = [
  ["of a channel that needs none", { channel: "mini-program" }],
  ["of a channel that is not here", { channel: "eid" }],
  ["that has passed", { channel: "wechat", status: "passed" }],
  ["that has failed", { channel: "wechat", status: "failed" }],
  ["that has expired", { channel: "wechat", status: "expired" }],
] as const;

describe("a result token for a verification", () => {
  test.each(notForResultTokens)("%s is not kept, whoever brings it", async (_, row) => {
    const { world, deps } = await reporting();
    const about = await world.pending(undefined, row);
    await reportByClient(deps, about, "r1");
    expect(await reportByPush(deps, push(about.id))).toBeUndefined();
    expect(await listResultTokens(world.db, keyring, about.id)).toEqual([]);
    // Nor is it used up: the verification that it belongs to still takes it.
    const own = await world.pending(undefined, { channel: "wechat" });
    await reportByClient(deps, own, "r1");
    expect(await listResultTokens(world.db, keyring, own.id)).toEqual(["r1"]);
  });

  test("that is open is kept, and a push has it asked about at the timer's next run", async () => {
    setTime(during);
    const { world, deps } = await reporting();
    const warnings = watchWarnings();
    const row = await world.pending(undefined, { channel: "wechat", checkAt: over });
    expect(await reportByPush(deps, push(row.id))).toMatchObject({ id: row.id });
    expect((await world.row(row.id)).checkAt).toEqual(during);
    expect(warnings()).toEqual([]);
    await reportByClient(deps, row, "r1");
    expect(await listResultTokens(world.db, keyring, row.id)).toEqual(["r1"]);
  });

  test("of another user is not kept for a push", async () => {
    const { world, deps } = await reporting();
    const warnings = watchWarnings();
    const row = await world.pending(undefined, { channel: "wechat" });
    expect(await reportByPush(deps, push(row.id, { openid: "user-2" }))).toBeUndefined();
    expect(warnings()).toEqual([{ verificationId: row.id }]);
    expect(await listResultTokens(world.db, keyring, row.id)).toEqual([]);
  });

  test("that serves another one is a conflict for a client, and no news by a push", async () => {
    const { world, deps } = await reporting();
    const [one, other] = [
      await world.pending(undefined, { channel: "wechat" }),
      await world.pending(undefined, { channel: "wechat" }),
    ];
    await reportByClient(deps, one, "r1");
    await expect(reportByClient(deps, other, "r1")).rejects.toThrow(ConflictError);
    const warnings = watchWarnings();
    // Once: the repetition of a push is no news to anybody.
    for (let n = 0; n < 2; n += 1) expect(await reportByPush(deps, push(other.id))).toBeUndefined();
    expect(warnings()).toEqual([{ verificationId: other.id }]);
    expect(await listResultTokens(world.db, keyring, other.id)).toEqual([]);
  });
});
