import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { runArchive } from "../../shared/archive/run.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import { runCommand, runCommands } from "../support/command.ts";
import { bytesOf, fakeChannel, within } from "./channel.ts";
import { addDue, makeWorld, type World } from "./world.ts";

const archive = (env: Record<string, string>, ...args: string[]) => runCommand("archive.ts", args, env);

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "zhenren-out-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function archivedWorld(): Promise<{ world: World; id: string; env: Record<string, string> }> {
  const world = await makeWorld();
  const id = await addDue(world.db);
  await runArchive(world.deps, within(20_000));
  const env = {
    DATABASE_URL: world.databaseUrl,
    MASTER_KEY: `test-1:${Buffer.alloc(32, 7).toString("base64")}`,
    ARCHIVE_URL: `file:${world.folder}`,
  };
  return { world, id, env };
}

const personal = /张三|110101199003070011|token-of-/;

describe("npm run archive", () => {
  test("lists and shows verifications in columns, and as JSON, and nothing personal", async () => {
    const { world, id, env } = await archivedWorld();
    const due = await addDue(world.db);
    const [list, onlyDue, show, json] = await Promise.all([
      archive(env, "list"),
      archive(env, "list", "--status", "due", "--json"),
      archive(env, "show", id),
      archive(env, "show", id, "--json"),
    ]);
    const lines = list.out.split("\n");
    expect(lines[0]).toMatch(/^VERIFICATION +CHANNEL +STATUS +ARCHIVE +TRIES/);
    expect(lines[1]).toMatch(new RegExp(`^${due} +h5 +passed +due +0 +20`));
    expect(lines[2]).toMatch(new RegExp(`^${id} +h5 +passed +archived +1 +- +20`));
    expect(lines[1]?.indexOf("h5")).toBe(lines[0]?.indexOf("CHANNEL"));
    expect(JSON.parse(onlyDue.out)).toMatchObject([{ verificationId: due, archiveStatus: "due" }]);
    expect(show.out).toMatch(/video +video\.mp4 +video\/mp4 +1\.0 kB +[0-9a-f]{64}/);
    expect(JSON.parse(json.out)).toMatchObject({
      verificationId: id,
      keyId: "test-1",
      files: expect.any(Array),
    });
    for (const { code, out, err } of [list, onlyDue, show, json]) {
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out).not.toMatch(personal);
    }
  });

  test("names what is missing of an archived verification, in its list, its description and its audit", async () => {
    const { world, env } = await archivedWorld();
    const id = await addDue(world.db);
    const channel = fakeChannel((which, kind) => {
      if (which === id && kind === "video") throw new ProviderError("rejected", "GetDetectInfoEnhanced");
    });
    await runArchive({ ...world.deps, channels: { h5: channel } }, within(20_000));
    const [list, show, json, verify] = await Promise.all([
      archive(env, "list"),
      archive(env, "show", id),
      archive(env, "list", "--json"),
      archive(env, "verify"),
    ]);
    const missing = [{ kind: "video", reason: "refused" }];
    expect(list.out).toMatch(new RegExp(`^${id} .* video \\(refused\\)$`, "m"));
    expect(show.out).toMatch(/^missing +video \(refused\)$/m);
    expect(JSON.parse(json.out)).toMatchObject([{ verificationId: id, missing }, { missing: [] }]);
    expect(verify).toMatchObject({ code: 0, out: expect.stringContaining("1 verification without") });
  });

  test("exports the evidence as it was, with its manifest, for its reader only", async () => {
    const { id, env } = await archivedWorld();
    const folder = join(temporaryFolder(), "new");
    const { code, out } = await archive(env, "export", id, "--out", folder);
    expect(code).toBe(0);
    const files = ["best-frame-1.jpg", "best-frame.jpg", "text.json", "video.mp4"];
    expect(readdirSync(folder).sort()).toEqual([...files, "manifest.json"].sort());
    for (const name of files) {
      expect(readFileSync(join(folder, name))).toEqual(bytesOf(id, name));
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
      expect(out).toContain(name);
    }
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const manifest: unknown = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
    expect(manifest).toMatchObject({ verificationId: id, files: expect.any(Array) });
  });

  test("exports nothing into a folder with something in it, and nothing of what is broken or not archived", async () => {
    const { world, id, env } = await archivedWorld();
    const due = await addDue(world.db);
    const full = temporaryFolder();
    writeFileSync(join(full, "mine.txt"), "mine");
    const empty = temporaryFolder();
    const notEmpty = await archive(env, "export", id, "--out", full);
    expect(notEmpty).toEqual({ code: 1, out: "", err: `${full} is not empty; nothing was written.\n` });
    expect(await archive(env, "export", due, "--out", empty)).toEqual({
      code: 1,
      out: "",
      err: `${due} is not archived: its archive status is due.\n`,
    });
    const video = (await world.objects()).find((name) => name.endsWith("video.mp4.sealed")) ?? "";
    await world.evidenceStore.remove(video);
    const broken = await archive(env, "export", id, "--out", empty);
    expect(broken).toEqual({ code: 1, out: "", err: `Not exported: ${video} is missing.\n` });
    expect(readdirSync(full)).toEqual(["mine.txt"]);
    expect(readdirSync(empty)).toEqual([]);
  });

  test("verifies, and says with a line and exit code 1 which object was changed", async () => {
    const { world, id, env } = await archivedWorld();
    const clean = await archive(env, "verify");
    expect(clean).toEqual({ code: 0, out: "1 archived verification read: no problems found.\n", err: "" });
    const object = (await world.objects()).find((name) => name.endsWith("video.mp4.sealed")) ?? "";
    const bytes = readFileSync(join(world.folder, object));
    bytes[777] = (bytes[777] ?? 0) ^ 1;
    writeFileSync(join(world.folder, object), bytes);
    const line = `${id} video.mp4.sealed: changed (SHA-256 differs)\n`;
    const after = `${line}1 archived verification read: 1 problem found.\n`;
    expect(await archive(env, "verify")).toEqual({ code: 1, out: after, err: "" });
    expect(await archive(env, "verify", id)).toEqual({ code: 1, out: after, err: "" });
    const json = await archive(env, "verify", "--json");
    expect(JSON.parse(json.out)).toMatchObject({ audited: 1, findings: [{ verificationId: id }] });
    expect(json.code).toBe(1);
  });

  test("refuses wrong arguments in a sentence, with exit code 2", async () => {
    const env = { DATABASE_URL: "postgres://127.0.0.1:1/none" };
    const wrong: [string[], RegExp][] = [
      [[], /^A command is missing\./],
      [["lst"], /^There is no command "lst"\./],
      [["constructor"], /^There is no command "constructor"\./],
      [["list", "--status", "done"], /^--status is one of due, archiving/],
      [["list", "--limit", "many"], /^--limit is a whole number/],
      [["list", "--colour"], /^Unknown option '--colour'/],
      [["show"], /^<id> is missing\./],
      [["list", "ver_1"], /^Unexpected argument "ver_1"\./],
      [["verify", "--out", "x"], /^Unknown option '--out'\. /],
      [["export", "ver_1"], /^export needs --out <folder>\./],
    ];
    const answers = await runCommands(
      wrong.map(([args]) => ["archive.ts", ...args] as const),
      env,
    );
    for (const [index, [args, sentence]] of wrong.entries()) {
      const { code, out, err } = answers[index] ?? {};
      expect({ args, code, out }).toEqual({ args, code: 2, out: "" });
      expect(err).toMatch(sentence);
      expect(err).toContain("Usage: npx zhenren archive");
    }
  });

  test("says in a sentence what stands in the way, with exit code 1", async () => {
    const { env } = await archivedWorld();
    const folder = temporaryFolder();
    mkdirSync(join(folder, "local"));
    const [unknown, noStack, noDatabase, noKey, cos] = await Promise.all([
      archive(env, "show", "ver_nobody"),
      archive({ LOCAL_DIR: join(folder, "local") }, "list"),
      archive({ ...env, DATABASE_URL: "postgres://127.0.0.1:1/none" }, "list"),
      archive({ ...env, MASTER_KEY: "" }, "list"),
      archive({ ...env, ARCHIVE_URL: "cos://bucket/x" }, "list"),
    ]);
    expect(unknown.err).toBe('There is no verification "ver_nobody".\n');
    expect(noStack.err).toMatch(/^Zhenren is not running on .*npm start/);
    expect(noDatabase.err).toBe("The database cannot be reached right now.\n");
    expect(noKey.err).toBe("Settings: MASTER_KEY is missing.\n");
    expect(cos.err).toMatch(/^ARCHIVE_URL does not name a bucket with its AppId/);
    for (const { code, out } of [unknown, noStack, noDatabase, noKey, cos]) {
      expect({ code, out }).toEqual({ code: 1, out: "" });
    }
  });
});
