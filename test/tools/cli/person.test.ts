import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { readReceipt, receiptName } from "../../../shared/archive/receipt.ts";
import { runArchive } from "../../../shared/archive/run.ts";
import { bytesOf, keyring, within } from "../../archive/channel.ts";
import { addDueOf, makeWorld, type World, zhang } from "../../archive/world.ts";
import { type CommandRun, runCommands } from "../../support/command.ts";
import { withCheckDigit } from "../../support/people.ts";

const li = { name: "李四", idCardNumber: "110101199003070038" };
const stranger = withCheckDigit("11010119880808123");
const personal = /张三|李四|110101\d{8}|token-of-|order-7|demo-owner/;

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "zhenren-person-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** One line of `person`, and what it reads. */
type Line = readonly [input: string, ...args: string[]];

/** Two verifications of one person and one of another, archived, and how `person` is run on them. */
async function archivedPeople(over: Record<string, string> = {}) {
  const world = await makeWorld();
  const ids = [await addDueOf(world), await addDueOf(world)];
  const other = await addDueOf(world, li);
  await runArchive(world.deps, within(20_000));
  const env = {
    DATABASE_URL: world.databaseUrl,
    MASTER_KEY: `test-1:${Buffer.alloc(32, 7).toString("base64")}`,
    ARCHIVE_URL: `file:${world.folder}`,
    ...over,
  };
  const person = (...lines: Line[]): Promise<CommandRun[]> =>
    runCommands(
      lines.map(([, ...args]) => ["person.ts", ...args] as const),
      env,
      lines.map(([input]) => input),
    );
  const archive = (...lines: string[][]): Promise<CommandRun[]> =>
    runCommands(
      lines.map((args) => ["archive.ts", ...args] as const),
      env,
    );
  return { world, ids, other, person, archive };
}

const evidenceOf = async (world: World, ids: readonly string[]) =>
  (await world.objects()).filter((name) => ids.some((id) => name.startsWith(`${id}/`)));

describe("person find", () => {
  test("lists what is kept of the person on stdin alone, in columns and as JSON, and nothing personal", async () => {
    const { ids, person } = await archivedPeople();
    const [text, json, windows, nobody, noJson] = await person(
      [`${zhang.idCardNumber}\n`, "find"],
      [zhang.idCardNumber, "find", "--json"],
      [` ${zhang.idCardNumber}\r\nanother line`, "find", "--json"],
      [stranger, "find"],
      [stranger, "find", "--json"],
    );
    const lines = text?.out.trimEnd().split("\n") ?? [];
    expect(lines[0]).toMatch(/^VERIFICATION +CHANNEL +STATUS +ARCHIVE +CREATED/);
    expect(lines.slice(1)).toEqual(
      ids.map((id) => expect.stringMatching(`^${id} +h5 +passed +archived +20\\d\\d-`)),
    );
    const facts = ids.map((verificationId) => expect.objectContaining({ verificationId, missing: [] }));
    expect(JSON.parse(json?.out ?? "")).toEqual(facts);
    expect(windows?.out).toBe(json?.out);
    expect(nobody?.out).toBe("Nothing is kept about this person.\n");
    expect(noJson?.out).toBe("[]\n");
    for (const run of [text, json, windows, nobody, noJson]) {
      expect(run).toMatchObject({ code: 0, err: "" });
      expect(run?.out).not.toMatch(personal);
    }
  });
});

describe("person export", () => {
  test("writes files that open, of this person alone, for its reader only", async () => {
    const { ids, person } = await archivedPeople();
    const out = join(temporaryFolder(), "copy");
    const [written, again, nobody] = await person(
      [zhang.idCardNumber, "export", "--out", out],
      [zhang.idCardNumber, "export", "--out", out],
      [stranger, "export", "--out", `${out}-of-nobody`],
    );
    expect(written).toEqual({ code: 0, out: `2 verifications written to ${out}.\n`, err: "" });
    expect(readdirSync(out).toSorted()).toEqual([...ids, "person.json"].toSorted());
    const records: unknown = JSON.parse(readFileSync(join(out, "person.json"), "utf8"));
    expect(records).toEqual(
      ids.map((verificationId) =>
        expect.objectContaining({ verificationId, person: zhang, user: "demo-owner", status: "passed" }),
      ),
    );
    for (const id of ids) {
      for (const name of ["text.json", "best-frame.jpg", "video.mp4"]) {
        expect(readFileSync(join(out, id, name))).toEqual(bytesOf(id, name));
        expect(statSync(join(out, id, name)).mode & 0o777).toBe(0o600);
      }
      expect(statSync(join(out, id)).mode & 0o777).toBe(0o700);
    }
    expect(statSync(join(out, "person.json")).mode & 0o777).toBe(0o600);
    expect(again).toEqual({ code: 1, out: "", err: `${out} is not empty; nothing was written.\n` });
    expect(nobody).toEqual({ code: 0, out: "Nothing is kept about this person.\n", err: "" });
    expect(existsSync(`${out}-of-nobody`)).toBe(false);
  });

  test("writes the rest where evidence of one verification is broken, and names that one", async () => {
    const { world, ids, person } = await archivedPeople();
    const [broken = "", whole = ""] = ids;
    const object =
      (await evidenceOf(world, [broken])).find((name) => name.endsWith("video.mp4.sealed")) ?? "";
    writeFileSync(join(world.folder, object), "other bytes");
    const out = join(temporaryFolder(), "copy");
    const [run] = await person([zhang.idCardNumber, "export", "--out", out]);
    expect(run?.code).toBe(1);
    expect(run?.err).toMatch(new RegExp(`^${broken}: Not exported: ${object} is changed.*\n$`));
    expect(readdirSync(out).toSorted()).toEqual([whole, "person.json"].toSorted());
    expect(readFileSync(join(out, whole, "video.mp4"))).toEqual(bytesOf(whole, "video.mp4"));
  });
});

