/** Compares one day's list of the provider with the ledger of that day. */
import type { BillDetail } from "../../../shared/providers/tencent-cloud/index.ts";
import type { LedgerAttempt } from "../../../shared/store/ledger.ts";

/** What does not agree. A BizToken is never shown: only its first characters, enough to recognise it. */
export type Difference = {
  readonly kind: /** The provider charges an attempt that the ledger does not have. */
    | "not-in-ledger"
    /** The ledger has a charged attempt that the provider does not list. */
    | "not-in-bill"
    /** Both have the attempt, and only one of them calls it charged. */
    | "charge-differs"
    /** The provider's count for a token is not the number of charged attempts that it lists for it. */
    | "count-differs";
  /** `null` where the ledger knows neither token nor attempt. */
  readonly verificationId: string | null;
  /** First characters of the provider's token, where the verification is not known. */
  readonly tokenStart?: string;
  /** `null` where it is about a whole token. */
  readonly seq: string | null;
  /** What each side counts: 1 or 0 for an attempt; `null` for an attempt of which the ledger does not know it. */
  readonly bill: number;
  readonly ledger: number | null;
};

/** A day of the ledger. */
export interface LedgerDay {
  /** Verification by token. A verification whose token was erased is not in it. */
  readonly verificationOf: ReadonlyMap<string, string>;
  readonly attempts: readonly LedgerAttempt[];
}

/** How a day compares. */
export interface Comparison {
  /** Charged attempts that the provider lists, and that the ledger has. */
  readonly billed: number;
  readonly recorded: number;
  readonly differences: readonly Difference[];
}

/** Joins on token and `Seq`; where a token was erased, on `Seq` alone, which the provider makes unique. */
export function compareDay(bill: readonly BillDetail[], { verificationOf, attempts }: LedgerDay): Comparison {
  const recorded = new Map(attempts.map((attempt) => [attempt.seq, attempt]));
  const listed = new Set<string>();
  const differences: Difference[] = [];
  let billed = 0;
  for (const { BizToken, ChargeCount, ChargeDetails } of bill) {
    const lines = ChargeDetails ?? [];
    const [known] = lines.flatMap(({ Seq }) => recorded.get(Seq)?.verificationId ?? []);
    const verificationId = verificationOf.get(BizToken) ?? known ?? null;
    const subject = verificationId
      ? { verificationId }
      : { verificationId, tokenStart: BizToken.slice(0, TOKEN_START_LENGTH) };
    const charged = lines.filter(({ IsNeedCharge }) => IsNeedCharge).length;
    billed += charged;
    if (charged !== ChargeCount) {
      differences.push({ kind: "count-differs", ...subject, seq: null, bill: ChargeCount, ledger: charged });
    }
    for (const { Seq, IsNeedCharge } of lines) {
      listed.add(Seq);
      const ours = recorded.get(Seq);
      const isOurs =
        ours !== undefined && (verificationId === null || ours.verificationId === verificationId);
      if (isOurs && ours.charged === IsNeedCharge) continue;
      if (!isOurs && !IsNeedCharge) continue; // costs nothing
      differences.push({
        kind: isOurs ? "charge-differs" : "not-in-ledger",
        ...subject,
        seq: Seq,
        bill: Number(IsNeedCharge),
        ledger: isOurs ? chargeOf(ours) : 0,
      });
    }
  }
  const unlisted = attempts.filter(({ seq, charged }) => charged === true && !listed.has(seq));
  for (const { verificationId, seq } of unlisted) {
    differences.push({ kind: "not-in-bill", verificationId, seq, bill: 0, ledger: 1 });
  }
  return { billed, recorded: attempts.filter(({ charged }) => charged === true).length, differences };
}

const TOKEN_START_LENGTH = 8;

const chargeOf = ({ charged }: LedgerAttempt): number | null => (charged === null ? null : Number(charged));
