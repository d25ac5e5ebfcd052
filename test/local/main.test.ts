import { existsSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "./fixture-functions.ts";
import { killAll, type LivingProcess, livingIn, livingProcess } from "./living.ts";
import { type ReadyStack, startProgram, startReady, usedFolder } from "./npm-start.ts";

/** Starts a verification and returns its id. */
async function issue({ url, userToken }: ReadyStack): Promise<string> {
  const response = await fetch(`${url}/tokens/h5`, {
    method: "POST",
    headers: { authorization: `Bearer ${userToken}`, "content-type": "application/json" },
    body: "{}",
  });
  const answer = Object(await response.json());
  expect(response.status, JSON.stringify(answer)).toBe(201);
  return answer.verificationId;
}

async function read({ url, userToken }: ReadyStack, id: string): Promise<unknown> {
  const response = await fetch(`${url}/verifications/${id}`, {
    headers: { authorization: `Bearer ${userToken}` },
  });
  return response.json();
}

async function takenPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return String(Object(server.address()).port);
}

test("a first start answers, keeps its secrets to itself, and SIGTERM ends all of it", {
  timeout: 120_000,
}, async () => {
  const localDir = join(temporaryFolder(), "deep", "local");
  const env = {
    DATABASE_URL: "postgresql://elsewhere",
    TENCENT_SECRET_ID: "AKIDreal",
    RETURN_URL_ORIGINS: "https://a.example",
  };
  const stack = await startReady(localDir, env);
  expect(stack.output()).toContain("brings its own: DATABASE_URL, TENCENT_SECRET_ID.");
  expect(stack.facts.settings).toMatchObject({
    ...{ TENCENT_SECRET_ID: "sim-secret-id", RETURN_URL_ORIGINS: "https://a.example" },
    DATABASE_URL: expect.stringMatching(/^postgresql:\/\/zhenren:[\w-]+@127\.0\.0\.1:\d+\/zhenren$/),
    ARCHIVE_URL: `file:${localDir}/evidence`,
  });
  for (const name of ["stack.json", "secrets.json", "tokens.json"]) {
    expect(statSync(join(localDir, name)).mode & 0o077, name).toBe(0);
  }
  const page = await fetch(stack.url);
  expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  const font = /url\("([^"]+woff2)"\)/.exec(
    await (await fetch(`${stack.url}/_local/fonts/noto-sans-sc.css`)).text(),
  );
  expect((await fetch(`${stack.url}/_local/fonts/${font?.[1]}`)).headers.get("content-type")).toBe(
    "font/woff2",
  );
  for (const path of [
    "/_local/fonts/%2e%2e%2fpackage.json",
    "/_local/pages/local/..%2fmain.ts",
    "/_local/fonts/package.json",
  ]) {
    expect((await fetch(stack.url + path)).status, path).toBe(404);
  }
  await issue(stack);

  const begun = performance.now();
  stack.child.kill("SIGTERM");
  expect(await stack.ended).toBe(0);
  expect(performance.now() - begun).toBeLessThan(5000);
  expect(livingIn(localDir)).toEqual([]);
  expect(existsSync(join(localDir, "stack.json"))).toBe(false);
});

test("in a Chinese locale it speaks Chinese, except in the lines that programs wait for", {
  timeout: 120_000,
}, async () => {
  const localDir = await usedFolder();
  const stack = await startReady(localDir, { LANG: "zh_CN.UTF-8", DATABASE_URL: "elsewhere" });
  const lines = stack.output().trim().split("\n");
  expect(lines.filter((line) => !/\p{Script=Han}/u.test(line))).toEqual([
    `USER_TOKEN=${stack.userToken}`,
    expect.stringMatching(/^BACKEND_TOKEN=\S+$/),
    `Zhenren is ready: ${stack.url}`,
  ]);
  expect(lines.length).toBeGreaterThan(5);
  const refused = await startProgram("local/main.ts", ["--help"], { LANG: "zh_CN.UTF-8" });
  expect(await refused.ended).toBe(1);
  expect(refused.output()).toMatch(/^npm start 没有参数 --help。.*npm start -- --reset/);

  const port = await takenPort();
  const damaged = temporaryFolder();
  writeFileSync(join(damaged, "secrets.json"), "{");
  const refusals: [Record<string, string>, RegExp][] = [
    [{ LOCAL_DIR: localDir }, /已在 .+ 上运行/],
    [{ LOCAL_DIR: temporaryFolder(), PORT: port }, /已被其他程序占用.+PORT/],
    [{ LOCAL_DIR: temporaryFolder(), PORT: "0", HTTP_TRIGGER: "ftp" }, /HTTP_TRIGGER 是 "ftp"/],
    [{ LOCAL_DIR: damaged, PORT: "0" }, /secrets\.json 已损坏/],
  ];
  for (const [env, said] of refusals) {
    const second = await startProgram("local/main.ts", [], {
      ...{ LANG: "zh_CN.UTF-8", PORT: "0", SIMULATOR_PORT: "0" },
      ...env,
    });
    expect(await second.ended).toBe(1);
    expect(second.output().trim().split("\n").at(-1)).toMatch(said);
  }
});

