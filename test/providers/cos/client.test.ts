/** What the client makes of trouble: against the simulator's COS, and against servers that do what COS must never do. */
import type { RequestListener } from "node:http";
import { describe, expect, test } from "vitest";
import {
  type CosObjects,
  type CosOptions,
  cosExchange,
  cosObjects,
} from "../../../shared/providers/cos/index.ts";
import { control, runningSimulator } from "../../simulator/running.ts";
import { exchangeWith } from "./answering.ts";

const MB = 1024 * 1024;
const credential = () => ({ secretId: "sim-secret-id", secretKey: "sim-secret-key" });
const { origin } = await runningSimulator();
const bucket = (over: Partial<CosOptions> = {}): CosObjects =>
  cosObjects(
    cosExchange({
      bucket: "sim-1250000000",
      region: "ap-guangzhou",
      endpoint: `${origin}/cos`,
      credential,
      ...over,
    }),
  );
const fault = (api: string, kind: string, count = 1) =>
  control(origin, "POST", "faults", { api, kind, count });
const openUploads = async () => (await fetch(`${origin}/_sim/cos`)).json();

/** A client of a server that answers as it is told. */
const against = async (listener: RequestListener): Promise<CosObjects> =>
  cosObjects(await exchangeWith(listener));

describe("a refusal of COS", () => {
  test.each([
    ["cos.put", "rate-limit", { kind: "rate-limited", code: "SlowDown", retryable: true }],
    ["cos.put", "http-500", { kind: "unavailable", retryable: true }],
    ["cos.put", "ServiceUnavailable", { kind: "unavailable", retryable: true }],
    ["cos.put", "AccessDenied", { kind: "configuration", code: "AccessDenied", retryable: false }],
    ["cos.put", "NoSuchBucket", { kind: "configuration", code: "NoSuchBucket" }],
    ["cos.put", "RequestTimeTooSkewed", { kind: "unavailable" }],
    ["cos.put", "InvalidArgument", { kind: "rejected" }],
    ["cos.put", "reset", { kind: "unavailable" }],
  ])("%s %s has a kind, a code and no sentence to parse", async (api, kind, expected) => {
    await fault(api, kind, 2);
    await expect(bucket().put("x", Buffer.from("x"))).rejects.toMatchObject(expected);
    await control(origin, "DELETE", "faults");
  });

  test("names the request for COS's support, and nothing of the key", async () => {
    await fault("cos.get", "AccessDenied");
    const error = await bucket()
      .get("ver_secret/x")
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ operation: "GetObject", requestId: expect.stringMatching(/.{8,}/) });
    expect(String(error)).not.toContain("ver_secret");
  });
});

test("a put of which COS says yes and keeps nothing is no put (THREAT 48)", async () => {
  await fault("cos.put", "bad-json");
  await expect(bucket().put("swallowed", Buffer.from("x"))).rejects.toMatchObject({ kind: "malformed" });
});

test.each([
  ["another CRC-64", { "content-length": "1", "x-cos-hash-crc64ecma": "1" }],
  ["no CRC-64", { "content-length": "1" }],
  ["another size", { "content-length": "2", "x-cos-hash-crc64ecma": "3330051521404180370" }],
])("a put of which %s is stored is no put (THREAT 48)", async (_, headers) => {
  const objects = await against((request, response) => {
    request.resume().on("end", () => response.writeHead(200, request.method === "HEAD" ? headers : {}).end());
  });
  await expect(objects.put("x", Buffer.from("x"))).rejects.toMatchObject({
    kind: "malformed",
    message: expect.stringContaining("what is stored is not what was sent"),
  });
});

test("bytes that change on the way up are refused by their Content-MD5", async () => {
  let sums: (string | undefined)[] = [];
  const objects = await against((request, response) => {
    sums = [...sums, request.headers["content-md5"]?.toString()];
    request.resume().on("end", () => response.writeHead(400).end("<Error><Code>BadDigest</Code></Error>"));
  });
  await expect(objects.put("x", Buffer.from("hello"))).rejects.toMatchObject({ kind: "unavailable" });
  expect(sums).toEqual(["XUFAKrxLKna5cZ2REBfFkg=="]); // MD5 of "hello"
});

describe("an upload in parts", () => {
  const film = Buffer.alloc(9 * MB, "film");

  test.each(["cos.part", "cos.multipart"])(
    "that fails at %s leaves no parts and no object behind",
    async (api) => {
      const key = `failing/${api}`;
      // The first call in parts begins the upload; the one to fail for "cos.multipart" is the completion.
      const objects = bucket();
      const failing = async function* () {
        yield film;
        await fault(api, "InternalError");
      };
      await expect(objects.put(key, failing())).rejects.toMatchObject({ kind: "unavailable" });
      expect(await objects.head(key)).toBeUndefined();
      expect(await openUploads()).toEqual({ openUploads: 0 });
    },
  );

  test("whose completion fails after 200 was sent is no upload", async () => {
    const objects = await against((request, response) => {
      const xml = request.url?.includes("uploads=")
        ? "<R><UploadId>u</UploadId></R>"
        : request.method === "POST"
          ? "<Error><Code>InternalError</Code></Error>"
          : "";
      request.resume().on("end", () => response.writeHead(200, { etag: '"x"' }).end(xml));
    });
    await expect(objects.put("x", film)).rejects.toMatchObject({ operation: "CompleteMultipartUpload" });
  });

  test("is encrypted at rest, as everything is", async () => {
    const objects = bucket();
    await objects.put("film", film);
    await objects.put("text", Buffer.from("text"));
    expect(await objects.head("film")).toMatchObject({ size: film.length, encryption: "AES256" });
    expect(await objects.head("text")).toMatchObject({ size: 4, encryption: "AES256" });
  });
});

