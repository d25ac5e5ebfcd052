/**
 * Every shell block of README and docs. The fence says what becomes of it:
 *
 * - `bash` works as it stands while `npm start` runs, and is run here; `bash NAME=value` against a stack with that setting.
 * - `sh` is not run. Its first line says why: "on a fresh copy" (it installs everything) or "on your account" (it needs one).
 *   Its commands and their options must exist.
 *
 * Chinese pages have the same blocks but for comments (languages.test.ts), so only the English ones are run.
 */
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { commandNames } from "../../tools/cli/commands.ts";
import { runCommand } from "../support/command.ts";
import { somebody } from "../support/people.ts";
import { commands } from "../support/run-parts.ts";
import { stackForTests, type TestStack } from "../support/stack.ts";
import { type Code, pages, readMarkdown, root } from "./markdown.ts";

const run = promisify(execFile);
/** A slow machine with much else to do. */
const TIMEOUT_MS = 300_000;

const blocksOf = (page: string, language: string) =>
  readMarkdown(page).code.filter((block) => block.language === language);

/** In the place of npx: runs `npx zhenren …` without the seconds that npm and tsx take. */
const QUICK_NPX = `#!/usr/bin/env bash
set -euo pipefail
[ "$1" = zhenren ]; shift
exec node "$COMMANDS/zhenren.mjs" "$@"
`;

/** This page calls the real npx. */
const withRealNpx = "docs/simulator.md";

/** Pastes blocks into one shell, one after the other; returns what was printed. */
async function paste(stack: TestStack, blocks: readonly Code[], realNpx = false): Promise<string> {
  const bin = join(stack.localDir, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "npx"), QUICK_NPX, { mode: 0o755 });
  const { url, simulatorUrl } = stack.running;
  const script = blocks.map(({ text }) => text).join("\n");
  const { stdout } = await run("bash", ["--norc", "-euo", "pipefail", "-c", script], {
    cwd: root,
    env: {
      PATH: realNpx ? process.env["PATH"] : `${bin}:${process.env["PATH"]}`,
      COMMANDS: await commands(),
      HOME: stack.localDir,
      TMPDIR: stack.localDir,
      LOCAL_DIR: stack.localDir,
      PORT: new URL(url).port,
      SIMULATOR_PORT: new URL(simulatorUrl).port,
      NO_COLOR: "1",
    },
  });
  return stdout;
}