test("each look notes who looked before anything is shown (THREAT 68), and the list says if it was changed", async () => {
  const { world, ids, person, archive } = await archivedPeople();
  const folder = temporaryFolder();
  const began = Date.now();
  await person(
    [zhang.idCardNumber, "find"],
    [stranger, "find"],
    [zhang.idCardNumber, "export", "--out", join(folder, "person")],
  );
  const [exported, nobody, list, json] = await archive(
    ["export", ids[0] ?? "", "--out", join(folder, "one")],
    ["export", "ver_nobody", "--out", join(folder, "none")],
    ["accesses"],
    ["accesses", "--json"],
  );
  expect([exported?.code, nobody?.code]).toEqual([0, 1]);
  const looks = [
    ["person find", ids],
    ["person find", []],
    ["person export", ids],
    ["archive export", [ids[0]]],
  ] as const;
  const actor = `${userInfo().username}@${hostname()}`;
  const entries = z.array(z.looseObject({ at: z.iso.datetime() })).parse(JSON.parse(json?.out ?? ""));
  expect(entries).toEqual(
    looks.map(([action, verificationIds], n) => ({
      ...{ number: n + 1, at: expect.any(String), actor, action, verificationIds },
    })),
  );
  for (const { at } of entries) expect(Date.parse(at)).toBeGreaterThanOrEqual(began - 1);
  const lines = list?.out.trimEnd().split("\n") ?? [];
  expect(lines[0]).toMatch(/^NUMBER +AT +WHO +COMMAND +VERIFICATIONS$/);
  expect(lines[2]).toMatch(/^ +2 +20\d\d-\S+ \S+Z +\S+@\S+ +person find +-$/);
  for (const run of [list, json]) expect(run).toMatchObject({ code: 0, err: "" });

  await world.db.execute("update access_log set actor = 'nobody' where number = 2");
  const [changed, changedJson] = await archive(["accesses"], ["accesses", "--json"]);
  expect(changed).toMatchObject({ code: 1, err: "Number 2 is changed (the signature differs).\n" });
  expect(changedJson?.code).toBe(1);
  expect(JSON.parse(changedJson?.out ?? "")[1]).toMatchObject({ problem: "changed (the signature differs)" });

  await world.db.execute("update access_log set number = 2147483647 where number = 4"); // there is no next one
  const out = join(folder, "unseen");
  const [found, copied] = await person(
    [zhang.idCardNumber, "find"],
    [zhang.idCardNumber, "export", "--out", out],
  );
  for (const run of [found, copied]) expect(run).toMatchObject({ code: 1, out: "" });
  expect(existsSync(out)).toBe(false);
});

