/** A result token of WeChat v1 in the wrong hands: whoever brings it first, its own verification passes, and no other. */
import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import type { Identity } from "../../../shared/channels/types.ts";
import { ConflictError } from "../../../shared/runtime/errors.ts";
import { sealIssued } from "../../../shared/store/record.ts";
import { type VerificationRow, verification } from "../../../shared/store/schema.ts";
import { reportByClient } from "../../../shared/verification/report.ts";
import { settle } from "../../../shared/verification/settle.ts";
import { fakeWechat, info, li, md5, zhang } from "../../channels/wechat/answers.ts";
import { during } from "../../verification/observations.ts";
import { instances, keyring, makeWorld, setTime, type World } from "../../verification/world.ts";

const ROUNDS = 25;
/** What WeChat says: who asks is not known to it, the token alone decides. */
const identify_time = during.getTime() / 1000;

async function pending(world: World, owner: string, identity: Identity, key: string) {
  const { id } = await world.pending(identity, { channel: "wechat", owner });
  const issued = sealIssued(keyring, id, { token: key, start: {}, account: { generation: "1" } });
  await world.db.update(verification).set({ issued }).where(eq(verification.id, id));
  return world.row(id);
}

test("brought to another verification at the same moment, it fails that one and passes its own", async () => {
  setTime(during);
  const world = await makeWorld();
  const { channel } = fakeWechat(({ body }) => {
    const [owner = ""] = String(body?.["verify_result"]).split("/");
    const name = owner === "openid-alice" ? zhang : li;
    return info({
      openid: owner,
      identify_time,
      user_id_key: undefined,
      id_card_number_md5: md5(name.idCardNumber),
      name_utf8_md5: md5(name.name),
    });
  });
  const { all, close } = instances(world, 4);
  const on = (n: number) => ({ db: all[n % all.length] ?? world.db, keyring, channels: { wechat: channel } });

  /** What a client does: brings the token, and asks; a conflict is tried again as long as the verification is open. */
  const finish = async (n: number, row: VerificationRow, resultToken: string, tries: number) => {
    for (let left = tries; left > 0; left -= 1) {
      try {
        await reportByClient(on(n), row, resultToken);
        return await settle(on(n), row, "finish");
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
      }
    }
    return undefined;
  };

  let bobHadIt = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const alice = await pending(world, "openid-alice", zhang, "ALICES-KEY");
    const bob = await pending(world, "openid-bob", li, "BOBS-KEY");
    const token = `openid-alice/${round}`;
    // Left to the race alone, Bob may come second every time.
    if (round % 4 === 0) await reportByClient(on(round + 1), bob, token);
    const [, bobs] = await Promise.all([
      finish(round, alice, token, 1_000),
      finish(round + 1, bob, token, 1),
      ...(round % 2 ? [finish(round + 2, bob, token, 1)] : []),
    ]);
    if (bobs?.status === "failed") bobHadIt += 1;
    expect((await world.row(alice.id)).status, `round ${round}`).toBe("passed");
    expect(["pending", "failed"]).toContain((await world.row(bob.id)).status);
    // Bob's next verification is no better off: the token is Alice's for good.
    const again = await pending(world, "openid-bob", li, "BOBS-NEXT-KEY");
    await expect(reportByClient(on(0), again, token)).rejects.toThrow(ConflictError);
  }
  await close();
  // Both orders have happened, or this would have shown nothing.
  expect(bobHadIt).toBeGreaterThan(0);
});

test("brought first, and long before, it is free again as soon as its first bringer has failed by it", async () => {
  setTime(during);
  const world = await makeWorld();
  const { channel } = fakeWechat(() =>
    info({ openid: "openid-alice", identify_time, user_id_key: "ALICES-KEY" }),
  );
  const deps = { db: world.db, keyring, channels: { wechat: channel } };
  const alice = await pending(world, "openid-alice", zhang, "ALICES-KEY");
  const bob = await pending(world, "openid-bob", zhang, "BOBS-KEY");
  await reportByClient(deps, bob, "r1");
  await expect(reportByClient(deps, alice, "r1")).rejects.toThrow(ConflictError);
  expect(await settle(deps, bob, "finish")).toMatchObject({
    status: "failed",
    reason: { code: "identity_mismatch" },
  });
  // A second caller of Bob read him while he was pending; what has ended takes nothing.
  await reportByClient(deps, bob, "r1");
  await reportByClient(deps, alice, "r1");
  // Bob's caller is slow and asks again with what it still holds: nothing changes, and nothing is taken from Alice.
  await settle(deps, bob, "finish");
  expect(await settle(deps, alice, "finish")).toMatchObject({ status: "passed" });
});
