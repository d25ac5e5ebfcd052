/** What waits in a database of the bench, the same number whatever is behind it; and the channel and keys that it is asked with. */
import { v7 as uuidv7 } from "uuid";
import type { Channel, Issue, Observation } from "../../shared/channels/types.ts";
import { newDataKey } from "../../shared/crypto/data-key.ts";
import { parseKeyring } from "../../shared/crypto/keyring.ts";
import { ProviderError } from "../../shared/providers/provider-error.ts";
import type { Database } from "../../shared/store/database.ts";
import { recordHeartbeat } from "../../shared/store/heartbeats.ts";
import { personHash, sealIdentity, sealIssued } from "../../shared/store/record.ts";
import {
  attempt,
  creationCount,
  idempotencyKey,
  outboundEvent,
  seenPush,
  verification,
} from "../../shared/store/schema.ts";
import { hashState } from "../../shared/verification/landing-state.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Invented; the number's check digit is right. */
export const person = { name: "张三", idCardNumber: "11010119900307002X" };

/** Of the one verification whose browser may land. */
export const landingState = hashState("bench");

export const keyring = parseKeyring(`bench-1:${Buffer.alloc(32, 7).toString("base64")}`);

const token = (id: string) => `token-of-${id}`;
const issueOf = (id: string): Issue => ({
  issued: { token: token(id), start: { bizToken: token(id) }, account: { ruleId: "sim-rule" } },
  lifetimeSeconds: 7_200,
  resultSeconds: 259_200,
});

/** A channel that answers at once, with what it is told. */
export const channelThat = (observation: Observation, refuses = false): Channel => ({
  name: "mini-program",
  evidence: [["text"]],
  queryApi: "GetDetectInfoEnhanced",
  evidenceOfPassesOnly: false,
  usesResultTokens: false,
  issue: async ({ verificationId }) => {
    if (refuses) throw new ProviderError("unavailable", "DetectAuth");
    return issueOf(verificationId);
  },
  observe: async () => observation,
  fetchEvidence: () => Promise.reject(new Error("the bench fetches nothing")),
});

/** A verification of somebody, sealed as real ones are. */
async function sealedRow(
  createdAt: Date,
  over: Partial<typeof verification.$inferInsert>,
): Promise<typeof verification.$inferInsert> {
  const id = `ver_${uuidv7({ msecs: createdAt.getTime() })}`;
  const { keys, wrapped } = await newDataKey(keyring, id);
  return {
    id,
    channel: "mini-program",
    owner: "openid-7",
    dataKey: wrapped,
    identity: sealIdentity(keys, id, person),
    identitySource: "requested",
    personHash: personHash(keyring.current, person.idCardNumber),
    personKeyId: keyring.current.id,
    issued: sealIssued(keys, id, issueOf(id).issued),
    createdAt,
    expiresAt: new Date(createdAt.getTime() + 2 * HOUR_MS),
    purgeAt: new Date(createdAt.getTime() + 3 * DAY_MS),
    ...over,
  };
}

const times = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));

/** Puts it in; triggers put the rows into their queues. */
export async function addWaiting(db: Database, now: Date): Promise<void> {
  const ago = (ms: number) => new Date(now.getTime() - ms);
  const settled = { status: "passed", settledAt: ago(HOUR_MS), archiveAt: ago(HOUR_MS) } as const;
  const rows = await Promise.all([
    ...times(200, (n) => {
      const createdAt = ago(MINUTE_MS + n * 100);
      return sealedRow(createdAt, {
        checkAt: ago(n * 100),
        archiveAt: new Date(now.getTime() + 2 * HOUR_MS),
        ...(n === 0 && { stateHash: landingState }),
        ...(n === 1 && { channel: "wechat" }),
      });
    }),
    ...times(150, (n) => sealedRow(ago(HOUR_MS + n * 1_000), settled)),
    // The purge is near, and nobody was told.
    ...times(50, (n) => sealedRow(ago(60 * HOUR_MS + n * 1_000), settled)),
    ...times(20, (n) =>
      sealedRow(ago(2 * MINUTE_MS + n), { issued: null, expiresAt: null, purgeAt: null, checkAt: null }),
    ),
    // Tidied up after two runs met.
    ...times(20, (n) =>
      sealedRow(ago(2 * HOUR_MS + n), { ...settled, archiveStatus: "archived", archiveTries: 2 }),
    ),
    // At work in another run.
    ...times(8, (n) =>
      sealedRow(ago(2 * HOUR_MS + n), {
        ...settled,
        archiveStatus: "archiving",
        archiveAt: new Date(now.getTime() + HOUR_MS),
        archiveRun: `${uuidv7()}-1`,
        archiveLeaseUntil: new Date(now.getTime() + HOUR_MS),
      }),
    ),
  ]);
  const old = await sealedRow(ago(401 * DAY_MS), { ...settled, archiveStatus: "archived", archiveAt: null });
  await db.insert(verification).values([...rows, old]);
  await db
    .insert(outboundEvent)
    .values([
      ...times(100, (n) => event(n, { createdAt: ago(n * 1_000), deliverAt: ago(n * 1_000) })),
      ...times(50, (n) => event(n, { createdAt: ago(8 * DAY_MS), deliveredAt: ago(8 * DAY_MS) })),
    ]);
  await db
    .insert(attempt)
    .values(times(50, (n) => ({ verificationId: old.id, seq: `old-${n}`, at: ago(401 * DAY_MS) })));
  await db.insert(idempotencyKey).values(
    times(50, (n) => ({
      caller: "shop",
      key: `old-${n}`,
      requestHash: Buffer.alloc(32, n),
      verificationId: `ver_old-${n}`,
      expiresAt: ago(n),
    })),
  );
  await db.insert(creationCount).values(
    times(50, (n) => ({
      subject: `owner:old-${n}`,
      windowSeconds: 60,
      windowStart: ago(2 * MINUTE_MS),
      count: 1,
      expiresAt: ago(MINUTE_MS),
    })),
  );
  await db.insert(seenPush).values(times(50, (n) => ({ signature: `old-${n}`, at: ago(HOUR_MS) })));
  for (const timer of ["reconcile", "deliver", "maintain", "archive"])
    await recordHeartbeat(db, timer, HOUR_MS);
}

const event = (n: number, over: { createdAt: Date; deliverAt?: Date; deliveredAt?: Date }) => ({
  id: `evt_${uuidv7()}`,
  type: "verification.passed",
  data: { verificationId: `ver_${uuidv7()}`, status: "passed", reference: `order-${n}` },
  ...over,
});
