/** The command itself: arguments, settings from `.env`, exit codes. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommand } from "../../support/command.ts";
import { deployContext, settings } from "./deploy-context.ts";

const context = deployContext();

describe("npm run deploy", { timeout: 120_000 }, () => {
  const command = async (args: readonly string[], env: Record<string, string> = {}, cwd?: string) => {
    const { code, out, err } = await runCommand("deploy.ts", args, env, cwd);
    return { code, output: out + err };
  };

  test("without settings reports everything that is missing, with either deployer", async () => {
    for (const args of [[], ["--direct"]]) {
      const { code, output } = await command(args);
      expect(output).toMatch(/^Nothing was deployed\. 10 problems found:\n {2}- STAGE is missing/);
      expect(code).toBe(1);
    }
  });

  test("with an unknown option prints its usage", async () => {
    const { code, output } = await command(["--direkt"]);
    expect(output).toContain("Usage: npx zhenren deploy");
    expect(code).toBe(2);
  });

  test("refuses an endpoint override that is not this machine", async () => {
    const { code, output } = await command(["--direct"], { SCF_ENDPOINT_OVERRIDE: "http://scf.example:80" });
    expect(output).toMatch(/^SCF_ENDPOINT_OVERRIDE must be http:\/\/127/);
    expect(code).toBe(1);
  });

  test("reads .env, builds, deploys and ends with 0; with a missing setting with 1", async () => {
    const folder = mkdtempSync(join(tmpdir(), "zhenren-deploy-test-"));
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    writeFileSync(join(folder, ".env"), lines.join("\n"));
    const url = { SCF_ENDPOINT_OVERRIDE: context.fakeCloud.origin };
    const { code, output } = await command(["--direct", "h5-landing"], url, folder);
    expect(output).toMatch(/Deployed\.\n$/);
    expect(code).toBe(0);
    expect([...context.fn("h5-landing").files.keys()]).toEqual(["index.js"]);
    const wrong = await command(["--direct", "h5-landing"], { ...url, REGION: "" }, folder);
    expect(wrong.output).toContain("REGION is missing");
    expect(wrong.code).toBe(1);
  });
});