/** What the blocks of each page print, in this order. */
const printed: Readonly<Record<string, RegExp>> = {
  "README.md": /"bizToken":.*"status":"passed","reference":"order-1"/s,
  "docs/archive.md":
    /"archived":[1-9].*archived.*text\.json.*\.jpg.*\.mp4.*no problems found.*"offsetSeconds":259200.*no problems found.*"offsetSeconds":0/s,
  "docs/commands.md": /Usage: npx zhenren <command>.*Usage: npx zhenren simulate complete/s,
  "docs/console.md": /"hoursToPurge":.*"verifications":\[/s,
  "docs/doctor.md": /passed.* 0 failed, .*\n0\n/s,
  "docs/eid.md": /"channel":"eid","status":"passed"/,
  "docs/h5.md": /<h1>核验通过<\/h1>.*"channel":"h5","status":"passed"/s,
  "docs/http.md": /("verificationId":"ver_[^"]+").*\1.*"code":"idempotency_mismatch"/s,
  "docs/mini-program.md": /"channel":"mini-program","status":"passed","reference":"order-2"/,
  "docs/server.md": /"status":"pending".*"reference":"order-7"/s,
  "docs/simulator.md":
    /"code":"provider_unavailable".*"offsetSeconds":10800.*"status":"expired".*"code":"never_finished".*"offsetSeconds":0.*"purgeAlarms": /s,
  "docs/verification-states.md":
    /"status":"pending".*"providerCode":"1004".*"canRetry":true,"nextStep":"retry".*"status":"failed".*"code":"identity_mismatch".*"code":"gave_up"/s,
  "docs/wechat.md": /"channel":"wechat","status":"passed"/,
};

describe("the blocks to paste while npm start runs", () => {
  const stack = stackForTests();

  test.each(pages.filter((page) => blocksOf(page, "bash").length > 0))(
    "of %s work",
    {
      timeout: TIMEOUT_MS,
    },
    async (page) => {
      const output = await paste(
        stack,
        blocksOf(page, "bash").filter(({ info }) => info === ""),
        page === withRealNpx,
      );
      expect(output).toMatch(printed[page] ?? /a pattern is missing here/);
    },
  );

  test("are followed in README by an answer as it really is", async () => {
    const [shown] = blocksOf("README.md", "json").map(({ text }): object => JSON.parse(text));
    const user = await stack.asUser("mei");
    const { id, token } = await user.issue("mini-program", { identity: somebody(), reference: "order-1" });
    await stack.simulator.complete(token, "passed");
    const real = await user.finish(id);
    const { verificationId, createdAt, expiresAt, settledAt } = real;
    expect({ ...shown, verificationId, createdAt, expiresAt, settledAt }).toEqual(real);
    expect(Object.keys(shown ?? {})).toEqual(Object.keys(real));
  });
});

describe("the blocks for WeChat v1", () => {
  const stack = stackForTests({ WECHAT_FACE_GENERATION: "1" });

  test("work where that version is chosen", { timeout: TIMEOUT_MS }, async () => {
    const blocks = blocksOf("docs/wechat.md", "bash").filter(
      ({ info }) => info === "WECHAT_FACE_GENERATION=1",
    );
    expect(await paste(stack, blocks)).toMatch(/"channel":"wechat","status":"passed"/);
  });
});

test("a page calls the real npm", () => {
  const blocks = blocksOf(withRealNpx, "bash").map(({ text }) => text);
  expect(blocks.join("\n")).toMatch(/^npm run -s \w+ -- /m);
});

test("no block has a setting that no test sets", () => {
  const infos = pages.flatMap((page) => blocksOf(page, "bash").map(({ info }) => info));
  expect(new Set(infos)).toEqual(new Set(["", "WECHAT_FACE_GENERATION=1"]));
});

describe("the blocks that are not run", () => {
  // Its tutorials come last, and have tests of their own.
  const tutorials = readMarkdown("CONTRIBUTING.md").headings.indexOf("## Add a channel");
  const skipped = [
    ...pages.flatMap((page) => blocksOf(page, "sh").map(({ text }) => ({ page, text }))),
    ...blocksOf("CONTRIBUTING.md", "sh")
      .filter(({ section }) => section < tutorials)
      .map(({ text }) => ({ page: "CONTRIBUTING.md", text })),
  ];
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
  const ofNpm = ["ci", "start", "test"];

  test("are these few, and say why", () => {
    const counts = new Map<string, number>();
    for (const { page, text } of skipped) {
      expect(text, page).toMatch(/^# on (a fresh copy|your account)\n/);
      counts.set(page, (counts.get(page) ?? 0) + 1);
    }
    expect(Object.fromEntries(counts)).toEqual({
      "README.md": 1,
      "docs/commands.md": 1,
      "docs/deploy.md": 2,
      "docs/doctor.md": 1,
      "docs/evidence-store.md": 2,
      "CONTRIBUTING.md": 1,
    });
  });

  test.each(skipped)(
    "are right shell with commands and options that exist: $page",
    { timeout: TIMEOUT_MS },
    async ({ text }) => {
      execFileSync("bash", ["-n", "-c", text]);
      const code = text.replaceAll(/(^|\s)#.*$/gm, "");
      const ofScripts = [...code.matchAll(/\bnpm (?:run )?([a-z:]+)(?: -- ([^\n;&|]*))?/g)];
      const commands = [...code.matchAll(/\bnpx zhenren ([a-z]+)([^\n;&|]*)/g)];
      expect(ofScripts.length + commands.length).toBeGreaterThan(0);
      for (const [command, name = ""] of ofScripts)
        expect([...Object.keys(scripts), ...ofNpm], command).toContain(name);
      for (const [command, name = "", args = ""] of commands) {
        expect(commandNames, command).toContain(name);
        const options = args.match(/--[a-z-]+/g) ?? [];
        if (options.length > 0)
          expect((await helpOf(name)).match(/--[a-z-]+/g), command).toEqual(expect.arrayContaining(options));
      }
      for (const [path] of code.matchAll(/\b(?:docs|tools\/cli|events)\/[\w./-]+/g))
        expect(existsSync(join(root, path)), path).toBe(true);
    },
  );

  const helps = new Map<string, string>();
  /** What a command explains by --help; `--help` is an option of each. */
  async function helpOf(name: string): Promise<string> {
    const help = helps.get(name) ?? `--help ${(await runCommand(`${name}.ts`, ["--help"], {})).out}`;
    helps.set(name, help);
    return help;
  }
});
