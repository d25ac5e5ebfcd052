/**
 * One request from both event shapes: API Gateway (Tencent doc 583/12513) and function URL (583/96099). The shapes are read
 * defensively, because live events differ from the documents: what only one of them has is optional, header names come in
 * any case, `queryString` values may be arrays.
 */
import * as z from "zod/mini";
import { InvalidRequestError } from "../runtime/errors.ts";

/** A request as the functions see it. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** Names in lower case; a repeated header's values joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** Every value of every key, in order: a reader that wants one must refuse two. */
  readonly query: ReadonlyMap<string, readonly string[]>;
  readonly body: Buffer;
}

const event = z.object({
  httpMethod: z.string(),
  path: z.string(),
  queryString: z.optional(z.unknown()),
  queryStringParameters: z.optional(z.unknown()),
  body: z.nullish(z.string()),
  isBase64Encoded: z.optional(z.unknown()),
});

/** The headers of an event; also of what is no request otherwise, because its refusal has an origin and a language. */
export function readHeaders(input: unknown): HttpRequest["headers"] {
  const parsed = z.object({ headers: z.unknown() }).safeParse(input);
  return parsed.success ? joinHeaders(entriesOf(parsed.data.headers)) : {};
}

/**
 * Reads an event. Throws {@link InvalidRequestError} for what is not an HTTP event. Beside method, path and body nothing is
 * worth refusing a person for: what cannot be read of the rest is left out.
 */
export function readRequest(input: unknown): HttpRequest {
  const parsed = event.safeParse(input);
  if (!parsed.success)
    throw new InvalidRequestError({
      en: "This function answers HTTP events only.",
      zh: "这个函数只回答 HTTP 事件。",
    });
  const { httpMethod, path, queryString, queryStringParameters, body, isBase64Encoded } = parsed.data;
  const isBase64 = /^true$/i.test(String(isBase64Encoded));
  return {
    method: httpMethod.toUpperCase(),
    path,
    headers: readHeaders(input),
    // `queryString` holds all; `queryStringParameters` only what API Gateway was told to expect.
    query: new Map([...queryEntries(queryStringParameters), ...queryEntries(queryString)]),
    body: Buffer.from(body ?? "", isBase64 ? "base64" : "utf8"),
  };
}

type Entry = readonly [name: string, values: string[]];

function queryEntries(query: unknown): Entry[] {
  if (typeof query !== "string") return entriesOf(query);
  const parameters = new URLSearchParams(query);
  return [...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name)]);
}

/** What can be read of a map of texts; a name whose value is not there at all is left out. */
function entriesOf(map: unknown): Entry[] {
  if (typeof map !== "object" || map === null || Array.isArray(map)) return [];
  return Object.entries(map)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => [name, [value].flat().flatMap(textOf)]);
}

/** API Gateway writes a key without a value as `true`. */
function textOf(value: unknown): string[] {
  if (value === true) return [""];
  return typeof value === "string" || typeof value === "number" ? [String(value)] : [];
}

/** One value per name: two `Authorization` headers become one that is wrong, instead of one of them being believed. */
function joinHeaders(entries: readonly Entry[]): Record<string, string> {
  const values = new Map<string, string[]>();
  for (const [given, all] of entries) {
    const name = given.toLowerCase();
    values.set(name, [...(values.get(name) ?? []), ...all]);
  }
  return Object.fromEntries([...values].map(([name, all]) => [name, all.join(", ")]));
}
