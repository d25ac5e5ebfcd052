/** Reads a JSON body against a schema, and names what is wrong without repeating it. */
import type * as z from "zod";
import { InvalidRequestError } from "../runtime/errors.ts";
import { BodyTooLargeError } from "./problem.ts";
import type { HttpRequest } from "./request.ts";

/** The contract's limit for every request body. */
export const MAX_BODY_BYTES = 64 * 1024;

/** Throws {@link BodyTooLargeError}. */
export function checkSize(request: HttpRequest): void {
  if (request.body.length > MAX_BODY_BYTES)
    throw new BodyTooLargeError(`The body is over ${MAX_BODY_BYTES} bytes.`);
}

/** The body as the schema's type; an empty body counts as `{}`. Throws {@link InvalidRequestError}. */
export function readJson<T extends z.ZodType>(request: HttpRequest, schema: T): z.output<T> {
  checkSize(request);
  // With the input in the issues, what is missing can be told from what has the wrong type; no value is repeated.
  const parsed = schema.safeParse(parseJson(request.body), { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new InvalidRequestError(parsed.error.issues.map(describe).join("; "));
}

/** Decoders put it in the place of bytes that are not UTF-8. */
const REPLACEMENT_CHARACTER = "\ufffd";

/**
 * Refuses bytes that are not UTF-8 instead of replacing them: a name must reach the provider as it was given. A platform
 * that hands the body over as text has replaced them already.
 */
function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body);
    if (!text.includes(REPLACEMENT_CHARACTER)) return JSON.parse(text);
  } catch {
    // Said below.
  }
  throw new InvalidRequestError("The body is not JSON in UTF-8.");
}

const PLAIN_NAME = /^[A-Za-z][A-Za-z0-9_]{0,40}$/;

/** One issue in words: the path is ours, but keys that the caller invented are repeated only if they look like names. */
function describe(issue: z.core.$ZodIssue): string {
  const path = issue.path.join(".") || "body";
  if (issue.code === "unrecognized_keys") {
    const names = issue.keys.filter((key) => PLAIN_NAME.test(key));
    return `${path === "body" ? "" : `${path}: `}unknown field${names.length > 0 ? `: ${names.join(", ")}` : ""}`;
  }
  if (issue.code === "custom") return `${path}: ${issue.message}`;
  if (issue.code === "invalid_type") {
    return issue.input === undefined ? `${path}: is missing` : `${path}: must be ${issue.expected}`;
  }
  return `${path}: ${issue.message}`;
}
