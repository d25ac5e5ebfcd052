import { randomBytes } from "node:crypto";
import { eq } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Keyring, parseKeyring } from "../../shared/crypto/keyring.ts";
import { type Connection, connect, type Database } from "../../shared/store/database.ts";
import {
  claimResultToken as claimFor,
  claimPushedResultToken as claimForPush,
  listResultTokens,
  resultTokenHash,
} from "../../shared/store/result-tokens.ts";
import { resultTokens, verification } from "../../shared/store/schema.ts";
import { readForDecision, writeSettlement } from "../../shared/store/settlement.ts";
import { freshDatabase } from "../support/database.ts";

const key = (id: string, fill: number) => `${id}:${Buffer.alloc(32, fill).toString("base64")}`;
const keyring = parseKeyring(key("test-1", 7));
const at = (second: number) => new Date(Date.UTC(2027, 0, 10, 0, 0, second));
const handleOf = () => `RESULT-SECRET-${randomBytes(8).toString("hex")}`;

let pools: readonly Connection[] = [];
beforeAll(async () => {
  const url = await freshDatabase();
  pools = Array.from({ length: 8 }, () => connect(url));
});
afterAll(() => Promise.all(pools.map((pool) => pool.close())));

const db = (n = 0) => {
  const pool = pools[n % pools.length];
  if (!pool) throw new Error("no pool");
  return pool.db;
};

/** Claims for a row that has no data key. */
const claimResultToken = (on: Database, keys: Keyring, id: string, resultToken: string, now: Date) =>
  claimFor(on, keys, { id, dataKey: null }, resultToken, now);

async function newVerification(): Promise<string> {
  const id = `ver_${uuidv7()}`;
  await db()
    .insert(verification)
    .values({ id, channel: "wechat", owner: "openid-1", createdAt: at(0) });
  return id;
}

/** What a decision does that finds result tokens to be another's. */
async function release(id: string, ...handles: string[]): Promise<void> {
  const row = await readForDecision(db(), id);
  if (!row) throw new Error(`no row ${id}`);
  const released = handles.map((handle) => resultTokenHash(keyring, handle));
  await writeSettlement(db(), row, { change: undefined, attempts: [], released, events: [], now: at(2) });
}

