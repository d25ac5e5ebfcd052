/** What docs/events.md and docs/server.md give people to copy: bodies as the contract has them, and code that is run. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { jwtVerify } from "jose";
import { Webhook } from "standardwebhooks";
import { describe, expect, onTestFinished, test } from "vitest";
import { events } from "../../shared/contract/events.ts";
import { eventTypes } from "../../tools/cli/events/event-types.ts";
import { samples } from "../../tools/cli/events/samples.ts";
import { readMarkdown, root } from "./markdown.ts";

const run = promisify(execFile);
const secret = `whsec_${Buffer.alloc(24, 9).toString("base64")}`;
const now = new Date("2026-11-21T08:30:04.000Z");
const { code } = readMarkdown("docs/events.md");
const bodies = code
  .filter(({ language }) => language === "json")
  .map(({ text }): { type?: string } => JSON.parse(text));
const only = (page: string, language: string) => {
  const [block, ...more] = readMarkdown(page).code.filter((each) => each.language === language);
  if (!block || more.length > 0) throw new Error(`${page} has not exactly one block of ${language}`);
  return block.text;
};

test("docs/events.md shows one body of each type", () => {
  expect(bodies.map(({ type }) => type).toSorted()).toEqual(eventTypes.toSorted());
});

test.each(eventTypes)(
  "the body of %s is the sample that npm run trigger sends, as the contract says",
  (type) => {
    const shown = bodies.find((body) => body.type === type);
    events[type].parse(shown);
    const verificationId = "ver_019aa5c1-7d2e-7b43-9c6e-2f7d5a1c0b34";
    const data = samples({ reference: "order-7", now, verificationId })[type]();
    expect(shown).toEqual({ type, timestamp: now.toISOString(), data });
  },
);

/** An event as it arrives, and the same with each thing that must be noticed. */
function deliveries() {
  const body = JSON.stringify(bodies.find(({ type }) => type === "verification.passed"));
  const signed = (at: Date, key = secret) => ({
    "webhook-id": "evt_1",
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": new Webhook(key).sign("evt_1", at, body),
  });
  const right = signed(new Date());
  const twoSecrets = { ...right, "webhook-signature": `v1,AAAA ${right["webhook-signature"]}` };
  return {
    good: [
      { headers: right, body },
      { headers: twoSecrets, body },
    ],
    bad: [
      { headers: right, body: body.replace('"passed"', '"failed"') },
      { headers: { ...right, "webhook-id": "evt_2" }, body },
      { headers: signed(new Date(), `whsec_${Buffer.alloc(24, 8).toString("base64")}`), body },
      { headers: signed(new Date(Date.now() - 400_000)), body },
      { headers: signed(new Date(Date.now() + 400_000)), body },
    ],
  };
}

/** Runs a sample with more code behind it that prints a line per delivery of the file `deliveries.json`. */
async function outcomes(command: string, file: string, program: string): Promise<string[]> {
  const folder = mkdtempSync(join(root, "node_modules/.zhenren-samples-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { good, bad } = deliveries();
  writeFileSync(join(folder, "deliveries.json"), JSON.stringify([...good, ...bad]));
  writeFileSync(join(folder, file), program);
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], WEBHOOK_SECRET: secret };
  const { stdout } = await run(command, [file], { cwd: folder, env });
  return stdout.trim().split("\n");
}

const noticed = ["order-7", "order-7", ...Array<string>(5).fill("refused")];
const python = await run("python3", ["--version"]).then(
  () => true,
  () => false,
);

describe("the sample that verifies events", () => {
  test("in Node takes what is signed for now, and nothing else", async () => {
    const program = `${only("docs/events.md", "js").replace("console.log(data.reference, ", "console.log(data.reference); void (")}
import { readFileSync } from "node:fs";
for (const { headers, body } of JSON.parse(readFileSync("deliveries.json", "utf8"))) {
  try { receive(headers, body, () => false); } catch { console.log("refused"); }
}`;
    expect(await outcomes(process.execPath, "sample.mjs", program)).toEqual(noticed);
  });

  // A machine without Python cannot tell whether the sample works; CI has it.
  test.runIf(python)("in Python takes what is signed for now, and nothing else", async () => {
    const program = `${only("docs/events.md", "python")}
for one in json.load(open("deliveries.json")):
    try:
        print(verify(one["headers"], one["body"].encode())["data"]["reference"])
    except ValueError:
        print("refused")
`;
    expect(await outcomes("python3", "sample.py", program)).toEqual(noticed);
  });
});

test.runIf(python)("the sample in Python that mints a token makes one that is accepted", async () => {
  const folder = mkdtempSync(join(tmpdir(), "zhenren-samples-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "mint.py");
  writeFileSync(file, `${only("docs/server.md", "python")}\nprint(mint("shop", "backend"))\n`);
  const AUTH_SECRET = "a-secret-of-at-least-32-characters";
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], AUTH_SECRET };
  const { stdout } = await run("python3", [file], { env });
  const { payload } = await jwtVerify(stdout.trim(), new TextEncoder().encode(AUTH_SECRET));
  expect(payload).toMatchObject({ sub: "shop", scope: "backend" });
  expect(payload.exp).toBeGreaterThan(Date.now() / 1000 + 500);
});
