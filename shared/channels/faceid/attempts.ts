/** The person's tries as FaceID lists them (`LivenessDetail`): each one once, and only those that can be stored. */
import type { DetectInfoText } from "../../providers/tencent-cloud/index.ts";
import type { Attempt } from "../types.ts";

/** Whether the database can keep it as a key: short enough for an index entry, and without NUL, which no text column takes. */
const isRecordable = (seq: string) => seq !== "" && seq.length <= 128 && !seq.includes("\0");

/** Milliseconds since 1970 of the end of the year 9999, the last that ISO 8601 writes with four digits. */
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