describe("person erase", () => {
  test("says what it would erase, and erases it with --yes alone, under a signed receipt, once", async () => {
    const { world, ids, other, person } = await archivedPeople();
    const before = await Promise.all(ids.map((id) => world.row(id)));
    const objects = await world.objects();
    const [dry] = await person([zhang.idCardNumber, "erase"]);
    expect(dry).toEqual({
      code: 0,
      out: ids.map((id) => `${id} h5 passed archived\n`).join(""),
      err: "2 verifications would be erased for good. Nothing was done: add --yes.\n",
    });
    expect(await Promise.all(ids.map((id) => world.row(id)))).toEqual(before);
    expect(await world.objects()).toEqual(objects);

    const [erased, again, dryAgain, found] = await person(
      [zhang.idCardNumber, "erase", "--yes"],
      [zhang.idCardNumber, "erase", "--yes"],
      [zhang.idCardNumber, "erase"],
      [zhang.idCardNumber, "find", "--json"],
    );
    expect(erased).toMatchObject({ code: 0, err: "" });
    expect(erased?.out).not.toMatch(personal);
    const kept = (await world.evidenceStore.get(receiptName(1))) ?? Buffer.alloc(0);
    const receipt = readReceipt(keyring, 1, kept);
    expect(receipt).toMatchObject({ cause: "person", verificationIds: ids });
    expect(JSON.parse(erased?.out ?? "")).toEqual([receipt]);
    expect(again).toEqual({ code: 0, out: "[]\n", err: "Nothing is kept about this person.\n" });
    expect(dryAgain).toEqual({ code: 0, out: "", err: "Nothing is kept about this person.\n" });
    expect(found).toEqual({ code: 0, out: "[]\n", err: "" });
    for (const id of ids) {
      const tombstone = { identity: null, issued: null, dataKey: null, personHash: null, owner: "" };
      expect(await world.row(id)).toMatchObject({
        ...tombstone,
        erasedAt: expect.any(Date),
        status: "passed",
      });
    }
    expect(await evidenceOf(world, ids)).toEqual([]);
    expect(await evidenceOf(world, [other])).not.toEqual([]);
    expect(await world.row(other)).toMatchObject({ erasedAt: null, owner: "demo-owner" });
  });

  test("takes one verification by its id, without reading stdin", async () => {
    const { world, ids, person } = await archivedPeople();
    const [one = "", two = ""] = ids;
    const nobody = `ver_${"0".repeat(8)}-0000-7000-8000-${"0".repeat(12)}`;
    const [dry, erased, again, dryAgain, unknown] = await person(
      ["", "erase", "--verification", one],
      ["", "erase", "--verification", one, "--yes"],
      ["", "erase", "--verification", one, "--yes"],
      ["", "erase", "--verification", one],
      ["", "erase", "--verification", nobody, "--yes"],
    );
    const wouldErase = "1 verification would be erased for good. Nothing was done: add --yes.\n";
    expect(dry).toEqual({ code: 0, out: `${one} h5 passed archived\n`, err: wouldErase });
    expect(JSON.parse(erased?.out ?? "")).toMatchObject([{ cause: "verification", verificationIds: [one] }]);
    expect(again).toEqual({ code: 0, out: "[]\n", err: "This verification is erased already.\n" });
    expect(dryAgain).toEqual({ code: 0, out: "", err: "This verification is erased already.\n" });
    expect(unknown).toEqual({ code: 1, out: "", err: `There is no verification "${nobody}".\n` });
    expect((await world.row(one)).erasedAt).not.toBeNull();
    expect((await world.row(two)).erasedAt).toBeNull();
  });
});

test("an ID number in an argument, wherever it stands, is refused by name and not repeated", async () => {
  const { world, ids, person } = await archivedPeople();
  const { idCardNumber: number } = zhang;
  const runs = await person(
    ["", number],
    ["", "find", number],
    [number, "find", `--id=${number}`],
    ["", "find", `--${number}`],
    ["", "export", "--out", `/nowhere/${number}`],
    ["", "erase", "--yes", number],
    ["", "erase", "--verification", number.slice(0, 17).concat("x")],
    ["", "erase", "--verification", number.replace(/^(.{6})(.{8})/, "$1 $2 ")],
  );
  for (const run of runs) {
    expect(run).toEqual({
      code: 2,
      out: "",
      err: "An ID number is no argument: give it on stdin, and delete this line from the history of your shell. Nothing was done.\n",
    });
  }
  for (const id of ids) expect((await world.row(id)).erasedAt).toBeNull();
});

test("stdin without an ID number, or with a wrong one, is refused in a sentence that does not repeat it", async () => {
  const { world, ids, person } = await archivedPeople();
  const wrong = [
    "",
    "\n",
    "张三",
    zhang.idCardNumber.slice(0, -1),
    "110101199003070012",
    `x${zhang.idCardNumber}`,
  ];
  const lines = wrong.flatMap((input): Line[] => [
    [input, "find"],
    [input, "erase", "--yes"],
  ]);
  for (const { code, out, err } of await person(...lines, ["1".repeat(1_000), "export", "--out", "x"])) {
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^stdin holds no ID number with a right check digit\. Usage: .*person/);
    expect(err).not.toMatch(/张三|1{6}|110101/);
  }
  for (const id of ids) expect((await world.row(id)).erasedAt).toBeNull();
  const [noOut, noCommand] = await person([zhang.idCardNumber, "export"], ["", "forget"]);
  expect(noOut).toMatchObject({ code: 2, err: expect.stringMatching(/^export needs --out <folder>\./) });
  expect(noCommand).toMatchObject({ code: 2, err: expect.stringMatching(/^There is no command "forget"\./) });
});

test("what is printed is Chinese where the reader's locale says so", async () => {
  const { ids, person } = await archivedPeople({ LANG: "zh_CN.UTF-8" });
  const [found, dry, argument, nobody] = await person(
    [zhang.idCardNumber, "find"],
    [zhang.idCardNumber, "erase"],
    ["", "find", zhang.idCardNumber],
    [stranger, "erase"],
  );
  expect(found?.out).toMatch(/^核身 +核身方式 +状态 +归档状态 +创建/);
  expect(dry?.out).toContain(ids[0]);
  expect(dry?.err).toBe("将永久删除 2 次核身。没有执行任何操作：请加上 --yes。\n");
  expect(argument?.err).toMatch(/^身份证号不能写在参数里/);
  expect(nobody?.err).toBe("没有保存这个人的任何内容。\n");
});
