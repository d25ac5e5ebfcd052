/**
 * Start: record the draft, request the token, record the token. In this order, so that no token is requested that could not be
 * recorded, and at most one is bought for one `Idempotency-Key`.
 */
import { v7 as uuidv7 } from "uuid";
import type { Channel, Identity } from "../channels/types.ts";
import type { Limit } from "../config/parsers.ts";
import { newDataKey } from "../crypto/data-key.ts";
import { type Keyring, lookupHash, type SealingKeys } from "../crypto/keyring.ts";
import { ProviderError } from "../providers/provider-error.ts";
import { clockDriftMs } from "../providers/server-clock.ts";
import type { CallOptions } from "../providers/time-limit.ts";
import { databaseError } from "../runtime/database-error.ts";
import { ConflictError, IdempotencyMismatchError, RateLimitedError } from "../runtime/errors.ts";
import { log } from "../runtime/log.ts";
import {
  abandonDraft,
  type CreationLimit,
  type Draft,
  type IdempotencyClaim,
  recordDraft,
  recordToken,
} from "../store/creation.ts";
import { openIssued, personHash, sealIdentity, sealIssued } from "../store/record.ts";
import { openKeys, withKeys } from "../store/row-keys.ts";
import type { VerificationRow } from "../store/schema.ts";
import type { Sql } from "../store/sql.ts";
import { findVerification } from "../store/verifications.ts";
import { raiseClockAlarm } from "./clock-alarm.ts";
import { hashState, newState } from "./landing-state.ts";
import { evidenceDueAt } from "./schedule.ts";

/** What starting needs. */
export interface StartDeps {
  readonly db: Sql;
  readonly keyring: Keyring;
  readonly channel: Channel;
  readonly limitPerOwner: readonly Limit[];
  readonly limitPerPerson: readonly Limit[];
  /** Only for channels that can redirect. */
  readonly landing?: Landing;
}

/** How a browser comes back to us. */
export interface Landing {
  /** Makes the landing address for a state. */
  readonly url: (state: string) => string;
  /** False if the channel redirects only where the caller asks for it with a `returnUrl`. */
  readonly always: boolean;
}

/** What a caller asks for, checked. */
export interface StartRequest {
  /** Who calls; keys of one caller do not meet those of another. */
  readonly caller: string;
  /** Whom the verification belongs to. */
  readonly owner: string;
  /** False for a backend that acts for itself: it paces itself, and one owner's limit would be everybody's. */
  readonly limitOwner: boolean;
  readonly identity?: Identity;
  readonly reference?: string;
  readonly returnUrl?: string;
  readonly idempotencyKey?: string;
}

/** A verification that has its token, with what the client starts with. */
export interface Started {
  readonly row: VerificationRow;
  readonly start: Readonly<Record<string, string>>;
}

/**
 * Starts a verification, or gives the one that the same key and request started. Throws `RateLimitedError`,
 * `IdempotencyMismatchError`, `ConflictError` (the same key is being worked on) and `ProviderError`.
 */
export async function start(
  deps: StartDeps,
  request: StartRequest,
  options: CallOptions = {},
): Promise<Started> {
  const { db, keyring, channel } = deps;
  const id = `ver_${uuidv7()}`;
  const lands = deps.landing && (deps.landing.always || request.returnUrl !== undefined);
  const state = lands ? newState() : undefined;
  const { keys, wrapped } = await newDataKey(keyring, id, options);
  const draft: Draft = {
    id,
    channel: channel.name,
    owner: request.owner,
    reference: request.reference ?? null,
    returnUrl: request.returnUrl ?? null,
    stateHash: state === undefined ? null : hashState(state),
    dataKey: wrapped,
    identity: request.identity ? sealIdentity(keys, id, request.identity) : null,
    identitySource: request.identity ? "requested" : "none",
    personHash: request.identity ? personHash(keyring.current, request.identity.idCardNumber) : null,
    personKeyId: request.identity ? keyring.current.id : null,
    createdAt: new Date(),
  };
  const limits = limitsFor(deps, request);
  const outcome = await recordDraft(db, draft, limits, idempotencyClaim(deps, request));
  if (outcome.kind === "limited") {
    throw new RateLimitedError(
      {
        en: "Too many verifications were created for this user or person.",
        zh: "为这个用户或这个人发起的核身过多。",
      },
      outcome,
    );
  }
  if (outcome.kind === "key-used") {
    if (!outcome.sameRequest) {
      throw new IdempotencyMismatchError({
        en: "This Idempotency-Key was used with another request.",
        zh: "这个 Idempotency-Key 已用于另一个请求。",
      });
    }
    return replayRequest(deps, outcome.verificationId, outcome.row);
  }
  return issueToken(deps, draft, keys, limits, request, state, options);
}

