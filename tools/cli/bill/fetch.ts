/** Reads both sides of a day: the provider's list, page by page, and the ledger. */
import { setTimeout as sleep } from "node:timers/promises";
import { channelTooling } from "../../../shared/channels/tooling.ts";
import type { Keyring } from "../../../shared/crypto/keyring.ts";
import { ProviderError } from "../../../shared/providers/provider-error.ts";
import type {
  BillDetail,
  BillDetailsAnswer,
  BillDetailsRequest,
} from "../../../shared/providers/tencent-cloud/index.ts";
import type { Database } from "../../../shared/store/database.ts";
import { attemptsBetween, issuedBetween } from "../../../shared/store/ledger.ts";
import { openIssued } from "../../../shared/store/record.ts";
import { openKeys } from "../../../shared/store/row-keys.ts";
import { text } from "../../language/index.ts";
import type { LedgerDay } from "./compare.ts";
import type { BillDay } from "./days.ts";

/** The channels whose attempts the provider lists. */
const channels = channelTooling
  .filter(({ isInBillDetails }) => isInBillDetails)
  .map(({ channel }) => channel);

/** Longer than a BizToken lives (7,200 s): a token made this long before a day is not used on it. */
const TOKEN_LIFETIME_MS = 3 * 3_600_000;

const MAX_TRIES = 5;
const RETRY_AFTER_MS = 1_000;

/** One call for a page. */
export type BillCall = (request: BillDetailsRequest) => Promise<BillDetailsAnswer>;

/** The provider's list of a day. Throws `ProviderError`, an error for pages that lead nowhere, and between two pages what `signal` aborts with. */
export async function fetchBill(
  call: BillCall,
  { name }: BillDay,
  signal?: AbortSignal,
): Promise<BillDetail[]> {
  const details: BillDetail[] = [];
  let cursor = 0;
  for (;;) {
    signal?.throwIfAborted();
    const page = await patiently(() => call({ Date: name, Cursor: cursor }), signal);
    details.push(...(page.WeChatBillDetails ?? []));
    if (!page.HasNextPage) return details;
    if (page.NextCursor == null || page.NextCursor <= cursor) {
      throw new Error(
        text(
          `The provider's list of ${name} says that it goes on, and not where.`,
          `服务方 ${name} 的账单表示还有下一页，但没有给出有效的游标。`,
        ),
      );
    }
    cursor = page.NextCursor;
  }
}

/** Reading costs nothing, so what may work later is tried again. */
async function patiently<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ProviderError && error.retryable) || tries === MAX_TRIES) throw error;
      await sleep(tries * RETRY_AFTER_MS, undefined, { signal });
    }
  }
}

/** The ledger of a day: every token that can have been used on it, and every attempt made on it. */
export async function readLedger(db: Database, keyring: Keyring, { from, to }: BillDay): Promise<LedgerDay> {
  const madeFrom = new Date(from.getTime() - TOKEN_LIFETIME_MS);
  const verificationOf = new Map<string, string>();
  for await (const rows of issuedBetween(db, channels, madeFrom, to)) {
    for (const row of rows) {
      const issued = openIssued(await openKeys(keyring, row), row);
      if (issued) verificationOf.set(issued.token, row.id);
    }
  }
  return { verificationOf, attempts: await attemptsBetween(db, channels, { madeFrom, from, to }) };
}
