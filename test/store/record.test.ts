import { describe, expect, test } from "vitest";
import { parseKeyring } from "../../shared/crypto/keyring.ts";
import { DecryptionError } from "../../shared/crypto/seal.ts";
import { openIssued, openObserved, personHash, sealIdentity, sealIssued } from "../../shared/store/record.ts";
import { sealedColumns } from "../../shared/store/sealed-columns.ts";
import { keyring } from "../archive/channel.ts";
import { addDue, makeWorld } from "../archive/world.ts";

const person = { name: "测试甲", idCardNumber: "110101199003070011" };
const issued = { token: "TOKEN-1", start: { bizToken: "TOKEN-1" }, account: { ruleId: "rule" } };
const plain = { usesResultTokens: false };

describe("what is sealed in a row", () => {
  test("opens there, with everything that a channel asks with", async () => {
    const world = await makeWorld();
    const id = "ver_one";
    await addDue(world.db, {
      id,
      identity: sealIdentity(keyring, id, person),
      issued: sealIssued(keyring, id, issued),
    });
    const row = await world.row(id);
    expect(await openObserved(world.db, keyring, row, plain)).toEqual({
      verificationId: id,
      owner: row.owner,
      createdAt: row.createdAt,
      issued,
      identity: person,
    });
    expect(await openObserved(world.db, keyring, { ...row, identity: null }, plain)).not.toHaveProperty(
      "identity",
    );
    expect(await openObserved(world.db, keyring, { ...row, issued: null }, plain)).toBeUndefined();
    expect(await openObserved(world.db, keyring, row, { usesResultTokens: true })).toMatchObject({
      resultTokens: [],
    });
  });

  test("opens in no other row and in no other column (THREAT 8)", async () => {
    const world = await makeWorld();
    const [one, two] = [await addDue(world.db), await addDue(world.db)];
    const row = await world.row(one);
    const other = await world.row(two);
    expect(() => openIssued(keyring, { ...row, issued: other.issued })).toThrow(DecryptionError);
    expect(() => openIssued(keyring, { ...row, issued: row.identity })).toThrow(DecryptionError);
    for (const identity of [other.identity, row.issued]) {
      await expect(openObserved(world.db, keyring, { ...row, identity }, plain)).rejects.toThrow(
        DecryptionError,
      );
    }
  });

  test("has a place of its own for each kind and id, and the places that stored values were sealed for", () => {
    // Written out, because a changed text would close all that is on record.
    expect([
      sealedColumns.identity("ver_1"),
      sealedColumns.issued("ver_1"),
      sealedColumns.resultToken("ver_1"),
      sealedColumns.accessToken("wx1"),
      sealedColumns.evidence("ver_1", "run-1", "text.json"),
    ]).toEqual([
      "verification/ver_1/identity",
      "verification/ver_1/issued",
      "verification/ver_1/handle",
      "access-token/wx1",
      "archive/ver_1/run-1/text.json",
    ]);
  });
});

test("a person is found by one hash per key and number", () => {
  const other = parseKeyring(`test-1:${Buffer.alloc(32, 8).toString("base64")}`);
  const hash = personHash(keyring.current, person.idCardNumber);
  expect(personHash(keyring.current, person.idCardNumber)).toEqual(hash);
  expect(personHash(keyring.current, "110101199003070038")).not.toEqual(hash);
  expect(personHash(other.current, person.idCardNumber)).not.toEqual(hash);
});