test("after kill -9 of everything, and of the stack alone, the next start has all data", {
  timeout: 240_000,
}, async () => {
  const localDir = await usedFolder();
  const first = await startReady(localDir);
  const id = await issue(first);
  killAll(livingIn(localDir));
  await first.ended;

  const second = await startReady(localDir);
  expect(await read(second, id)).toMatchObject({ verificationId: id, status: "pending" });
  // Without its reaper a killed stack leaves PostgreSQL and stopped functions behind. A stopped stack starts no new reaper.
  second.child.kill("SIGSTOP");
  killAll(livingIn(localDir).filter(({ commandLine }) => commandLine.includes("reaper-process")));
  second.child.kill("SIGKILL");
  await second.ended;
  const left = livingIn(localDir);
  expect(left.some(({ commandLine }) => commandLine.includes("postgres -D"))).toBe(true);
  expect(
    left.some(({ commandLine, state }) => commandLine.includes("instance-process") && state === "T"),
  ).toBe(true);

  const third = await startReady(localDir);
  const isSame = (process: LivingProcess) => livingProcess(process.pid)?.startTime === process.startTime;
  expect(left.filter(isSame)).toEqual([]);
  expect(await read(third, id)).toMatchObject({ verificationId: id, status: "pending" });
});

test("a second start on the same folder is refused and the first goes on", { timeout: 120_000 }, async () => {
  const localDir = await usedFolder();
  const first = await startReady(localDir);
  const second = await startProgram("local/main.ts", [], {
    PORT: "0",
    SIMULATOR_PORT: "0",
    LOCAL_DIR: localDir,
  });
  expect(await second.ended).toBe(1);
  expect(second.output()).toBe(
    `Zhenren already runs on ${localDir} (process ${first.facts.owner.pid}, ${first.url}). ` +
      "Stop it first, or set LOCAL_DIR to another folder.\n",
  );
  await issue(first);
});

test.each([
  ["PORT", { SIMULATOR_PORT: "0" }],
  ["SIMULATOR_PORT", { PORT: "0" }],
  ["DATABASE_PORT", { PORT: "0", SIMULATOR_PORT: "0" }],
])(
  "a taken %s is one sentence, and nothing is left running",
  { timeout: 120_000 },
  async (setting, others) => {
    const localDir = temporaryFolder();
    const port = await takenPort();
    const env: Record<string, string> = { ...others, LOCAL_DIR: localDir, [setting]: port };
    const refused = await startProgram("local/main.ts", [], env);
    expect(await refused.ended).toBe(1);
    const said = refused.output().trim().split("\n").at(-1);
    expect(said).toMatch(
      new RegExp(`^Port ${port} \\(.+\\) is taken by another program\\. Set ${setting} to a free port`),
    );
    expect(refused.output()).not.toMatch(/^\s+at /m);
    expect(existsSync(join(localDir, "stack.json"))).toBe(false);
    expect(existsSync(join(localDir, "postgres", "postmaster.pid"))).toBe(false);
  },
);

test.each([
  [{ PORT: "many" }, /^PORT is wrong: /],
  [{ HTTP_TRIGGER: "lambda" }, /^HTTP_TRIGGER is "lambda"; it is http .* or apigw\.$/],
])("a wrong setting of the stack names itself: %o", async (env, sentence) => {
  const refused = await startProgram("local/main.ts", [], { LOCAL_DIR: temporaryFolder(), ...env });
  expect(await refused.ended).toBe(1);
  expect(refused.output().trim()).toMatch(sentence);
});

test("one function can be run by hand with an event from a file", { timeout: 120_000 }, async () => {
  const localDir = await usedFolder();
  const files = temporaryFolder();
  const write = (name: string, text: string): string => {
    writeFileSync(join(files, name), text);
    return join(files, name);
  };
  const event = write(
    "login.json",
    JSON.stringify({
      ...{
        httpMethod: "POST",
        path: "/login",
        queryString: {},
        headers: { "content-type": "application/json" },
      },
      body: JSON.stringify({ code: "demo-lisi" }),
    }),
  );
  const invoke = async (...args: string[]) => {
    const run = await startProgram("tools/cli/invoke.ts", args, { LOCAL_DIR: localDir });
    return { code: await run.ended, output: run.output() };
  };

  const without = await invoke("login", event);
  expect(without).toEqual({
    code: 1,
    output: expect.stringMatching(/^Zhenren is not running on .*npm start/),
  });

  await startReady(localDir);
  const done = await invoke("login", event);
  expect(done).toEqual({
    code: 0,
    output: expect.stringMatching(/login: loaded in \d+ ms, answered in \d+ ms/),
  });
  expect(done.output).toContain('"statusCode": 200');
  expect(done.output).toContain("accessToken");

  const bare = await invoke("login", event, "--env", "WECHAT_APP_ID=wx-not-simulated");
  expect(bare.output).not.toContain("accessToken");
  const refusals = [
    [1, ["nobody", event], /^serverless\.yml lists no function nobody\. It lists: login, token-mini-program/],
    [1, ["login", join(files, "missing.json")], /missing\.json cannot be read/],
    [1, ["login", write("bad.json", "{")], /bad\.json is not JSON/],
    [2, ["login"], /^<event file> is missing\. Usage: npx zhenren invoke/],
    [2, ["login", event, "--env", "novalue"], /--env takes KEY=VALUE/],
  ] as const;
  const answers = await Promise.all(refusals.map(([, args]) => invoke(...args)));
  for (const [index, [code, , sentence]] of refusals.entries()) {
    expect(answers[index]).toEqual({ code, output: expect.stringMatching(sentence) });
  }
});
