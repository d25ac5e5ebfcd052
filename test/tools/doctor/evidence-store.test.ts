/** What the doctor says of an evidence store that functions in the cloud are to use, held against what the deploy says. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { check } from "../../../tools/deploy/checks.ts";
import { readDeployment } from "../../../tools/deploy/deployment.ts";
import { plan } from "../../../tools/deploy/plan.ts";
import { evidenceStoreCheck } from "../../../tools/doctor/evidence-store.ts";
import { settings } from "../deploy/deploy-context.ts";
import { resultOf } from "./run.ts";

/** What a deploy with this ARCHIVE_URL would complain of. */
function deployProblems(url: string): readonly string[] {
  const deployment = readDeployment();
  const env = { ...settings, ARCHIVE_URL: url };
  const desired = [plan(deployment, "archive", env, Buffer.from("x"))];
  return check({ deployment, desired, env }).problems;
}

const checkOf = (url: string) => resultOf(evidenceStoreCheck, { ...settings, ARCHIVE_URL: url });

test.each([
  "file:/mnt/zhenren",
  "file:///mnt/zhenren",
  "file:/mnt/zhen%20ren",
  "file:///mnt/zhen%20ren",
  "file:/tmpfs/zhenren",
  "file:/tmp",
  "file:/tmp/zhenren",
  "file:///tmp/zhenren",
  "file:///%74mp/zhenren",
  "file:/mnt/../tmp/zhenren",
  "file:zhenren",
  "file:./zhenren",
  "file:",
  "file://server/zhenren",
  "cos://evidence/zhenren?region=ap-guangzhou",
  "cos://evidence-1250000000/zhenren",
  "s3://evidence/zhenren",
  "ftp://archive.example/evidence",
  "/mnt/zhenren",
])("the doctor fails ARCHIVE_URL=%s if and only if the deploy refuses it", async (url) => {
  const problems = deployProblems(url);
  const result = await checkOf(url);
  expect(result.result === "failed", JSON.stringify({ result, problems })).toBe(problems.length > 0);
});

test.each(["file:/tmp/zhenren", "file:zhenren", "cos://bucket/x", "ftp://archive.example/evidence"])(
  "what the doctor recommends in place of %s is what the deploy accepts",
  async (url) => {
    const { fix = "" } = { fix: "", ...(await checkOf(url)) };
    const [recommended = ""] = /\b[a-z]+:\/[^\s,.]+/.exec(fix) ?? [];
    expect(recommended).not.toBe("");
    expect(deployProblems(recommended)).toEqual([]);
  },
);

test("a mounted folder that this machine does not have is not checked, and the line says where it must be", async () => {
  expect(await checkOf("file:/mnt/zhenren-of-nobody")).toMatchObject({
    result: "not checked",
    why: expect.stringMatching(/\/mnt\/zhenren-of-nobody.*CFS/),
    fix: expect.stringMatching(/^Mount CFS there for the functions archive and maintain/),
  });
});

test("a mounted folder that this machine has too is written, read and left empty", async () => {
  const folder = mkdtempSync(join(homedir(), "zhenren-evidence-")); // a folder under /tmp would be refused
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(await checkOf(`file:${folder}`)).toEqual({
    result: "passed",
    detail: expect.stringContaining("the functions archive and maintain need the same CFS there"),
  });
  expect(readdirSync(folder)).toEqual([]);
});
