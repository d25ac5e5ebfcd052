/** Objects in one bucket of COS. What was put is compared with what is stored, by our own CRC-64. */
import { ProviderError } from "../provider-error.ts";
import { type CallOptions, withinTimeLimit } from "../time-limit.ts";
import { Crc64 } from "./crc64.ts";
import { type CosExchange, readBody, readText, refusal } from "./exchange.ts";
import { element, elements, textOf } from "./xml.ts";

/** What COS knows of an object. */
export interface CosObject {
  readonly size: number;
  /** CRC-64 of what is stored, as an unsigned decimal number. */
  readonly crc64: string | undefined;
  /** The algorithm by which it is encrypted at rest, such as `AES256`; `undefined` if it is not. */
  readonly encryption: string | undefined;
}

/** The objects of one bucket. Every method throws `ProviderError`, and what the given stream throws. */
export interface CosObjects {
  /** Stores an object, encrypted at rest, whole or not at all, and proves it by size and CRC-64 of what is stored. */
  put(key: string, body: Uint8Array | AsyncIterable<Uint8Array>, options?: CallOptions): Promise<void>;
  /** The stored bytes as they come; `undefined` if there is no such object. */
  get(key: string, options?: CallOptions): Promise<AsyncIterable<Buffer> | undefined>;
  /** `undefined` if there is no such object. */
  head(key: string, options?: CallOptions): Promise<CosObject | undefined>;
  /** Removes an object; removing what is not there is no error. */
  remove(key: string, options?: CallOptions): Promise<void>;
  /** The names that begin with `prefix`, in the order of their bytes. Needs the right `name/cos:GetBucket`. */
  list(prefix: string, options?: CallOptions): AsyncIterable<string>;
}

/** What is larger goes up in parts of this size; one part at a time is in memory. */
export const PART_BYTES = 4 * 1024 * 1024;

/** Larger than any evidence: a video has at most 25 MB. */
const MAX_OBJECT_BYTES = 256 * 1024 * 1024;
const MAX_XML_BYTES = 4 * 1024 * 1024;

/** Over the whole call: with all parts, and until the last byte was read. */
const TRANSFER_TIMEOUT_MS = 120_000;
const CALL_TIMEOUT_MS = 15_000;

const encrypted = { "x-cos-server-side-encryption": "AES256" };

/** The objects behind an exchange. */
export function cosObjects(exchange: CosExchange): CosObjects {
  const head = (key: string, signal: AbortSignal) => headObject(exchange, key, signal);
  return {
    put: (key, body, options = {}) =>
      withinTimeLimit("PutObject", TRANSFER_TIMEOUT_MS, options, async (signal) => {
        const source = body instanceof Uint8Array ? [body] : body;
        const sent = await upload(exchange, key, source, signal);
        const stored = await head(key, signal);
        if (stored?.size === sent.size && stored.crc64 === sent.crc64) return;
        const hint = stored ? "what is stored is not what was sent" : "what was sent is not there";
        throw new ProviderError("malformed", "PutObject", { hint });
      }),

    async get(key, options = {}) {
      const operation = "GetObject";
      const timeout = AbortSignal.timeout(TRANSFER_TIMEOUT_MS);
      const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
      const response = await exchange({ operation, method: "GET", key, expected: [404], signal });
      if (response.statusCode !== 404) return readBody(operation, response, MAX_OBJECT_BYTES);
      const xml = await readText(operation, response, MAX_XML_BYTES);
      if (textOf(xml, "Code") === "NoSuchKey") return undefined;
      throw refusal(operation, 404, xml, response.headers);
    },

    head: (key, options = {}) =>
      withinTimeLimit("HeadObject", CALL_TIMEOUT_MS, options, (signal) => head(key, signal)),

    remove: (key, options = {}) =>
      withinTimeLimit("DeleteObject", CALL_TIMEOUT_MS, options, async (signal) => {
        const operation = "DeleteObject";
        const response = await exchange({ operation, method: "DELETE", key, expected: [404], signal });
        const xml = await readText(operation, response, MAX_XML_BYTES);
        if (response.statusCode === 404 && textOf(xml, "Code") === "NoSuchBucket") {
          throw refusal(operation, 404, xml, response.headers);
        }
      }),

    async *list(prefix, options = {}) {
      let marker = "";
      for (;;) {
        const xml = await withinTimeLimit("GetBucket", CALL_TIMEOUT_MS, options, async (signal) => {
          const query = { prefix, marker, "max-keys": "1000", "encoding-type": "url" };
          const response = await exchange({ operation: "GetBucket", method: "GET", query, signal });
          return readText("GetBucket", response, MAX_XML_BYTES);
        });
        const keys = elements(xml, "Key").map(decodeURIComponent);
        yield* keys;
        const last = keys.at(-1);
        if (textOf(xml, "IsTruncated") !== "true" || last === undefined) return;
        marker = last;
      }
    },
  };
}