async function issueToken(
  { db, channel, landing }: StartDeps,
  draft: Draft,
  keys: SealingKeys,
  limits: readonly CreationLimit[],
  { owner, identity }: StartRequest,
  state: string | undefined,
  options: CallOptions,
): Promise<Started> {
  let issue: Awaited<ReturnType<Channel["issue"]>>;
  try {
    const wanted = {
      verificationId: draft.id,
      owner,
      ...(identity && { identity }),
      ...(landing && state !== undefined && { landingUrl: landing.url(state) }),
    };
    issue = await channel.issue(wanted, options);
  } catch (error) {
    // What the provider refuses has cost a call as any other and stays counted; its trouble is not the caller's.
    const isRefused = error instanceof ProviderError && error.kind === "rejected";
    // If this fails too, the draft has no token and the next sweep takes it; the caller hears of the first trouble.
    await abandonDraft(db, draft, isRefused ? [] : limits).catch((second: unknown) =>
      log.error({ verificationId: draft.id, error: databaseError(second) }, "a draft could not be undone"),
    );
    throw error;
  }
  raiseClockAlarm();
  const now = Date.now();
  // By the provider's clock where it is known: it is what ends the token, and what its results are dated by.
  const driftMs = clockDriftMs() ?? 0;
  const createdAt = new Date(draft.createdAt.getTime() - driftMs);
  const expiresAt = new Date(now - driftMs + issue.lifetimeSeconds * 1000);
  // Counted from the draft, which was before the provider's own clock started: early is safe, late is not.
  const purgeAt = new Date(createdAt.getTime() + issue.resultSeconds * 1000);
  const row = await recordToken(db, draft.id, {
    issued: sealIssued(keys, draft.id, issue.issued),
    createdAt,
    expiresAt,
    purgeAt,
    archiveAt: evidenceDueAt({ expiresAt, purgeAt }, expiresAt),
    checkAt: new Date(now), // from the timer's next run on
  });
  if (!row)
    throw new ConflictError(
      { en: "The verification took too long to start; try again.", zh: "发起核身用时过长，请重试。" },
      { retryAfterSeconds: 1 },
    );
  log.info({ verificationId: row.id, channel: row.channel }, "started");
  return { row, start: issue.issued.start };
}

/** Milliseconds for which a repeated request waits for the first one's token, and how often it looks. */
const REPLAY_WAIT = { totalMs: 5_000, stepMs: 100 };

async function replayRequest(
  { db, keyring }: StartDeps,
  id: string,
  found: VerificationRow | undefined,
): Promise<Started> {
  for (let waitedMs = 0; waitedMs <= REPLAY_WAIT.totalMs; waitedMs += REPLAY_WAIT.stepMs) {
    const row = waitedMs === 0 && found ? found : await findVerification(db, id);
    if (!row) break; // the first request failed and undid itself
    const issued = row.issued && (await withKeys(async () => openIssued(await openKeys(keyring, row), row)));
    if (issued) return { row, start: issued.start };
    await new Promise((resolve) => setTimeout(resolve, REPLAY_WAIT.stepMs));
  }
  throw new ConflictError(
    {
      en: "The first request with this Idempotency-Key has not finished; try again.",
      zh: "使用这个 Idempotency-Key 的第一个请求尚未完成，请重试。",
    },
    {
      retryAfterSeconds: 2,
    },
  );
}

function limitsFor(deps: StartDeps, request: StartRequest): CreationLimit[] {
  const per = (subject: string, limits: readonly Limit[]) => limits.map((limit) => ({ subject, ...limit }));
  const { identity } = request;
  // Under every key: over a rotation the earlier key's count still limits, and once that key is removed the later one's does.
  const people = identity
    ? deps.keyring.all.map((key) => personHash(key, identity.idCardNumber).toString("base64url")).toSorted()
    : [];
  return [
    ...(request.limitOwner ? per(`owner:${request.owner}`, deps.limitPerOwner) : []),
    ...people.flatMap((hash) => per(`person:${hash}`, deps.limitPerPerson)),
  ];
}

function idempotencyClaim(
  { keyring, channel }: StartDeps,
  request: StartRequest,
): IdempotencyClaim | undefined {
  if (request.idempotencyKey === undefined) return undefined;
  const { owner, identity, reference, returnUrl } = request;
  const canonical = JSON.stringify([
    channel.name,
    owner,
    identity?.name ?? null,
    identity?.idCardNumber ?? null,
    reference ?? null,
    returnUrl ?? null,
  ]);
  return {
    caller: request.caller,
    key: request.idempotencyKey,
    // Keyed, because the request holds an ID number. Under the oldest key, so that a rotation does not make a repeated
    // request look like another one.
    requestHash: lookupHash(keyring.all.at(-1) ?? keyring.current, "request", canonical),
  };
}
