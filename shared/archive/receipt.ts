/**
 * The receipt of an erasure: which verifications were erased, when and why, signed with a master key (HMAC-SHA-256) and free of
 * personal data. It lies in the evidence store beside the evidence, and is written before the database changes: a database that
 * was restored from a backup finds in the receipts what it does not know any more.
 */
import { timingSafeEqual } from "node:crypto";
import * as z from "zod/mini";
import { type Keyring, lookupHash, type MasterKey } from "../crypto/keyring.ts";
import { MasterKeyMissingError } from "../crypto/seal.ts";

/** Why something was erased: a person or somebody for them asked, or it had become too old. */
export type ErasureCause = "person" | "verification" | "retention";

const contentSchema = z.strictObject({
  version: z.literal(1),
  number: z.int().check(z.positive()),
  erasedAt: z.iso.datetime(),
  cause: z.enum(["person", "verification", "retention"]),
  verificationIds: z.array(z.string()),
  /** The objects in the evidence store that were removed. */
  objects: z.array(z.string()),
});

const receiptSchema = z.extend(contentSchema, {
  /** The master key that signed it, and the signature of the rest as it is written, in hex. */
  keyId: z.string(),
  signature: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
});

/** What a receipt says. */
export type ReceiptContent = z.infer<typeof contentSchema>;

/** A receipt as it is kept. */
export type Receipt = z.infer<typeof receiptSchema>;

/** Thrown when a receipt is not one that this deployment signed: nothing is erased because of it. */
export class ReceiptForgedError extends Error {
  override readonly name = "ReceiptForgedError";

  constructor(number: number) {
    super(`${receiptName(number)} in the evidence store is not a receipt that MASTER_KEY signed`);
  }
}

const NUMBER_DIGITS = 9;

/** The folder of the receipts in the evidence store. */
export const RECEIPTS_FOLDER = "erasures/";

/** The object that a receipt is kept in. */
export const receiptName = (number: number): string =>
  `${RECEIPTS_FOLDER}${String(number).padStart(NUMBER_DIGITS, "0")}.json`;

const signatureOf = (key: MasterKey, content: ReceiptContent): Buffer =>
  lookupHash(key, "erasure-receipt", JSON.stringify(contentSchema.parse(content)));

/** Signs a receipt with the current master key. */
export const signReceipt = ({ current }: Keyring, content: ReceiptContent): Receipt => ({
  ...content,
  keyId: current.id,
  signature: signatureOf(current, content).toString("hex"),
});

/** The bytes of a receipt. */
export const writeReceipt = (receipt: Receipt): Buffer =>
  Buffer.from(`${JSON.stringify(receipt, undefined, 2)}\n`, "utf8");

/** Reads a receipt. Throws {@link ReceiptForgedError}, and `MasterKeyMissingError` where its key is not to be had. */
export function readReceipt(keyring: Keyring, number: number, bytes: Buffer): Receipt {
  const receipt = parsed(bytes);
  if (receipt?.number !== number) throw new ReceiptForgedError(number);
  const { keyId, signature, ...content } = receipt;
  const key = keyring.all.find(({ id }) => id === keyId);
  if (!key) throw new MasterKeyMissingError(keyId);
  const isOurs = timingSafeEqual(signatureOf(key, content), Buffer.from(signature, "hex"));
  if (!isOurs) throw new ReceiptForgedError(number);
  return receipt;
}

function parsed(bytes: Buffer): Receipt | undefined {
  try {
    return receiptSchema.parse(JSON.parse(bytes.toString("utf8")));
  } catch {
    return undefined;
  }
}
