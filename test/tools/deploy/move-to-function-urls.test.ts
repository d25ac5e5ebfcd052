/** The move from an API Gateway to function URLs, as docs/deploy.md describes it, with the real CLI against the fake cloud. */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { routes } from "../../../shared/contract/routes.ts";
import { readMarkdown, root } from "../../docs/markdown.ts";
import { commandScript } from "../../support/command.ts";
import { allKeys, settings } from "./deploy-context.ts";
import { slsContext } from "./sls-context.ts";

const context = slsContext();
const folder = mkdtempSync(join(tmpdir(), "zhenren-moving-"));
afterAll(() => rmSync(folder, { recursive: true }));

const deploy = (HTTP_TRIGGER: "http" | "apigw") => context.deploy({ env: { ...settings, HTTP_TRIGGER } });

/** The guide's lines for the last step. */
async function removal(): Promise<string> {
  const block = readMarkdown("docs/deploy.md").code.find(({ text }) => text.includes("sls remove"));
  return (block?.text ?? "").replaceAll(
    "npx zhenren deploy",
    `"${process.execPath}" "${await commandScript("deploy.ts")}"`,
  );
}

/** Pastes lines into a shell in a project whose `.env` is this environment. */
function paste(
  lines: string,
  env: Record<string, string | undefined>,
): Promise<{ code: number; output: string }> {
  const project = join(folder, "project");
  const text = Object.entries(env).map(([name, value]) => `${name}=${value ?? ""}`);
  const script = `set -e
    mkdir "${project}" && cd "${project}"
    for each in "${root}"/*; do ln -s "$each" .; done
    cp "${folder}/env" .env
    ${lines}`;
  writeFileSync(join(folder, "env"), text.filter((line) => !line.endsWith("=")).join("\n"));
  return new Promise((resolve) => {
    execFile(
      "bash",
      ["-c", script],
      { env: { ...context.processEnvironment(), HOME: folder } },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr }),
    );
  });
}

const paths = new Set(Object.values(routes).map(({ path }) => path));
/** Every path of the gateway that calls a function. */
const gatewayRoutes = () =>
  [...context.fakeCloud.scf.functions]
    .filter(([name]) => name.startsWith("zhenren-test-apigw-"))
    .flatMap(([, { triggers }]) => triggers.filter(({ Type }) => Type === "apigw"));

test("both sets exist side by side, and adding or removing one does not affect the other", {
  timeout: 300_000,
}, async () => {
  const { fakeCloud } = context;
  expect((await deploy("apigw")).exitCode).toBe(0);
  const old = context.account();
  expect(gatewayRoutes()).toHaveLength(paths.size);

  // 1. The other set is added. No call changes, or even names, the functions of the gateway.
  fakeCloud.log.length = 0;
  expect((await deploy("http")).exitCode).toBe(0);
  expect(JSON.stringify(fakeCloud.log)).not.toContain("zhenren-test-apigw-");
  expect(fakeCloud.log.filter(({ service }) => service === "apigateway")).toEqual([]);
  expect(fakeCloud.scf.functions.size).toBe(2 * allKeys.length);
  for (const [name] of fakeCloud.scf.functions) if (name.includes("-apigw-")) expect(old).toContain(name);
  expect(gatewayRoutes()).toHaveLength(paths.size);

  // 2.–4. are done by people. Both sets can still be deployed meanwhile.
  expect((await deploy("apigw")).output).toContain("up to date");

  // 5. The old set is removed by the lines of the guide.
  fakeCloud.log.length = 0;
  const { code, output } = await paste(await removal(), {
    ...settings,
    PUBLIC_URL: "https://zr.shop.example",
  });
  expect(output).toContain(`已成功移除组件${allKeys.length}个`);
  expect(code).toBe(0);
  expect(existsSync(join(folder, "project/old/login/serverless.yml"))).toBe(true);
  expect([...fakeCloud.scf.functions.keys()].toSorted()).toEqual(
    allKeys.map((key) => `zhenren-test-zhenren-${key}`).toSorted(),
  );
  expect(JSON.stringify(fakeCloud.log)).not.toContain("zhenren-test-zhenren-");
  expect((await deploy("http")).output.match(/up to date/g)).toHaveLength(allKeys.length);
});
