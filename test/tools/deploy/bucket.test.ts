/** `--with-bucket` and the doctor's look at the same bucket, against the simulator's COS as stand-in. */
import { describe, expect, test } from "vitest";
import { objectName } from "../../../shared/archive/manifest.ts";
import { receiptName } from "../../../shared/archive/receipt.ts";
import { parseCosUrl } from "../../../shared/archive/stores/index.ts";
import { cosBucket, cosExchange } from "../../../shared/providers/cos/index.ts";
import { ensureBucket } from "../../../tools/deploy/bucket/bucket.ts";
import { lifecycleRules, statements } from "../../../tools/deploy/bucket/desired.ts";
import { evidenceStoreCheck } from "../../../tools/doctor/evidence-store.ts";
import { readMarkdown } from "../../docs/markdown.ts";
import { runningSimulator } from "../../simulator/running.ts";
import { resultOf } from "../doctor/run.ts";

const { origin } = await runningSimulator();
const envOf = (bucket: string, over: Record<string, string> = {}) => ({
  ARCHIVE_URL: `cos://${bucket}/production?region=ap-guangzhou`,
  SIMULATOR_URL: origin,
  TENCENT_SECRET_ID: "sim-secret-id",
  TENCENT_SECRET_KEY: "sim-secret-key",
  SCF_ROLE: "zhenren",
  RETENTION_DAYS: "365",
  ...over,
});
const settingsOf = (bucket: string) =>
  cosBucket(
    cosExchange({
      bucket,
      region: "ap-guangzhou",
      endpoint: `${origin}/cos`,
      credential: () => ({ secretId: "sim-secret-id", secretKey: "sim-secret-key" }),
    }),
  );

async function ensure(bucket: string, dryRun = false): Promise<string[]> {
  const lines: string[] = [];
  await ensureBucket({ env: envOf(bucket), dryRun, print: (line) => lines.push(line) });
  return lines;
}

test("creates bucket, policy and lifecycle once, and keeps what others added", async () => {
  const name = "fresh-1250000000";
  expect(await ensure(name, true)).toEqual([name, expect.stringContaining("would create the bucket")]);
  expect(await settingsOf(name).region()).toBeUndefined();
  expect(await ensure(name)).toEqual([
    name,
    expect.any(String),
    expect.any(String),
    expect.any(String),
    "    done",
  ]);
  expect(await ensure(name)).toEqual([name, "    up to date"]);
  const policy = JSON.stringify(await settingsOf(name).policy());
  expect(policy).toContain("qcs::cam::uin/100000000001:roleName/zhenren");
  expect(policy).toContain("qcs::cos:ap-guangzhou:uid/1250000000:fresh-1250000000/production/*");
  expect(policy).not.toContain("GetBucket");

  const others = { id: "logs", isEnabled: true, prefix: "logs/", expirationDays: 7 };
  await settingsOf(name).putLifecycle([others]);
  expect(await ensure(name)).toEqual([name, "    set the lifecycle", "    done"]);
  expect((await settingsOf(name).lifecycle()).map(({ id }) => id)).toEqual([
    "logs",
    "zhenren-leftovers",
    "zhenren-retention",
  ]);
});

test("the retention of the bucket is for evidence, not for the receipts of erasures", () => {
  const address = parseCosUrl(envOf("any-1250000000").ARCHIVE_URL);
  const expired = lifecycleRules(address, 365).filter(({ expirationDays }) => expirationDays !== undefined);
  const isDeleted = (name: string) =>
    expired.some(({ prefix }) => `${address.prefix}/${name}`.startsWith(prefix));
  expect(isDeleted(objectName("ver_019aa5c1", "run", "video"))).toBe(true);
  expect(isDeleted(receiptName(1))).toBe(false);
});

test.each(["docs/evidence-store.md", "docs/evidence-store.zh-CN.md"])("%s shows what is set", (page) => {
  const address = parseCosUrl("cos://evidence-1250000000/production?region=ap-guangzhou");
  const days = (outer: string, inner: string, value: number | undefined) =>
    value === undefined ? {} : { [outer]: { [inner]: value } };
  const [policy, lifecycle] = readMarkdown(page).code.filter(({ language }) => language === "json");
  expect(JSON.parse(policy?.text ?? "")).toEqual({
    version: "2.0",
    Statement: statements(address, "100000000001", "zhenren"),
  });
  expect(JSON.parse(lifecycle?.text ?? "")).toEqual({
    Rules: lifecycleRules(address, 365).map((rule) => ({
      ID: rule.id,
      Status: "Enabled",
      Filter: { Prefix: rule.prefix },
      ...days("Expiration", "Days", rule.expirationDays),
      ...days("NoncurrentVersionExpiration", "NoncurrentDays", rule.noncurrentDays),
      ...days("AbortIncompleteMultipartUpload", "DaysAfterInitiation", rule.abortDays),
    })),
  });
});

describe("the doctor", () => {
  const name = "examined-1250000000";
  const examine = () => resultOf(evidenceStoreCheck, envOf(name));
  /** Puts a part of the bucket's settings as they are written on the wire. */
  const putPart = async (part: string, xml: string, headers: Record<string, string> = {}) => {
    const exchange = cosExchange({
      bucket: name,
      region: "ap-guangzhou",
      endpoint: `${origin}/cos`,
      credential: () => ({ secretId: "sim-secret-id", secretKey: "sim-secret-key" }),
    });
    const signal = AbortSignal.timeout(10_000);
    const body = [Buffer.from(xml)];
    (
      await exchange({ operation: "test", method: "PUT", query: { [part]: "" }, headers, body, signal })
    ).resume();
  };

  test("passes a bucket that the deploy made, and names what is changed about it (THREAT 77)", async () => {
    expect(await examine()).toMatchObject({ result: "failed" }); // not there yet
    await ensure(name);
    expect(await examine()).toEqual({ result: "passed" });

    await putPart("acl", "", { "x-cos-acl": "public-read" });
    expect(await examine()).toMatchObject({ result: "failed", why: expect.stringContaining("Everybody") });
    await putPart("acl", "", { "x-cos-acl": "private" });

    const lock = (days: number) =>
      putPart(
        "object-lock",
        `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>${days}</Days></DefaultRetention></Rule></ObjectLockConfiguration>`,
      );
    await lock(366);
    expect(await examine()).toMatchObject({
      result: "failed",
      why: expect.stringContaining("locked for 366"),
    });
    await lock(365);
    expect(await examine()).toEqual({ result: "passed" });

    const rule = { id: "zhenren-retention", isEnabled: true, prefix: "production/", expirationDays: 365 };
    await settingsOf(name).putLifecycle([rule]);
    expect(await examine()).toMatchObject({
      result: "failed",
      why: expect.stringContaining("deletes receipts of erasures after 365 days"),
      fix: expect.stringMatching(/production\/ver_.*--with-bucket/),
    });

    await settingsOf(name).putLifecycle([{ id: "other", isEnabled: true, prefix: "", expirationDays: 30 }]);
    await putPart(
      "versioning",
      "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
    );
    const { why = "", fix = "" } = { why: "", fix: "", ...(await examine()) };
    expect(why).toMatch(/keeps versions.*after 30 days, but RETENTION_DAYS is 365/);
    expect(fix).toContain("--with-bucket");
  });
});