async function headObject(
  exchange: CosExchange,
  key: string,
  signal: AbortSignal,
): Promise<CosObject | undefined> {
  const response = await exchange({ operation: "HeadObject", method: "HEAD", key, expected: [404], signal });
  response.resume(); // frees the socket
  const { statusCode, headers } = response;
  if (statusCode === 404) return undefined;
  const text = (name: string) => {
    const value = headers[name];
    return typeof value === "string" ? value : undefined;
  };
  return {
    size: Number(headers["content-length"]),
    crc64: text("x-cos-hash-crc64ecma"),
    encryption: text("x-cos-server-side-encryption") ?? text("x-amz-server-side-encryption"),
  };
}

/** Size and CRC-64 of what was sent. */
interface Sent {
  readonly size: number;
  readonly crc64: string;
}

async function upload(
  exchange: CosExchange,
  key: string,
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<Sent> {
  const crc = new Crc64();
  let size = 0;
  let inParts: Multipart | undefined;
  try {
    for await (const { part, isLast } of partsOf(source)) {
      crc.update(part);
      size += part.length;
      if (isLast && !inParts) await putWhole(exchange, key, part, signal);
      else {
        inParts ??= await beginMultipart(exchange, key, signal);
        await inParts.put(part);
      }
    }
    await inParts?.complete();
  } catch (error) {
    await inParts?.abort();
    throw error;
  }
  return { size, crc64: crc.digest() };
}

/**
 * Cuts a stream into parts of {@link PART_BYTES}, of which only the last may be smaller; there is at least one. All are in the same
 * memory, so each must have been sent before the next is asked for.
 */
async function* partsOf(
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly part: Uint8Array; readonly isLast: boolean }> {
  const buffer = Buffer.allocUnsafe(PART_BYTES); // what is not written to takes no memory
  let size = 0;
  for await (let chunk of source) {
    while (chunk.length > 0) {
      if (size === PART_BYTES) {
        yield { part: buffer, isLast: false };
        size = 0;
      }
      const fits = chunk.subarray(0, PART_BYTES - size);
      buffer.set(fits, size);
      size += fits.length;
      chunk = chunk.subarray(fits.length);
    }
  }
  yield { part: buffer.subarray(0, size), isLast: true };
}

async function putWhole(
  exchange: CosExchange,
  key: string,
  part: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const response = await exchange({
    operation: "PutObject",
    method: "PUT",
    key,
    headers: encrypted,
    body: [part],
    signal,
  });
  await readText("PutObject", response, MAX_XML_BYTES);
}

/** An upload in parts. */
interface Multipart {
  put(part: Uint8Array): Promise<void>;
  complete(): Promise<void>;
  /** Frees what was sent, as far as COS answers; a lifecycle rule frees the rest. */
  abort(): Promise<void>;
}

async function beginMultipart(exchange: CosExchange, key: string, signal: AbortSignal): Promise<Multipart> {
  const operation = "InitiateMultipartUpload";
  const begun = await exchange({
    operation,
    method: "POST",
    key,
    query: { uploads: "" },
    headers: encrypted,
    signal,
  });
  const uploadId = textOf(await readText(operation, begun, MAX_XML_BYTES), "UploadId");
  if (!uploadId) throw new ProviderError("malformed", operation, { hint: "the answer has no UploadId" });
  const tags: string[] = [];
  return {
    async put(part) {
      const query = { partNumber: String(tags.length + 1), uploadId };
      const response = await exchange({
        operation: "UploadPart",
        method: "PUT",
        key,
        query,
        body: [part],
        signal,
      });
      await readText("UploadPart", response, MAX_XML_BYTES);
      const { etag } = response.headers;
      if (!etag) throw new ProviderError("malformed", "UploadPart", { hint: "the answer has no ETag" });
      tags.push(etag);
    },
    async complete() {
      const completing = "CompleteMultipartUpload";
      const parts = tags.map((tag, index) =>
        element("Part", [element("PartNumber", String(index + 1)), element("ETag", tag)]),
      );
      const body = [Buffer.from(element(completing, parts))];
      const response = await exchange({
        operation: completing,
        method: "POST",
        key,
        query: { uploadId },
        body,
        signal,
      });
      const xml = await readText(completing, response, MAX_XML_BYTES);
      // The status is sent before the parts are joined: a failure comes with 200.
      if (textOf(xml, "Code")) throw refusal(completing, 500, xml, response.headers);
    },
    async abort() {
      try {
        const response = await exchange({
          operation: "AbortMultipartUpload",
          method: "DELETE",
          key,
          query: { uploadId },
          signal: AbortSignal.timeout(CALL_TIMEOUT_MS), // the call's own signal may be what ended the upload
        });
        response.resume();
      } catch {
        // What made the upload fail is what the caller has to know.
      }
    },
  };
}
