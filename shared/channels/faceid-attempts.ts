/** The person's tries as FaceID lists them (`LivenessDetail`), each one once and fit to be put on record. */
import type { DetectInfoText } from "../providers/tencent-cloud/faceid-answers.ts";
import type { Attempt } from "./types.ts";

/** What the database keeps as a key: no longer than an index entry, and without the one character that no text holds. */
const isRecordable = (seq: string) => seq !== "" && seq.length <= 128 && !seq.includes("\0");

/** Milliseconds since 1970 of the last moment of the year 9999, after which ISO 8601 needs an agreement. */
const LAST_STORABLE_MS = 253_402_300_799_999;

/**
 * Reads the list; an absent one is empty. A try without a usable `Seq` or time is left out: one that could not be recorded
 * would keep the whole verification from being settled. A `Seq` listed twice is one try, and what is known of it counts.
 */
export function faceIdAttempts(details: DetectInfoText["LivenessDetail"]): Attempt[] {
  const bySeq = new Map<string, Attempt>();
  for (const { Seq, ReqTime, Errcode, IsNeedCharge } of details ?? []) {
    const at = Number(ReqTime ?? Number.NaN);
    if (!Seq || !isRecordable(Seq) || !Number.isSafeInteger(at) || at <= 0 || at > LAST_STORABLE_MS) continue;
    const known = bySeq.get(Seq);
    bySeq.set(Seq, {
      seq: Seq,
      at: new Date(at),
      code: Errcode == null ? (known?.code ?? null) : String(Errcode),
      charged: IsNeedCharge ?? known?.charged ?? null,
    });
  }
  return [...bySeq.values()];
}
