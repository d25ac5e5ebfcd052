import { describe, expect, test } from "vitest";
import { allKeys, deployContext, secretNames, settings } from "./deploy-context.ts";
import { writesIn } from "./fake-cloud/server.ts";

const context = deployContext();
const { deploy, reset, account, fn } = context;

describe("a first deploy", () => {
  test("creates every function as serverless.yml lists it, with its triggers", async () => {
    const { exitCode, output } = await deploy();
    expect(output).toMatch(/\nDeployed\.$/);
    expect(exitCode).toBe(0);
    const names = [...context.fakeCloud.scf.functions.keys()].toSorted();
    expect(names).toEqual(allKeys.map((key) => `zhenren-test-zhenren-${key}`).toSorted());
    expect(fn("archive").facts).toMatchObject({
      Runtime: "Nodejs20.19",
      Handler: "index.main_handler",
      Type: "Event",
      MemorySize: 512,
      Timeout: 900,
      InitTimeout: 10,
      Role: "zhenren-functions",
    });
    expect(fn("archive").triggers).toMatchObject([
      {
        Type: "timer",
        TriggerName: "each-ten-minutes",
        Qualifier: "$DEFAULT",
        Enable: 1,
        CustomArgument: '{"job":"archive"}',
        TriggerDesc: '{"cron":"0 */10 * * * * *"}',
      },
    ]);
    expect(fn("login").triggers).toMatchObject([{ Type: "http", Qualifier: "$DEFAULT" }]);
    expect(fn("login").environment).toEqual({
      WECHAT_APP_ID: settings["WECHAT_APP_ID"],
      WECHAT_APP_SECRET: settings["WECHAT_APP_SECRET"],
      CORS_ORIGINS: settings["CORS_ORIGINS"],
      AUTH_SECRET: settings["AUTH_SECRET"],
    });
  });

  test("creates the landing page first and gives its address to those who need it", async () => {
    const { output } = await deploy();
    const { TriggerDesc } = fn("h5-landing").triggers[0] ?? { TriggerDesc: "{}" };
    const url: string = JSON.parse(TriggerDesc).NetConfig.ExtranetUrl.replace(/\/$/, "");
    expect(fn("token-h5").environment["PUBLIC_URL"]).toBe(url);
    expect(fn("token-eid").environment["PUBLIC_URL"]).toBe(url);
    expect(output).toContain(`GET  ${url}/h5/landing/{state}`);
    expect(output).toContain(`sends browsers back to ${url} (RedirectUrl)`);
    expect(output).toMatch(/message push: URL https:\/\/\S+\/wechat\/push/);
    expect(output).toMatch(/request domains[\s\S]+https:\/\/\S+miniprogram/);
    expect(output).toContain("npx zhenren migrate");
    expect(output).toContain("npx zhenren doctor");
  });

  test("never gives a function the deployer's key, and gives it a key of its own only without a role", async () => {
    await deploy();
    for (const { environment } of context.fakeCloud.scf.functions.values()) {
      expect(Object.keys(environment).filter((name) => name.startsWith("TENCENT_"))).toEqual([]);
    }
    reset();
    await deploy({ env: { ...settings, SCF_ROLE: "" }, named: ["h5-landing"] });
    expect(fn("h5-landing").environment["TENCENT_SECRET_ID"]).toBe(settings["FUNCTION_SECRET_ID"]);
    expect(fn("h5-landing").environment["TENCENT_SECRET_KEY"]).toBe(settings["FUNCTION_SECRET_KEY"]);
  });

  test("leaves out channels that no setting configures, and prints what to set", async () => {
    const { WECHAT_APP_ID, WECHAT_APP_SECRET, WECHAT_PUSH_TOKEN, WECHAT_PUSH_AES_KEY, ...env } = settings;
    expect([WECHAT_APP_ID, WECHAT_APP_SECRET, WECHAT_PUSH_TOKEN, WECHAT_PUSH_AES_KEY]).not.toContain("");
    const { exitCode, output } = await deploy({ env });
    expect(exitCode).toBe(0);
    expect(output).toContain("Left out token-wechat. It is not configured: WECHAT_APP_ID");
    expect(context.fakeCloud.scf.functions.size).toBe(allKeys.length - 3);
  });

  test("recreates a function whose creation failed", async () => {
    context.fakeCloud.scf.nextCreation = "CreateFailed";
    const { exitCode, output } = await deploy({ named: ["login"] });
    expect(output).toContain("delete what a failed creation left behind");
    expect(exitCode).toBe(0);
    expect(fn("login").status).toBe("Active");
  });
});

