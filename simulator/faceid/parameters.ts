import * as z from "zod";
import { CloudError } from "./envelope.ts";

/** A string parameter with a maximum length. */
export const text = (maxLength: number) => z.string().max(maxLength);

/** A required string parameter; the empty string counts as missing. */
export const required = (maxLength: number) => z.string().min(1).max(maxLength);

/** The content of the intention check; `maxLength` is the length of a question or of a text to confirm. */
export const intention = (maxLength: number) => ({
  IntentionVerifyText: text(120).optional(),
  IntentionQuestions: z
    .array(z.strictObject({ Question: text(maxLength), Answers: z.array(text(10)).max(50) }))
    .min(1)
    .max(10)
    .optional(),
  IntentionActions: z
    .array(z.strictObject({ Text: text(maxLength) }))
    .min(1)
    .max(10)
    .optional(),
});

/** Encrypted fields (public doc 1007/47180). Only the shape is checked; the simulator has no keys. */
export const encryption = z.strictObject({
  EncryptList: z.array(z.string()).optional(),
  CiphertextBlob: z.string().optional(),
  Iv: z.string().optional(),
  Algorithm: z.enum(["AES-256-CBC", "SM4-GCM"]).optional(),
  TagList: z.array(z.string()).optional(),
});

/** Parses the raw body and checks every parameter, with the API's error code for each kind of mistake. */
export function parsedParameters<Parameters>(body: Buffer, schema: z.ZodType<Parameters>): Parameters {
  let given: unknown;
  try {
    given = JSON.parse(body.toString("utf8"));
  } catch {
    throw new CloudError("InvalidParameter", "The body of the request is not JSON.");
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const unknown = parsed.error.issues.find((issue) => issue.code === "unrecognized_keys");
  if (unknown) {
    const name = [...unknown.path, unknown.keys[0] ?? ""].join(".");
    throw new CloudError("UnknownParameter", `The parameter \`${name}\` is not recognized.`);
  }
  const missing = parsed.error.issues.find((issue) => isMissing(given, issue.path));
  if (missing) {
    throw new CloudError(
      "MissingParameter",
      `The request is missing a required parameter \`${missing.path.join(".")}\`.`,
    );
  }
  const name = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new CloudError("InvalidParameter", `The value of the parameter \`${name}\` is not valid.`);
}

/** Rejects encryption, which the simulator does not support. */
export function refuseEncryption(parameters: {
  Encryption?: unknown;
  IsEncryptResponse?: boolean | undefined;
}): void {
  if (parameters.Encryption === undefined && parameters.IsEncryptResponse !== true) return;
  throw new CloudError("UnsupportedOperation", "The simulator does not encrypt parameters or answers.");
}

function isMissing(given: unknown, path: readonly PropertyKey[]): boolean {
  let value: unknown = given;
  for (const key of path) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  }
  return path.length > 0 && (value === undefined || value === "");
}
