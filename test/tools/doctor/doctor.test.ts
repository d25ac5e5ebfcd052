/** `npm run doctor` on a whole stack: where all is well, as a command, and with services in trouble. */
import { join } from "node:path";
import { Client } from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { json, scriptedServer } from "../../providers/wechat/scripted-server.ts";
import { emptyDatabase, freshDatabase } from "../../support/database.ts";
import { storedObjects } from "../../support/evidence.ts";
import { stackForTests } from "../../support/stack.ts";
import { configurationOf, doctor, expectNoSecret, reportOf } from "./run.ts";

const stack = stackForTests();
const configured = (changes = {}) => configurationOf(stack, changes);

const key = "TENCENT_SECRET_ID and TENCENT_SECRET_KEY";
const app = "WECHAT_APP_ID and WECHAT_APP_SECRET";

beforeAll(async () => {
  await (await stack.asUser("zhang")).ask("h5", {}); // something sealed, for MASTER_KEY to open
});

describe("npm run doctor on a stack that is well", () => {
  test("passes every check, in lines for people, and exits with 0", async () => {
    const { code, out, err } = await doctor({ LOCAL_DIR: stack.localDir }, "--issue");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^Checking the stack that runs on .*, against the simulator\.\n/);
    expect(out).toMatch(
      /\n {2}passed {7}TENCENT_SECRET_ID and TENCENT_SECRET_KEY: the signature is accepted\n/,
    );
    expect(out).toMatch(/\n39 passed, 0 failed, 1 not checked\n$/);
    expect(out.match(/not checked {2}.+/g)).toEqual(["not checked  AUTH_JWKS_URL"]);
    expectNoSecret(stack.running.settings, out);
  });

  test("says the same as JSON, and without --issue leaves no token behind", async () => {
    const before = await stack.simulator.tokens();
    const { code, out } = await doctor({ LOCAL_DIR: stack.localDir }, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      counts: { passed: 38, failed: 0, "not checked": 2 },
      checks: expect.arrayContaining([
        { group: "Database and archive", name: "migrations", result: "passed", detail: expect.any(String) },
        expect.objectContaining({
          name: "EID_MERCHANT_ID",
          result: "not checked",
          fix: expect.any(String),
        }),
      ]),
    });
    expectNoSecret(stack.running.settings, out);
    expect(await stack.simulator.tokens()).toEqual(before);
  });

  test("writes nothing into the database and leaves nothing in the evidence store", async () => {
    const before = await stack.rows();
    expect((await reportOf(configured())).named("failed")).toEqual([]);
    expect(await stack.rows()).toEqual(before);
    expect(await storedObjects(stack.running)).toEqual([]);
  });
});

describe("npm run doctor as a command", () => {
  test("exits with 1 when something failed, and checks the environment where it has a DATABASE_URL", async () => {
    const env = configured({ WECHAT_APP_SECRET: "sim-another-secret" });
    const { code, out } = await doctor(env);
    expect(code).toBe(1);
    expect(out).toMatch(/^Checking the environment, against the simulator/);
    expect(out).toMatch(
      /failed +WECHAT_APP_ID and WECHAT_APP_SECRET\n +why: The AppSecret is wrong \(40125\)/,
    );
    expectNoSecret(env, out);
  });

  test("exits with 2 for an option that it does not have", async () => {
    const { code, out, err } = await doctor({}, "--isue");
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/--isue[\s\S]*Usage: npx zhenren doctor/);
  });

  test("says how to go on where neither a stack runs nor a configuration is set", async () => {
    const { code, err } = await doctor({ LOCAL_DIR: join(stack.localDir, "nothing") });
    expect(code).toBe(1);
    expect(err).toMatch(/is not running on .*npm start.* set DATABASE_URL/);
  });
});