describe("a second deploy", () => {
  test("that changes nothing writes nothing", async () => {
    await deploy();
    const before = account();
    const { exitCode, output } = await deploy();
    expect(exitCode).toBe(0);
    expect(writesIn(context.fakeCloud.calls)).toEqual([]);
    expect(output.match(/up to date/g)).toHaveLength(allKeys.length);
    expect(account()).toBe(before);
  });

  test("of one function alone touches no other", async () => {
    await deploy();
    const { output } = await deploy({
      named: ["verification"],
      code: { verification: Buffer.from("exports.name = 2;"), login: Buffer.from("exports.name = 3;") },
    });
    expect(writesIn(context.fakeCloud.calls)).toEqual(["UpdateFunctionCode", "UpdateFunctionConfiguration"]);
    expect(output).toContain("upload new code");
    expect(fn("verification").files.get("index.js")?.toString()).toBe("exports.name = 2;");
    expect(fn("login").files.get("index.js")?.toString()).toContain("login");
  });

  test("of a changed setting updates the configuration of the functions that use it, and no code", async () => {
    await deploy();
    const { output } = await deploy({
      env: { ...settings, WECHAT_APP_SECRET: "f".repeat(32), EID_TOKEN_SECONDS: "" },
    });
    const written = writesIn(context.fakeCloud.calls);
    expect(new Set(written)).toEqual(new Set(["UpdateFunctionConfiguration"]));
    expect(output).toContain("update the configuration: WECHAT_APP_SECRET changed");
    expect(output).toContain("EID_TOKEN_SECONDS removed");
    expect(fn("login").environment["WECHAT_APP_SECRET"]).toBe("f".repeat(32));
    expect(fn("token-eid").environment).not.toHaveProperty("EID_TOKEN_SECONDS");
  });

  test("reverts changes made in the console: memory, timers, addresses, and triggers that are not listed", async () => {
    await deploy();
    const before = account();
    fn("reconcile").facts["MemorySize"] = 1024;
    const timer = fn("reconcile").triggers[0];
    if (timer)
      Object.assign(timer, { Enable: 0, TriggerDesc: '{"cron":"0 0 * * * * *"}', CustomArgument: "" });
    const extra = {
      Type: "timer",
      TriggerName: "twice",
      Qualifier: "$LATEST",
      Enable: 1,
      CustomArgument: "",
    };
    fn("archive").triggers.push({ ...extra, TriggerDesc: '{"cron":"0 0 * * * * *"}' });
    fn("login").triggers = [];
    const address = fn("verification").triggers[0];
    if (address) address.TriggerDesc = address.TriggerDesc.replace("NONE", "CAM");
    const { exitCode, output } = await deploy();
    expect(exitCode).toBe(0);
    expect(output).toContain("update the configuration: memory 1024 → 256");
    expect(output).toContain("update timer each-minute: cron 0 0 * * * * * → 0 * * * * * *");
    expect(output).toContain("delete timer trigger twice, which serverless.yml does not list");
    expect(output).toContain("authentication CAM → NONE");
    expect(account()).toBe(before);
  });

  test("leaves triggers of other kinds alone", async () => {
    await deploy({ named: ["login"] });
    const gateway = {
      Type: "apigw",
      TriggerName: "old",
      Qualifier: "$DEFAULT",
      Enable: 1,
      CustomArgument: "",
    };
    fn("login").triggers.push({ ...gateway, TriggerDesc: "{}" });
    await deploy({ named: ["login"] });
    expect(writesIn(context.fakeCloud.calls)).toEqual([]);
  });

  test("refuses a change that needs a new function, and says so", async () => {
    await deploy({ named: ["login"] });
    fn("login").facts["Runtime"] = "Nodejs18.15";
    const { exitCode, output } = await deploy({ named: ["login"] });
    expect(exitCode).toBe(1);
    expect(output).toMatch(/created for Nodejs18.15, not Nodejs20.19.+Delete the function in the console/);
    expect(writesIn(context.fakeCloud.calls)).toEqual([]);
  });
});

describe("a dry run", () => {
  test("prints what a first deploy would do, and writes nothing", async () => {
    const { exitCode, output } = await deploy({ dryRun: true });
    expect(exitCode).toBe(0);
    expect(output.match(/create the function$/gm)).toHaveLength(allKeys.length);
    expect(output).toContain("its address is not known yet; it will be the one that h5-landing gets");
    expect(output).toContain("create timer each-minute");
    expect(output).toMatch(/Dry run: nothing was changed\.$/);
    expect(writesIn(context.fakeCloud.calls)).toEqual([]);
  });

  test("prints which settings would change, and never their values", async () => {
    await deploy();
    const env = { ...settings, AUTH_SECRET: "another-secret-of-thirty-two-characters" };
    const { output } = await deploy({ dryRun: true, env });
    expect(output).toContain("AUTH_SECRET changed");
    expect(output).not.toContain("another-secret");
    expect(writesIn(context.fakeCloud.calls)).toEqual([]);
  });
});

test("no secret is ever printed", async () => {
  const ends = [
    await deploy(),
    await deploy({ dryRun: true, env: { ...settings, AUTH_SECRET: "" } }),
    await deploy({ env: { ...settings, DATABASE_URL: "mysql://pass-word-1", MASTER_KEY: "pass-word-1" } }),
  ];
  for (const { output } of ends) {
    for (const name of secretNames) expect(output, name).not.toContain(settings[name]);
    expect(output).not.toContain("pass-word-1");
  }
});
