import { createHash, randomBytes } from "node:crypto";
import type { Incoming, Reply } from "../exchange.ts";
import type { Caller } from "./authentication.ts";
import type { Bucket, ObjectFacts } from "./buckets.ts";
import { crc64 } from "./crc64.ts";
import { CosError, replied, xmlReply } from "./replies.ts";

/** A request about one object. */
export interface ObjectRequest {
  readonly bucket: Bucket;
  readonly key: string;
  readonly incoming: Incoming;
  readonly caller: Caller;
  readonly nowMs: number;
}

interface Upload {
  readonly bucket: string;
  readonly key: string;
  readonly about: Pick<ObjectFacts, "acl" | "encryption" | "contentType">;
  readonly parts: Map<number, { readonly etag: string; readonly body: Buffer }>;
}

/** The smallest part but the last: 1 MB (doc 436/7750). */
const MIN_PART_BYTES = 1024 * 1024;

/** PUT: stores an object whole. */
export function putObject(request: ObjectRequest): Reply {
  const { bucket, key, incoming } = request;
  requireAccount(request);
  if (incoming.headers["x-cos-copy-source"])
    throw new CosError("NotImplemented", "Copies are not simulated.");
  checkBody(incoming);
  const facts = factsOf(request, incoming.body, md5(incoming.body, "hex"), aboutOf(incoming));
  bucket.put({ ...facts, key }, incoming.body);
  return replied(200, {
    etag: `"${facts.etag}"`,
    "x-cos-hash-crc64ecma": facts.crc64,
    ...encryptionOf(facts),
  });
}

/** GET and HEAD, with ranges. */
export function getObject(request: ObjectRequest): Reply {
  const { bucket, key, incoming } = request;
  const facts = bucket.facts(key);
  const isPublic = /^public-read/.test(facts?.acl === "default" ? bucket.acl : (facts?.acl ?? bucket.acl));
  if (!isPublic) requireAccount(request);
  if (!facts) throw new CosError("NoSuchKey", "The specified key does not exist.");
  const headers = {
    etag: `"${facts.etag}"`,
    "content-type": facts.contentType,
    "last-modified": new Date(facts.modifiedAt).toUTCString(),
    "accept-ranges": "bytes",
    "x-cos-hash-crc64ecma": facts.crc64,
    ...encryptionOf(facts),
  };
  if (incoming.method === "HEAD") return replied(200, { ...headers, "content-length": String(facts.size) });
  const bytes = bucket.bytes(key);
  const range = incoming.headers.range;
  if (!range) return replied(200, headers, bytes);
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  const first = from === "" ? Math.max(0, facts.size - Number(to)) : Number(from);
  const last = from === "" || to === "" ? facts.size - 1 : Math.min(Number(to), facts.size - 1);
  if ((from === "" && to === "") || first > last) {
    throw new CosError("InvalidRange", "The requested range cannot be satisfied.");
  }
  return replied(
    206,
    { ...headers, "content-range": `bytes ${first}-${last}/${facts.size}` },
    bytes.subarray(first, last + 1),
  );
}

/** DELETE. */
export function deleteObject(request: ObjectRequest): Reply {
  requireAccount(request);
  request.bucket.remove(request.key);
  return replied(204);
}

/** Uploads in parts. They end with the simulator: what is not completed is not an object. */
export class Uploads {
  private readonly uploads = new Map<string, Upload>();

