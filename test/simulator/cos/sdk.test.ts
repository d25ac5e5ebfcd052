/** Both vendors' own SDKs against the simulator's COS: what they do not understand, COS would not have said. */
import { createHash, randomBytes } from "node:crypto";
import http from "node:http";
import net from "node:net";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import COS from "cos-nodejs-sdk-v5";
import { afterAll, expect, test } from "vitest";
import { Crc64 } from "../../../shared/providers/cos/crc64.ts";
import { runningSimulator } from "../running.ts";

const { origin, port } = await runningSimulator();
const at = { Bucket: "sim-1250000000", Region: "ap-guangzhou" };
const MB = 1024 * 1024;

const cos = new COS({
  SecretId: "sim-secret-id",
  SecretKey: "sim-secret-key",
  Protocol: "http:",
  Domain: `127.0.0.1:${port}/cos/{Bucket}`,
  ForceSignHost: false,
});

/** AWS's client under the bucket's real host; only the socket goes to the simulator. */
const agent = new http.Agent({ keepAlive: true });
Object.assign(agent, { createConnection: () => net.connect(port, "127.0.0.1") });
const s3 = new S3Client({
  region: at.Region,
  endpoint: "http://cos.ap-guangzhou.myqcloud.com",
  credentials: { accessKeyId: "sim-secret-id", secretAccessKey: "sim-secret-key" },
  // COS refuses the chunked bodies that newer checksums come in.
  requestChecksumCalculation: "WHEN_REQUIRED",
  responseChecksumValidation: "WHEN_REQUIRED",
  requestHandler: { httpAgent: agent },
});
afterAll(() => {
  agent.destroy();
  s3.destroy();
});

const crcOf = (bytes: Buffer) => new Crc64().update(bytes).digest();
const md5Of = (bytes: Buffer) => createHash("md5").update(bytes).digest("base64");

test("COS's own SDK puts, heads, gets a range of, lists and deletes an object", async () => {
  const body = randomBytes(20_000);
  const Key = "own/照片 1+2.bin";
  const put = await cos.putObject({ ...at, Key, Body: body, Headers: { "Content-MD5": md5Of(body) } });
  expect(put.headers?.["x-cos-hash-crc64ecma"]).toBe(crcOf(body));
  const head = await cos.headObject({ ...at, Key });
  expect(head.headers).toMatchObject({
    "content-length": "20000",
    "x-cos-hash-crc64ecma": crcOf(body),
  });
  expect((await cos.getObject({ ...at, Key, Range: "bytes=5-9" })).Body).toEqual(body.subarray(5, 10));
  const listed = await cos.getBucket({ ...at, Prefix: "own/" });
  expect(listed.Contents.map((entry) => entry.Key)).toEqual([Key]);
  await cos.deleteObject({ ...at, Key });
  await expect(cos.headObject({ ...at, Key })).rejects.toMatchObject({ statusCode: 404 });
});

test("COS's own SDK uploads in parts, and reads and writes the bucket's settings", async () => {
  const Key = "own/parts";
  const parts = [randomBytes(MB), randomBytes(100)];
  const { UploadId } = await cos.multipartInit({ ...at, Key });
  const sent = await Promise.all(
    parts.map(async (Body, i) => {
      const { ETag } = await cos.multipartUpload({ ...at, Key, UploadId, PartNumber: i + 1, Body });
      return { PartNumber: i + 1, ETag };
    }),
  );
  await cos.multipartComplete({ ...at, Key, UploadId, Parts: sent });
  const whole = Buffer.concat(parts);
  const got = await cos.getObject({ ...at, Key });
  expect(whole.equals(got.Body)).toBe(true);
  expect(got.headers?.["x-cos-hash-crc64ecma"]).toBe(crcOf(whole));

  const Rules = [{ ID: "r", Status: "Enabled" as const, Filter: { Prefix: "x/" }, Expiration: { Days: 30 } }];
  await cos.putBucketLifecycle({ ...at, Rules });
  expect((await cos.getBucketLifecycle(at)).Rules).toMatchObject([{ ID: "r", Expiration: { Days: "30" } }]);
  expect((await cos.getBucketAcl(at)).ACL).toBe("private");
  await cos.putBucketAcl({ ...at, ACL: "public-read" });
  expect((await cos.getBucketAcl(at)).ACL).toBe("public-read");
  await cos.putBucketAcl({ ...at, ACL: "private" });
});

test("AWS's SDK puts, heads, gets, lists and deletes an object under the bucket's real host", async () => {
  const Bucket = at.Bucket;
  const body = randomBytes(50_000);
  const Key = "aws/a b'(1)+é.bin";
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: body, ContentMD5: md5Of(body) }));
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key }));
  expect(head.ContentLength).toBe(50_000);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
  expect(body.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
  const listed = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "aws/" }));
  expect(listed.Contents?.map((entry) => entry.Key)).toEqual([Key]);
  await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  await expect(s3.send(new HeadObjectCommand({ Bucket, Key }))).rejects.toMatchObject({ name: "NotFound" });
});

test("refuses other keys, changed bodies and strangers", async () => {
  const wrong = new COS({
    SecretId: "sim-secret-id",
    SecretKey: "not-the-key",
    Protocol: "http:",
    Domain: `127.0.0.1:${port}/cos/{Bucket}`,
  });
  await expect(wrong.headObject({ ...at, Key: "x" })).rejects.toMatchObject({ statusCode: 403 });
  const headers = { "Content-MD5": md5Of(Buffer.from("y")) };
  await expect(
    cos.putObject({ ...at, Key: "x", Body: Buffer.from("x"), Headers: headers }),
  ).rejects.toMatchObject({ code: "BadDigest" });
  expect((await fetch(`${origin}/cos/${at.Bucket}/x`)).status).toBe(403);
});
