/** Every request that a call is made of names itself when it fails: an operator looks for that name in COS's documents. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { type CosObjects, cosObjects } from "../../../shared/providers/cos/index.ts";
import { exchangeWith } from "./answering.ts";

const small = Buffer.from("x");
const inParts = Buffer.alloc(5 * 1024 * 1024);

/** COS's name of a request, by the pages of its documents (doc 436/10111). */
function operationOf({ method, url }: IncomingMessage): string {
  const query = new URL(url ?? "", "http://cos").searchParams;
  if (query.has("uploads")) return "InitiateMultipartUpload";
  if (query.has("partNumber")) return "UploadPart";
  if (query.has("uploadId")) {
    return method === "POST" ? "CompleteMultipartUpload" : "AbortMultipartUpload";
  }
  if (query.has("prefix")) return "GetBucket";
  return (
    { PUT: "PutObject", GET: "GetObject", HEAD: "HeadObject", DELETE: "DeleteObject" }[method ?? ""] ?? ""
  );
}

async function readAll(chunks: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> {
  for await (const _ of chunks);
}

const calls: [operation: string, call: (objects: CosObjects) => Promise<unknown>][] = [
  ["PutObject", (objects) => objects.put("x", small)],
  ["HeadObject", (objects) => objects.put("x", small)],
  ["HeadObject", (objects) => objects.head("x")],
  ["GetObject", async (objects) => readAll((await objects.get("x")) ?? [])],
  ["DeleteObject", (objects) => objects.remove("x")],
  ["GetBucket", (objects) => objects.list("")[Symbol.asyncIterator]().next()],
  ["InitiateMultipartUpload", (objects) => objects.put("x", inParts)],
  ["UploadPart", (objects) => objects.put("x", inParts)],
  ["CompleteMultipartUpload", (objects) => objects.put("x", inParts)],
];

/** Calls a COS that answers one operation so and all others well, and gives what the call throws. */
async function failing(
  [operation, call]: (typeof calls)[number],
  answer: (response: ServerResponse) => void,
): Promise<unknown> {
  const objects = cosObjects(
    await exchangeWith((request, response) => {
      request.resume().on("end", () => {
        if (operationOf(request) === operation) answer(response);
        else response.writeHead(200, { etag: '"e"' }).end("<R><UploadId>u</UploadId></R>");
      });
    }),
  );
  return call(objects).catch((error: unknown) => error);
}

test.each(calls)("%s that is refused names itself", async (operation, call) => {
  const error = await failing([operation, call], (response) => response.writeHead(403).end());
  expect(error).toMatchObject({ kind: "configuration", operation });
});

const withBody = calls.filter(([operation]) => operation !== "HeadObject");
test.each(withBody)("%s of which the answer breaks off names itself", async (operation, call) => {
  const error = await failing([operation, call], (response) => {
    response.writeHead(200, { "content-length": 100 }).write("half", () => response.destroy());
  });
  expect(error).toMatchObject({ kind: "unavailable", operation });
});

test.each([
  ["InitiateMultipartUpload", "no UploadId"],
  ["UploadPart", "no ETag"],
])("%s that is answered with %s names itself", async (operation) => {
  const error = await failing([operation, (objects) => objects.put("x", inParts)], (response) =>
    response.end(),
  );
  expect(error).toMatchObject({ kind: "malformed", operation });
});
