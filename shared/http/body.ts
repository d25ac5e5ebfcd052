/** Reads a JSON body or a query against a schema, and names what is wrong without repeating it. */
import * as z from "zod/mini";
// This file alone: `locales` of zod/mini would bring fifty languages into every bundle.
import english from "zod/v4/locales/en.js";
import type { Text } from "../contract/text.ts";
import { InvalidRequestError } from "../runtime/errors.ts";
import { BodyTooLargeError } from "./problem.ts";
import type { HttpRequest } from "./request.ts";

/** The contract's limit for every request body. */
export const MAX_BODY_BYTES = 64 * 1024;

/** What a rule without a `refusal` of its own says; `zod/mini` has no texts. */
const englishMessages = english().localeError;

/** Throws {@link BodyTooLargeError}. */
export function checkSize(request: HttpRequest): void {
  if (request.body.length > MAX_BODY_BYTES)
    throw new BodyTooLargeError({
      en: `The body is over ${MAX_BODY_BYTES} bytes.`,
      zh: `请求体超过 ${MAX_BODY_BYTES} 字节。`,
    });
}

/** The body as the schema's type; an empty body counts as `{}`. Throws {@link InvalidRequestError}. */
export function readJson<T extends z.core.$ZodType>(request: HttpRequest, schema: T): z.output<T> {
  checkSize(request);
  return parse(schema, parseJson(request.body));
}

/** The query as the schema's type: each name once. Throws {@link InvalidRequestError}. */
export function readQuery<T extends z.core.$ZodType>(request: HttpRequest, schema: T): z.output<T> {
  const given = [...request.query].map(([name, values]) => [name, values.length === 1 ? values[0] : values]);
  return parse(schema, Object.fromEntries(given));
}

function parse<T extends z.core.$ZodType>(schema: T, input: unknown): z.output<T> {
  // With the input in the issues, what is missing can be told from what has the wrong type; no value is repeated.
  const parsed = z.safeParse(schema, input, { reportInput: true, error: englishMessages });
  if (parsed.success) return parsed.data;
  const texts = parsed.error.issues.map(describe);
  throw new InvalidRequestError({
    en: texts.map(({ en }) => en).join("; "),
    zh: texts.map(({ zh }) => zh).join("；"),
  });
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
  throw new InvalidRequestError({
    en: "The body is not JSON in UTF-8.",
    zh: "请求体不是 UTF-8 编码的 JSON。",
  });
}

const PLAIN_NAME = /^[A-Za-z][A-Za-z0-9_]{0,40}$/;

/** One issue in words: the path is ours, but keys that the caller invented are repeated only if they look like names. */
function describe(issue: z.core.$ZodIssue): Text {
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    const names = issue.keys.filter((key) => PLAIN_NAME.test(key)).join(", ");
    return {
      en: `${path && `${path}: `}unknown field${names && `: ${names}`}`,
      zh: `${path && `${path}：`}未知字段${names && `：${names}`}`,
    };
  }
  const { en, zh } = describeValue(issue);
  return { en: `${path || "body"}: ${en}`, zh: `${path || "请求体"}：${zh}` };
}

/** What is wrong with one value. */
function describeValue(issue: z.core.$ZodIssue): Text {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? { en: "is missing", zh: "缺失" }
        : { en: `must be ${issue.expected}`, zh: `类型必须是 ${issue.expected}` };
    // Of all that requests hold, only texts have a limit.
    case "too_small":
      return { en: issue.message, zh: `至少 ${issue.minimum} 个字符` };
    case "too_big":
      return { en: issue.message, zh: `最多 ${issue.maximum} 个字符` };
    case "custom":
      return { en: issue.message, zh: String(issue.params?.["zh"] ?? "无效") };
    default:
      return { en: issue.message, zh: "无效" };
  }
}
