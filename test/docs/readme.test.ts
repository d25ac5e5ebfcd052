import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { somebody } from "../support/people.ts";
import { stackForTests, type TestStack } from "../support/stack.ts";
import { readMarkdown, root } from "./markdown.ts";

const run = promisify(execFile);
const readme = readMarkdown("README.md");
const blocks = readme.code.filter(({ language }) => language === "bash");

/** Runs blocks in one shell, as somebody who pastes one after the other; answers what was written, by heading. */
async function paste(stack: TestStack, chosen: typeof blocks): Promise<Map<string, string>> {
  const { url, simulatorUrl } = stack.running;
  const script = chosen
    .flatMap(({ text, section }) => [`echo; echo "@@@ ${section}"`, text])
    .join("\n")
    .replaceAll("http://127.0.0.1:3000", url)
    .replaceAll("http://127.0.0.1:3100", simulatorUrl)
    .replaceAll("./.local/", `${stack.localDir}/`);
  const { stdout } = await run("bash", ["--norc", "-euo", "pipefail", "-c", script], {
    cwd: root,
    env: {
      PATH: process.env["PATH"],
      HOME: stack.localDir,
      TMPDIR: stack.localDir,
      LOCAL_DIR: stack.localDir,
    },
  });
  const said = new Map<string, string>();
  for (const part of stdout.split("\n@@@ ").slice(1)) {
    const [section = "", ...lines] = part.split("\n");
    const heading = readme.headings[Number(section)] ?? "";
    said.set(heading, `${said.get(heading) ?? ""}${lines.join("\n")}`);
  }
  return said;
}

describe("the lines of the README", () => {
  const stack = stackForTests();

  test("work from the first to the last, pasted into one shell", async () => {
    const said = await paste(
      stack,
      blocks.filter(({ info }) => info === ""),
    );
    expect(said.get("### Mini-program")).toMatch(/"bizToken":.*"status":"passed".*"reference":"order-1"/s);
    expect(said.get("### H5")).toMatch(/<h1>核验通过<\/h1>.*"channel":"h5","status":"passed"/s);
    expect(said.get("### E证通 (eID)")).toMatch(/"channel":"eid","status":"passed"/);
    expect(said.get("### WeChat's own face check")).toMatch(/"channel":"wechat","status":"passed"/);
    expect(said.get("### Every other outcome")).toMatch(
      /"status":"pending".*"providerCode":"2006".*"status":"failed".*"code":"identity_mismatch"/s,
    );
    expect(said.get("## The archive")).toMatch(
      /"archived":4.*text\.json.*\.jpg.*\.mp4.*all as it should be.*"now":.*all as it should be/s,
    );
  }, 60_000);

  test("show an answer as it really is", async () => {
    const shown: unknown = JSON.parse(readme.code.find(({ language }) => language === "json")?.text ?? "");
    const user = await stack.asUser("mei");
    const { id, token } = await user.issue("mini-program", { identity: somebody(), reference: "order-1" });
    await stack.simulator.complete(token, "passed");
    const real = await user.finish(id);
    const { verificationId, createdAt, expiresAt, settledAt } = real;
    expect({ ...Object(shown), verificationId, createdAt, expiresAt, settledAt }).toEqual(real);
    expect(Object.keys(Object(shown))).toEqual(Object.keys(real));
  });
});

describe("the lines of the README for WeChat 1.0", () => {
  const stack = stackForTests({ WECHAT_FACE_GENERATION: "1" });

  test("work where that generation is chosen", async () => {
    const chosen = blocks.filter(({ info, section }) => {
      const isFirst = readme.headings[section] === "## First verification";
      return isFirst || info === "WECHAT_FACE_GENERATION=1";
    });
    const said = await paste(stack, chosen);
    expect(said.get("### WeChat's own face check")).toMatch(/"channel":"wechat","status":"passed"/);
  });
});
