/** The bodies of `POST /tokens/…`, the same for every channel. */
import * as z from "zod/mini";
import { idCardNumber, personName } from "./identity.ts";
import { refusal } from "./text.ts";
import { CHANNELS, STATUSES, time, verificationId } from "./verification.ts";

/** Text that is stored and given back as it came: a NUL no database takes, half a surrogate pair would come back as another. */
export const keptText = (maxLength: number) =>
  z.string().check(
    z.minLength(1),
    z.maxLength(maxLength),
    z.refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), refusal("holds control characters", "含有控制字符")),
  );

/** The body. Which fields a channel needs or takes is for its function to say. */
export const tokenRequest = z.strictObject({
  /** The person that is asked for. */
  identity: z.optional(z.strictObject({ name: personName, idCardNumber })),
  /** The merchant's own id. */
  reference: z.optional(keptText(128)),
  /** Where the landing page sends the browser on to. */
  returnUrl: z.optional(z.string().check(z.maxLength(2_048))),
  /** The user that a backend acts for. */
  subject: z.optional(keptText(256)),
});

/** The header `Idempotency-Key`: visible ASCII, so that it looks the same to everybody. */
export const idempotencyKey = z.string().check(z.regex(/^[\x21-\x7e]{1,255}$/));

/** What the client passes on to the provider's page or to WeChat. */
const start = z.union([
  z.strictObject({ bizToken: z.string().check(z.minLength(1)) }),
  z.strictObject({ eidToken: z.string().check(z.minLength(1)), url: z.optional(z.url()) }),
  z.strictObject({ url: z.url() }),
  z.strictObject({ verifyId: z.string().check(z.minLength(1)) }),
  z.strictObject({ userIdKey: z.string().check(z.minLength(1)) }),
]);

/** 201. */
export const tokenResponse = z.strictObject({
  verificationId,
  channel: z.enum(CHANNELS),
  /** `pending`, unless a repeated request finds the verification settled. */
  status: z.enum(STATUSES),
  expiresAt: time,
  start,
});