test("redirects are not followed", async () => {
  let calls = 0;
  const objects = await against((request, response) => {
    calls += 1;
    request.resume();
    response.writeHead(307, { location: "http://127.0.0.1:9/elsewhere" }).end();
  });
  await expect(objects.put("x", Buffer.from("x"))).rejects.toMatchObject({ kind: "malformed" });
  expect(calls).toBe(1);
});

test("an answer that breaks off is not the object", async () => {
  const objects = await against((_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("half");
    setTimeout(() => response.socket?.destroy(), 20);
  });
  const read = async () => {
    for await (const _ of (await objects.get("x")) ?? []);
  };
  await expect(read()).rejects.toMatchObject({ kind: "unavailable" });
});

test("who gives up waiting is not kept, whatever the server does (THREAT 51)", async () => {
  const objects = await against(() => {});
  const signal = AbortSignal.timeout(100);
  await expect(objects.put("x", Buffer.from("x"), { signal })).rejects.toMatchObject({ code: "timeout" });
  await expect(objects.get("x", { signal: AbortSignal.timeout(100) })).rejects.toMatchObject({
    kind: "unavailable",
    code: "timeout",
  });
});

test.each<
  [operation: string, ask: (objects: CosObjects, options: { signal: AbortSignal }) => Promise<unknown>]
>([
  ["PutObject", (objects, options) => objects.put("x", Buffer.from("x"), options)],
  ["GetObject", (objects, options) => objects.get("x", options)],
  ["HeadObject", (objects, options) => objects.head("x", options)],
  ["DeleteObject", (objects, options) => objects.remove("x", options)],
  ["GetBucket", (objects, options) => objects.list("x", options)[Symbol.asyncIterator]().next()],
])("%s that takes too long is named", async (operation, ask) => {
  const objects = await against(() => {});
  const asked = ask(objects, { signal: AbortSignal.timeout(30) });
  await expect(asked).rejects.toMatchObject({ operation, kind: "unavailable", code: "timeout" });
});

test("a list goes on from page to page, until COS says that there is no more", async () => {
  const asked: (string | null)[] = [];
  const objects = await against((request, response) => {
    const marker = new URL(request.url ?? "", "http://cos").searchParams.get("marker");
    asked.push(marker);
    const page = marker === "" ? ["a", "b%2F1"] : ["c"];
    const keys = page.map((key) => `<Contents><Key>${key}</Key></Contents>`).join("");
    response.end(`<R>${keys}<IsTruncated>${marker === ""}</IsTruncated></R>`);
  });
  const keys: string[] = [];
  for await (const key of objects.list("")) keys.push(key);
  expect(keys).toEqual(["a", "b/1", "c"]);
  expect(asked).toEqual(["", "b/1"]);
});

test.each([
  ["is gone already", "NoSuchKey", "resolves"],
  ["had no bucket", "NoSuchBucket", "rejects"],
])("removing what %s %s", async (_, code, how) => {
  const objects = await against((_request, response) =>
    response.writeHead(404).end(`<Error><Code>${code}</Code></Error>`),
  );
  const removed = objects.remove("x");
  if (how === "resolves") await expect(removed).resolves.toBeUndefined();
  else
    await expect(removed).rejects.toMatchObject({ kind: "configuration", code, operation: "DeleteObject" });
});

test("4 MB to the byte is one put and one look, in one piece or in many", async () => {
  const inPieces = async function* () {
    yield Buffer.alloc(3 * MB);
    yield Buffer.alloc(MB);
  };
  for (const bytes of [Buffer.alloc(4 * MB), inPieces()]) {
    let requests = 0;
    const counted = () => {
      requests += 1;
      return credential();
    };
    await bucket({ credential: counted }).put("eight", bytes);
    expect(requests).toBe(2);
  }
});

test("a role's key is read for each request", async () => {
  const keys = [
    {
      secretId: "sim-temporary-secret-id",
      secretKey: "sim-temporary-secret-key",
      token: "sim-temporary-token",
    },
    { secretId: "sim-secret-id", secretKey: "sim-secret-key" },
  ];
  const objects = bucket({ credential: () => keys.shift() ?? credential() });
  await objects.put("x", Buffer.from("x")); // one request with each
  expect(keys).toEqual([]);
});

test("a signature of another time is refused, and the next one may be right", async () => {
  await control(origin, "POST", "clock", { advance: "1h" });
  await expect(bucket().get("x")).rejects.toMatchObject({
    kind: "unavailable",
    code: "RequestTimeTooSkewed",
  });
  await control(origin, "POST", "clock", { reset: true });
  await bucket().get("x");
});