describe("npm run doctor on a database that is in a wrong state", () => {
  const databases: readonly [what: string, make: () => Promise<string>, fails: string, says: RegExp][] = [
    [
      "without any table",
      emptyDatabase,
      "migrations",
      /(\d+) of \1 are not applied[\s\S]*fix: Run npx zhenren migrate/,
    ],
    [
      "where a migration is missing",
      () =>
        changed(
          "delete from drizzle.__drizzle_migrations where id = (select max(id) from drizzle.__drizzle_migrations)",
        ),
      "migrations",
      /1 of \d+ are not applied/,
    ],
    [
      "with a migration of a later version",
      () =>
        changed(
          "insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', 9999999999999)",
        ),
      "migrations",
      /does not know[\s\S]*fix: Deploy the version/,
    ],
    [
      "that does not exist",
      async () => (await emptyDatabase()).replace(/test_\w+$/, "of_nobody"),
      "DATABASE_URL",
      /3D000[\s\S]*fix: Create the database/,
    ],
  ];

  test.each(databases)("one %s fails one line", async (_, make, fails, says) => {
    const report = await reportOf(configured({ DATABASE_URL: await make() }));
    expect(report.named("failed")).toEqual([fails]);
    expect(report.line(fails)).toMatch(says);
    expect(report.line("MASTER_KEY")).toMatch(/not checked/);
  });

  async function changed(statement: string): Promise<string> {
    const url = await freshDatabase();
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(statement);
    await client.end();
    return url;
  }
});

describe("npm run doctor on services in trouble", () => {
  const faults: readonly [api: string, kind: string, fails: string, says: RegExp, notChecked: string][] = [
    ["GetDetectInfoEnhanced", "http-500", key, /HTTP 500[\s\S]*fix: Check the network/, "FACEID_RULE_ID_H5"],
    [
      "GetDetectInfoEnhanced",
      "UnauthorizedOperation.Arrears",
      key,
      /arrears[\s\S]*fix: Top/,
      "FACEID_RULE_ID_H5",
    ],
    ["stable_token", "40164", "IP allow-list of the app", /40164[\s\S]*fix: In mp\.weixin/, app],
    ["stable_token", "40243", app, /frozen[\s\S]*fix: Unfreeze/, "IP allow-list of the app"],
  ];

  test.each(faults)(
    "%s answering %s fails one line and leaves what hangs on it unchecked",
    async (api, kind, fails, says, unchecked) => {
      await stack.simulator.fault(api, kind, 9);
      const report = await reportOf(configured());
      await stack.simulator.clearFaults();
      expect(report.named("failed")).toEqual([fails]);
      expect(report.line(fails)).toMatch(says);
      expect(report.named("not checked")).toContain(unchecked);
    },
  );

  test("the address that WeChat does not accept is named, with where to allow it", async () => {
    const errmsg = "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 65a0f0b1-1234-5678";
    const { baseUrl } = await scriptedServer(json({ errcode: 40164, errmsg }));
    const report = await reportOf(configured({ SIMULATOR_URL: baseUrl }));
    expect(report.line("IP allow-list of the app")).toMatch(
      /failed[\s\S]*203\.0\.113\.7 \(40164\)[\s\S]*fix: .*IP allow-list, add 203\.0\.113\.7/,
    );
  });

  test("services that never answer cost six seconds together, and a line each", async () => {
    const { baseUrl } = await scriptedServer(() => {});
    const startedAtMs = performance.now();
    const report = await reportOf(configured({ SIMULATOR_URL: baseUrl, PUBLIC_URL: baseUrl }));
    expect(performance.now() - startedAtMs).toBeLessThan(15_000); // one after the other they would take 17 s
    expect(report.named("failed")).toEqual([key, app, "PUBLIC_URL"]);
    expect(report.line("PUBLIC_URL")).toMatch(/No answer came within five seconds/);
  });
});

describe("npm run doctor on clocks", () => {
  test("fails when this machine is ten minutes off, and says that nothing else could be seen", async () => {
    await stack.simulator.advance("10m");
    const report = await reportOf(configured());
    const clock = "clock of this machine against Tencent Cloud";
    expect(report.line(clock)).toMatch(
      /failed[\s\S]*SignatureExpire[\s\S]*fix: Set this machine's clock by NTP/,
    );
    for (const name of [
      "TENCENT_SECRET_ID and TENCENT_SECRET_KEY",
      "FACEID_RULE_ID_MINI_PROGRAM",
      "FACEID_RULE_ID_H5",
    ]) {
      expect(report.line(name)).toMatch(/not checked/);
    }
  });

  test("follows a local stack whose clock was moved", async () => {
    const { code, out } = await doctor({ LOCAL_DIR: stack.localDir });
    expect(out).toMatch(/passed +clock of the database against this machine: 0 s apart/);
    expect(code).toBe(0);
  });
});
