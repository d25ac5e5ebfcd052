import { eq } from "drizzle-orm";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { parseKeyring } from "../../shared/crypto/keyring.ts";
import { openJson, sealJson } from "../../shared/crypto/seal.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { log } from "../../shared/runtime/log.ts";
import { sealIdentity } from "../../shared/store/record.ts";
import { claimResultToken } from "../../shared/store/result-tokens.ts";
import { creationCount, resultTokens, verification } from "../../shared/store/schema.ts";
import { sealedColumns } from "../../shared/store/sealed-columns.ts";
import { settle } from "../../shared/verification/settle.ts";
import { type StartRequest, start } from "../../shared/verification/start.ts";
import { during, li, observed, zhang } from "./observations.ts";
import { keyring, makeWorld, setTime } from "./world.ts";

const asked: StartRequest = { caller: "user:user-1", owner: "user-1", limitOwner: true, identity: zhang };
const keyed = (over: Partial<StartRequest> = {}): StartRequest => ({
  ...asked,
  idempotencyKey: "key-1",
  ...over,
});
const day = 86_400;
const key = (id: string, fill: number) => `${id}:${Buffer.alloc(32, fill).toString("base64")}`;

describe("a rotation of the master key", () => {
  const [first, second, third] = [key("k1", 1), key("k2", 2), key("k3", 3)];
  const rings = [
    ["before it", first],
    ["with the new key in front", `${second},${first}`],
    ["with two new keys in front", `${third},${second},${first}`],
  ].map(([when = "", ring = ""]) => ({ when, keyring: parseKeyring(ring) }));

  test("does not make a repeated request another one", async () => {
    const world = await makeWorld();
    const ids = new Set<string>();
    for (const { keyring } of rings) {
      ids.add((await start({ ...world.startDeps, keyring }, keyed())).row.id);
      await expect(start({ ...world.startDeps, keyring }, keyed({ identity: li }))).rejects.toMatchObject({
        code: "idempotency_mismatch",
      });
    }
    expect(ids.size).toBe(1);
  });

  test("does not start the limits per person anew, nor does the removal of the old key", async () => {
    const world = await makeWorld();
    const limitPerPerson = [{ count: 3, seconds: 30 * day }];
    const removed = { when: "after the old key is gone", keyring: parseKeyring(second) };
    const stages = [...rings.slice(0, 2), removed];
    for (const { when, keyring } of stages) {
      // Another user each time: only the person is the same.
      const request = { ...asked, owner: when };
      if (when === "before it") await start({ ...world.startDeps, keyring, limitPerPerson }, request);
      else if (when === removed.when) {
        await expect(
          start({ ...world.startDeps, keyring, limitPerPerson: [{ count: 2, seconds: 30 * day }] }, request),
        ).rejects.toMatchObject({ code: "rate_limited" });
      } else {
        for (let n = 0; n < 2; n += 1) await start({ ...world.startDeps, keyring, limitPerPerson }, request);
        await expect(start({ ...world.startDeps, keyring, limitPerPerson }, request)).rejects.toMatchObject({
          code: "rate_limited",
        });
      }
    }
  });

  test("gives a person's counts back under every key where the provider is away", async () => {
    const world = await makeWorld();
    const [, rotated] = rings;
    const deps = {
      ...world.startDeps,
      keyring: rotated?.keyring ?? keyring,
      limitPerPerson: [{ count: 1, seconds: day }],
    };
    world.channel.onIssue = () => Promise.reject(new ProviderError("unavailable", "DetectAuth"));
    for (let n = 0; n < 3; n += 1)
      await expect(start(deps, asked)).rejects.toMatchObject({ kind: "unavailable" });
    expect((await world.db.select().from(creationCount)).map(({ count }) => count)).toEqual([0, 0]);
  });

  test("that lost the old key says so by its id, to the caller and by an alarm", async () => {
    const world = await makeWorld();
    await start({ ...world.startDeps, keyring: parseKeyring(`${second},${first}`) }, keyed());
    const logged = vi.spyOn(log, "error").mockReturnValue(undefined);
    onTestFinished(() => logged.mockRestore());
    // The hash of the request is under the oldest key, so the second key opens the token no more and still knows the request.
    const lost = parseKeyring(`${third},${first}`);
    await expect(start({ ...world.startDeps, keyring: lost }, keyed())).rejects.toMatchObject({
      code: "misconfigured",
      problems: [{ setting: "MASTER_KEY", message: expect.stringContaining('"k2"') }],
    });
    expect(logged.mock.calls.map(([facts]) => facts)).toEqual([{ alarm: "master_key_missing", keyId: "k2" }]);
  });
});

describe("a key that is missing from MASTER_KEY", () => {
  const lost = parseKeyring(key("new-1", 8));

  test("is named to the caller and by an alarm, and the verification settles once it is back", async () => {
    setTime(during);
    const world = await makeWorld();
    const row = await world.pending(zhang);
    world.channel.onObserve = ({ verificationId }) => observed({ echo: verificationId });
    const logged = vi.spyOn(log, "error").mockReturnValue(undefined);
    onTestFinished(() => logged.mockRestore());
    const attempt = settle({ ...world.settleDeps, keyring: lost }, row, "finish");
    await expect(attempt).rejects.toMatchObject({
      code: "misconfigured",
      problems: [{ setting: "MASTER_KEY", message: expect.stringContaining('"test-1"') }],
    });
    expect(logged.mock.calls.map(([facts]) => facts)).toEqual([
      { alarm: "master_key_missing", keyId: "test-1" },
    ]);
    expect(world.channel.asked).toEqual([]);
    expect(await world.row(row.id)).toMatchObject({ status: "pending" });
    const back = parseKeyring(`${key("new-1", 8)},${key("test-1", 7)}`);
    expect(await settle({ ...world.settleDeps, keyring: back }, row, "finish")).toMatchObject({
      status: "passed",
    });
  });

  test("of the person or of a result token alone is named just the same", async () => {
    const world = await makeWorld();
    const both = parseKeyring(`${key("new-1", 8)},${key("test-1", 7)}`);
    const { id, issued } = await world.pending();
    const token = openJson(both, sealedColumns.issued(id), issued ?? Buffer.alloc(0));
    await world.db
      .update(verification)
      .set({ issued: sealJson(lost, sealedColumns.issued(id), token) })
      .where(eq(verification.id, id));
    await claimResultToken(world.db, keyring, { id, dataKey: null }, "r1", during);
    const channels = { "mini-program": { ...world.channel, usesResultTokens: true } };
    const missing = { code: "misconfigured", problems: [{ message: expect.stringContaining('"test-1"') }] };
    const deps = { ...world.settleDeps, keyring: lost, channels };
    await expect(settle(deps, await world.row(id), "finish")).rejects.toMatchObject(missing);
    await world.db.delete(resultTokens);
    await world.db
      .update(verification)
      .set({ identity: sealIdentity(keyring, id, zhang) })
      .where(eq(verification.id, id));
    await expect(settle(deps, await world.row(id), "finish")).rejects.toMatchObject(missing);
  });
});