describe("a handle to a result", () => {
  test("serves the verification that claimed it, again and again, and no other (THREATS 3, 9)", async () => {
    const [one, other, handle] = [await newVerification(), await newVerification(), handleOf()];
    expect(await claimResultToken(db(), keyring, one, handle, at(1))).toBe(true);
    expect(await claimResultToken(db(), keyring, one, handle, at(2))).toBe(true);
    expect(await claimResultToken(db(), keyring, other, handle, at(3))).toBe(false);
    expect(await listResultTokens(db(), keyring, one)).toEqual([handle]);
    expect(await listResultTokens(db(), keyring, other)).toEqual([]);
  });

  test("claimed by 40 verifications at once serves exactly one", async () => {
    const ids = await Promise.all(Array.from({ length: 40 }, newVerification));
    const handle = handleOf();
    const claimed = await Promise.all(
      ids.map((id, n) => claimResultToken(db(n), keyring, id, handle, at(1))),
    );
    expect(claimed.filter(Boolean)).toHaveLength(1);
    const holders = await Promise.all(ids.map((id) => listResultTokens(db(), keyring, id)));
    expect(holders.flat()).toEqual([handle]);
  });

  test("claimed 40 times at once by the same verification is its own each time, and there once", async () => {
    const [id, handle] = [await newVerification(), handleOf()];
    const claimed = await Promise.all(
      Array.from({ length: 40 }, (_, n) => claimResultToken(db(n), keyring, id, handle, at(1))),
    );
    expect(claimed.every(Boolean)).toBe(true);
    expect(await listResultTokens(db(), keyring, id)).toEqual([handle]);
  });

  test("is listed with the newest first", async () => {
    const id = await newVerification();
    const handles = [handleOf(), handleOf(), handleOf()];
    for (const [n, handle] of handles.entries()) await claimResultToken(db(), keyring, id, handle, at(n));
    expect(await listResultTokens(db(), keyring, id)).toEqual(handles.reverse());
  });

  test("past the tenth is not the person's: nobody fills the table by one verification (THREAT 35)", async () => {
    const id = await newVerification();
    for (let n = 0; n < 10; n += 1) {
      expect(await claimResultToken(db(), keyring, id, handleOf(), at(n))).toBe(true);
    }
    expect(await claimResultToken(db(), keyring, id, handleOf(), at(11))).toBe(false);
    expect(await listResultTokens(db(), keyring, id)).toHaveLength(10);
  });

  test("is the tenth at most, however many come at once", async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await newVerification();
      const claimed = await Promise.all(
        Array.from({ length: 20 }, (_, n) => claimResultToken(db(n), keyring, id, handleOf(), at(1))),
      );
      expect(claimed.filter(Boolean)).toHaveLength(10);
      expect(await listResultTokens(db(), keyring, id)).toHaveLength(10);
    }
  });

  test("that is given up can be claimed by another, and only its holder can give it up", async () => {
    const [one, other, handle] = [await newVerification(), await newVerification(), handleOf()];
    const kept = handleOf();
    await claimResultToken(db(), keyring, one, handle, at(1));
    await claimResultToken(db(), keyring, one, kept, at(1));
    await release(other, handle);
    expect(await claimResultToken(db(), keyring, other, handle, at(2))).toBe(false);
    await release(one, handle);
    expect(await claimResultToken(db(), keyring, other, handle, at(3))).toBe(true);
    expect(await claimResultToken(db(), keyring, one, handle, at(4))).toBe(false);
    expect(await listResultTokens(db(), keyring, one)).toEqual([kept]);
  });

  test("moved to another verification's row does not open there", async () => {
    const [one, other, handle] = [await newVerification(), await newVerification(), handleOf()];
    await claimResultToken(db(), keyring, one, handle, at(1));
    await db()
      .update(resultTokens)
      .set({ verificationId: other })
      .where(eq(resultTokens.verificationId, one));
    await expect(listResultTokens(db(), keyring, other)).rejects.toThrow("sealed for another place");
  });

  test("is sealed at rest, for its own row, and found by a keyed hash (THREAT 58)", async () => {
    const [id, handle] = [await newVerification(), handleOf()];
    await claimResultToken(db(), keyring, id, handle, at(1));
    for (const { hash, sealed } of await db().select().from(resultTokens)) {
      expect(Buffer.concat([hash, sealed]).toString("latin1")).not.toContain(handle);
    }
  });

  test("serves once over a rotation of the master key too", async () => {
    const [one, other, handle] = [await newVerification(), await newVerification(), handleOf()];
    await claimResultToken(db(), keyring, one, handle, at(1));
    const rotated = parseKeyring(`${key("test-2", 8)},${key("test-1", 7)}`);
    expect(await claimResultToken(db(), rotated, other, handle, at(2))).toBe(false);
    expect(await listResultTokens(db(), rotated, one)).toEqual([handle]);
  });
});

describe("the memory of pushes", () => {
  const pushed = (id: string) => ({
    row: { id, dataKey: null },
    signature: randomBytes(20).toString("hex"),
    resultToken: handleOf(),
  });
  const claim = ({ row, ...push }: ReturnType<typeof pushed>, n = 0, now = at(1)) =>
    claimForPush(db(n), keyring, row, push, now);

  test("takes a signature once, also when 40 come at once (THREATS 23, 30)", async () => {
    const push = pushed(await newVerification());
    const taken = await Promise.all(Array.from({ length: 40 }, (_, n) => claim(push, n)));
    expect(taken.toSorted()).toEqual(["claimed", ...Array.from({ length: 39 }, () => "repeated")]);
    expect(await claim(push)).toBe("repeated");
  });

  test("keeps the result token of each of 20 pushes that come at once, and loses none", async () => {
    const ids = await Promise.all(Array.from({ length: 2 }, newVerification));
    const pushes = Array.from({ length: 20 }, (_, n) => pushed(ids[n % 2] ?? ""));
    const taken = await Promise.all(pushes.map((push, n) => claim(push, n)));
    expect(new Set(taken)).toEqual(new Set(["claimed"]));
    for (const id of ids) expect(await listResultTokens(db(), keyring, id)).toHaveLength(10);
  });

  test("does not remember a push whose effect failed", async () => {
    const push = pushed(await newVerification());
    await expect(claim(push, 0, new Date(Number.NaN))).rejects.toThrow();
    expect(await claim(push)).toBe("claimed");
  });
});
