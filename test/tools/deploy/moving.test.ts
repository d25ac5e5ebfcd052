/** The way from an API Gateway to function URLs that docs/deploy.md tells, walked with the real CLI against the stand-in. */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { routes } from "../../../shared/contract/routes.ts";
import { readMarkdown, root } from "../../docs/markdown.ts";
import { slsWorld } from "./sls-world.ts";
import { allKeys, settings } from "./world.ts";

const here = slsWorld();
const folder = mkdtempSync(join(tmpdir(), "zhenren-moving-"));
afterAll(() => rmSync(folder, { recursive: true }));

const deploy = (HTTP_TRIGGER: "http" | "apigw") => here.deploy({ env: { ...settings, HTTP_TRIGGER } });

/** The lines that the guide has for the last step. */
function removal(): string {
  const block = readMarkdown("docs/deploy.md").code.find(({ text }) => text.includes("sls remove"));
  return (block?.text ?? "").replaceAll(
    "npm run deploy --",
    `"${process.execPath}" --import tsx tools/cli/deploy.ts`,
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
      { env: { ...here.surroundings(), HOME: folder } },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr }),
    );
  });
}

/** Every path that users of the gateway find a function behind. */
const behindTheGateway = () =>
  [...here.standIn.cloud.functions]
    .filter(([name]) => name.startsWith("zhenren-test-apigw-"))
    .flatMap(([, { triggers }]) => triggers.filter(({ Type }) => Type === "apigw"));

test("both sets stand side by side, and neither coming nor going of one is felt in the other", {
  timeout: 120_000,
}, async () => {
  const { standIn } = here;
  expect((await deploy("apigw")).exitCode).toBe(0);
  const old = here.account();
  expect(behindTheGateway()).toHaveLength(Object.keys(routes).length);

  // 1. The other set comes. Not one call changes, or even names, what the gateway leads to.
  standIn.log.length = 0;
  expect((await deploy("http")).exitCode).toBe(0);
  expect(JSON.stringify(standIn.log)).not.toContain("zhenren-test-apigw-");
  expect(standIn.log.filter(({ service }) => service === "apigateway")).toEqual([]);
  expect(standIn.cloud.functions.size).toBe(2 * allKeys.length);
  for (const [name] of standIn.cloud.functions) if (name.includes("-apigw-")) expect(old).toContain(name);
  expect(behindTheGateway()).toHaveLength(Object.keys(routes).length);

  // 2.–4. are people's. Both sets go on being deployed meanwhile.
  expect((await deploy("apigw")).output).toContain("is as it shall be");

  // 5. The old set goes, by the lines of the guide.
  standIn.log.length = 0;
  const { code, output } = await paste(removal(), { ...settings, PUBLIC_URL: "https://zr.shop.example" });
  expect(output).toContain("已成功移除组件10个");
  expect(code).toBe(0);
  expect(existsSync(join(folder, "project/old/login/serverless.yml"))).toBe(true);
  expect([...standIn.cloud.functions.keys()].toSorted()).toEqual(
    allKeys.map((key) => `zhenren-test-zhenren-${key}`).toSorted(),
  );
  expect(JSON.stringify(standIn.log)).not.toContain("zhenren-test-zhenren-");
  expect((await deploy("http")).output.match(/is as it shall be/g)).toHaveLength(allKeys.length);
});
