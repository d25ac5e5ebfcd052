/**
 * One request from both event shapes: API Gateway (Tencent doc 583/12513) and function URL (583/96099). The shapes are read
 * defensively, because live events differ from the documents: what only one of them has is optional, header names come in
 * any case, `queryString` values may be arrays.
 */
import * as z from "zod";
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

const values = z.union([z.string(), z.array(z.string())]);

const eventSchema = z.object({
  httpMethod: z.string(),
  path: z.string(),
  headers: z.record(z.string(), values).nullish(),
  queryString: z.record(z.string(), values).nullish(),
  queryStringParameters: z.record(z.string(), values).nullish(),
  body: z.union([z.string(), z.null()]).optional(),
  isBase64Encoded: z.boolean().nullish(),
});

/** Reads an event. Throws {@link InvalidRequestError} for what is not an HTTP event. */
export function readRequest(event: unknown): HttpRequest {
  const parsed = eventSchema.safeParse(event);
  if (!parsed.success) throw new InvalidRequestError("This function answers HTTP events only.");
  const { httpMethod, path, headers, queryString, queryStringParameters, body, isBase64Encoded } =
    parsed.data;
  return {
    method: httpMethod.toUpperCase(),
    path,
    headers: joined(headers ?? {}),
    // `queryString` holds all; `queryStringParameters` only what API Gateway was told to expect.
    query: new Map(
      Object.entries({ ...queryStringParameters, ...queryString }).map(([name, value]) => [
        name,
        [value].flat(),
      ]),
    ),
    body: Buffer.from(body ?? "", isBase64Encoded ? "base64" : "utf8"),
  };
}

/** One value a name: two `Authorization` headers become one that is wrong, instead of one of them being believed. */
function joined(headers: Readonly<Record<string, string | string[]>>): Record<string, string> {
  const values = new Map<string, string[]>();
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase();
    values.set(name, [...(values.get(name) ?? []), ...[value].flat()]);
  }
  return Object.fromEntries([...values].map(([name, all]) => [name, all.join(", ")]));
}