  initiate(request: ObjectRequest): Reply {
    const { bucket, key, incoming } = request;
    requireAccount(request);
    const id = `${request.nowMs}${randomBytes(32).toString("hex")}`;
    this.uploads.set(id, { bucket: bucket.name, key, about: aboutOf(incoming), parts: new Map() });
    return xmlReply(
      `<InitiateMultipartUploadResult><Bucket>${bucket.name}</Bucket><Key>${key}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    );
  }

  put(request: ObjectRequest): Reply {
    const { incoming } = request;
    const { parts } = this.find(request);
    const number = Number(incoming.query.get("partNumber"));
    if (!(Number.isInteger(number) && number >= 1 && number <= 10_000)) {
      throw new CosError("InvalidArgument", "The part number is not between 1 and 10000.");
    }
    checkBody(incoming);
    const etag = md5(incoming.body, "hex");
    parts.set(number, { etag, body: incoming.body });
    return replied(200, { etag: `"${etag}"`, "x-cos-hash-crc64ecma": crc64(incoming.body) });
  }

  complete(request: ObjectRequest): Reply {
    const { bucket, key, incoming } = request;
    const { parts, about } = this.find(request);
    const named = [...incoming.body.toString("utf8").matchAll(/<Part>([\s\S]*?)<\/Part>/g)].map(
      ([, xml = ""]) => ({
        number: Number(/<PartNumber>(\d+)<\/PartNumber>/.exec(xml)?.[1]),
        etag: /<ETag>(?:"|&quot;)?([0-9a-f]{32})(?:"|&quot;)?<\/ETag>/.exec(xml)?.[1],
      }),
    );
    if (named.length === 0) throw new CosError("MalformedXML", "The body names no parts.");
    const chosen = named.map(({ number, etag }, index) => {
      const part = parts.get(number);
      const isSmall = part && part.body.length < MIN_PART_BYTES && index < named.length - 1;
      if (!part || part.etag !== etag || isSmall || number <= (named[index - 1]?.number ?? 0)) {
        throw new CosError("InvalidPart", "A part is missing, too small, out of order, or has another ETag.");
      }
      return part;
    });
    const body = Buffer.concat(chosen.map((part) => part.body));
    const etag = `${md5(chosen.map((part) => part.etag).join(""), "hex")}-${chosen.length}`;
    const facts = factsOf(request, body, etag, about);
    bucket.put({ ...facts, key }, body);
    this.uploads.delete(incoming.query.get("uploadId") ?? "");
    return xmlReply(
      `<CompleteMultipartUploadResult><Bucket>${bucket.name}</Bucket><Key>${key}</Key><ETag>"${etag}"</ETag></CompleteMultipartUploadResult>`,
      { "x-cos-hash-crc64ecma": facts.crc64, ...encryptionOf(facts) },
    );
  }

  abort(request: ObjectRequest): Reply {
    this.find(request);
    this.uploads.delete(request.incoming.query.get("uploadId") ?? "");
    return replied(204);
  }

  /** How many are neither completed nor aborted. */
  get openCount(): number {
    return this.uploads.size;
  }

  private find(request: ObjectRequest): Upload {
    requireAccount(request);
    const upload = this.uploads.get(request.incoming.query.get("uploadId") ?? "");
    if (upload?.bucket === request.bucket.name && upload.key === request.key) return upload;
    throw new CosError("NoSuchUpload", "The specified multipart upload does not exist.");
  }
}

/** Throws for everybody but the account. */
export function requireAccount({ caller }: Pick<ObjectRequest, "caller">): void {
  if (caller === "anonymous") throw new CosError("AccessDenied", "Access Denied.");
}

/** Checks a body against its Content-MD5. `x-amz-checksum-…` is ignored, as COS does. */
export function checkBody({ headers, body, tooLarge }: Incoming): void {
  if (tooLarge) throw new CosError("EntityTooLarge", "The simulator takes at most 64 MB in one request.");
  const given = headers["content-md5"];
  if (given === undefined) return;
  if (Buffer.from(String(given), "base64").length !== 16) {
    throw new CosError("InvalidDigest", "The Content-MD5 you specified is not valid.");
  }
  if (md5(body, "base64") !== given) {
    throw new CosError("BadDigest", "The Content-MD5 you specified does not match what was received.");
  }
}

const encryptionOf = ({ encryption }: Pick<ObjectFacts, "encryption">): Record<string, string> =>
  encryption ? { "x-cos-server-side-encryption": encryption } : {};

function aboutOf({ headers }: Incoming): Upload["about"] {
  const text = (name: string) => {
    const value = headers[`x-cos-${name}`] ?? headers[`x-amz-${name}`];
    return typeof value === "string" ? value : undefined;
  };
  const encryption = text("server-side-encryption");
  return {
    acl: text("acl") ?? "default",
    ...(encryption && { encryption }),
    contentType: headers["content-type"] ?? "application/octet-stream",
  };
}

const factsOf = (
  { key, nowMs }: ObjectRequest,
  body: Buffer,
  etag: string,
  about: Upload["about"],
): ObjectFacts => ({ key, size: body.length, etag, crc64: crc64(body), modifiedAt: nowMs, ...about });

const md5 = (data: Buffer | string, encoding: "hex" | "base64"): string =>
  createHash("md5").update(data).digest(encoding);
