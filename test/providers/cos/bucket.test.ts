import type { RequestListener } from "node:http";
import { describe, expect, test } from "vitest";
import { type CosBucket, cosBucket } from "../../../shared/providers/cos/index.ts";
import { exchangeWith } from "./answering.ts";

const against = async (listener: RequestListener): Promise<CosBucket> =>
  cosBucket(await exchangeWith(listener));
const answering = (status: number, text: string) =>
  against((request, response) => void request.resume().on("end", () => response.writeHead(status).end(text)));
const refusing = (status: number, code: string) => answering(status, `<Error><Code>${code}</Code></Error>`);

/** What is asked for, with the operation and the part of the settings. */
const questions: [operation: string, part: string, ask: (bucket: CosBucket) => Promise<unknown>][] = [
  ["GetBucketACL", "acl", (bucket) => bucket.acl()],
  ["GetBucketPolicy", "policy", (bucket) => bucket.policy()],
  ["GetBucketLifecycle", "lifecycle", (bucket) => bucket.lifecycle()],
  ["GetBucketVersioning", "versioning", (bucket) => bucket.versioning()],
  ["GetBucketObjectLockConfiguration", "object-lock", (bucket) => bucket.lockDays()],
];

describe.each(questions)("%s", (operation, part, ask) => {
  test("asks for its part of the settings, and what is not set is none", async () => {
    const asked: string[] = [];
    const bucket = await against((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(404).end("<Error><Code>NoSuchConfiguration</Code></Error>");
    });
    const none = { acl: { owner: "", grants: [] }, lifecycle: [] }[part];
    expect(await ask(bucket)).toEqual(none);
    expect(asked).toEqual([expect.stringMatching(new RegExp(`^GET /[^?]*\\?${part}(=|$)`))]);
  });

  test("says which bucket's settings it could not read, and why", async () => {
    await expect(ask(await refusing(404, "NoSuchBucket"))).rejects.toMatchObject({
      kind: "configuration",
      code: "NoSuchBucket",
      operation,
    });
    await expect(ask(await refusing(403, "AccessDenied"))).rejects.toMatchObject({
      code: "AccessDenied",
      operation,
    });
  });
});

describe("creating a bucket", () => {
  test("that is there and ours is no trouble; one of somebody else is", async () => {
    await (await refusing(409, "BucketAlreadyOwnedByYou")).create();
    await expect((await refusing(409, "BucketAlreadyExists")).create()).rejects.toMatchObject({
      code: "BucketAlreadyExists",
      operation: "PutBucket",
    });
  });

  test("asks for a private one", async () => {
    const asked: unknown[] = [];
    const bucket = await against((request, response) => {
      asked.push([request.method, request.headers["x-cos-acl"]]);
      response.end();
    });
    await bucket.create();
    expect(asked).toEqual([["PUT", "private"]]);
  });
});

describe("what COS says of a bucket", () => {
  test.each([
    ["Enabled", "<Days>30</Days>", 30],
    ["Enabled", "<Years>2</Years>", 730],
    ["Enabled", "", 0],
    ["Disabled", "<Days>30</Days>", undefined],
  ])("object lock %s with %j is %j days", async (state, rule, days) => {
    const bucket = await answering(200, `<L><ObjectLockEnabled>${state}</ObjectLockEnabled>${rule}</L>`);
    expect(await bucket.lockDays()).toBe(days);
  });

  test.each([
    [200, { "x-cos-bucket-region": "ap-shanghai" }, "ap-shanghai"],
    [200, { "x-amz-bucket-region": "ap-beijing" }, "ap-beijing"],
    [200, {}, ""],
    [404, {}, undefined],
  ])("%i with %j is in region %j", async (status, headers, region) => {
    const bucket = await against((_, response) => response.writeHead(status, headers).end());
    expect(await bucket.region()).toBe(region);
  });

  test("a policy that is no JSON is malformed", async () => {
    const bucket = await answering(200, "<html>");
    await expect(bucket.policy()).rejects.toMatchObject({ kind: "malformed", operation: "GetBucketPolicy" });
    expect(await (await answering(200, '{"version":"2.0"}')).policy()).toEqual({ version: "2.0" });
  });

  test("grants have whom they are to, a group by its address and somebody by the id", async () => {
    const grant = (grantee: string, permission: string) =>
      `<Grant><Grantee>${grantee}</Grantee><Permission>${permission}</Permission></Grant>`;
    const everybody = "http://cam.qcloud.com/groups/global/AllUsers";
    const bucket = await answering(
      200,
      `<A><Owner><ID>me</ID></Owner>${grant("<ID>me</ID>", "FULL_CONTROL")}${grant(`<URI>${everybody}</URI>`, "READ")}</A>`,
    );
    expect(await bucket.acl()).toEqual({
      owner: "me",
      grants: [
        { grantee: "me", permission: "FULL_CONTROL" },
        { grantee: everybody, permission: "READ" },
      ],
    });
  });
});

test("lifecycle rules of ours are written, and those of others put back as they were", async () => {
  const bodies: string[] = [];
  const bucket = await against((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => {
      bodies.push(`${request.method} ${request.url?.replace(/^.*\?|=$/g, "")} ${body}`);
      response.end();
    });
  });
  await bucket.putLifecycle([
    { id: "a<b>&c", isEnabled: true, prefix: "p/", expirationDays: 365, noncurrentDays: 7, abortDays: 2 },
    { id: "off", isEnabled: false, prefix: "" },
    { id: "theirs", isEnabled: true, prefix: "", xml: "<ID>theirs</ID><Else/>" },
  ]);
  expect(bodies).toEqual([
    "PUT lifecycle <LifecycleConfiguration>" +
      "<Rule><ID>a&lt;b&gt;&amp;c</ID><Filter><Prefix>p/</Prefix></Filter><Status>Enabled</Status>" +
      "<Expiration><Days>365</Days></Expiration>" +
      "<NoncurrentVersionExpiration><NoncurrentDays>7</NoncurrentDays></NoncurrentVersionExpiration>" +
      "<AbortIncompleteMultipartUpload><DaysAfterInitiation>2</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>" +
      "<Rule><ID>off</ID><Filter><Prefix></Prefix></Filter><Status>Disabled</Status></Rule>" +
      "<Rule><ID>theirs</ID><Else/></Rule>" +
      "</LifecycleConfiguration>",
  ]);
});
