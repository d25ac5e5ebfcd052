/** What could not be had of a verification, and why. */
import type { EvidenceKind } from "../channels/types.ts";
import type { MissingEvidence } from "../contract/verification.ts";
import { ProviderError, type ProviderErrorKind } from "../providers/provider-error.ts";
import { EvidenceNotReadyError } from "./failure.ts";
import { EvidenceStoreError } from "./stores/evidence-store.ts";

/** A kind of evidence of which something could not be had. */
export interface Gap extends MissingEvidence {
  readonly kind: EvidenceKind;
  /** What stood in the way, if anything was thrown. */
  readonly error?: unknown;
}

const REASONS: Readonly<Record<ProviderErrorKind, string>> = {
  unavailable: "unavailable",
  "rate-limited": "rate_limited",
  malformed: "unreadable",
  configuration: "refused",
  rejected: "refused",
  "unknown-token": "unknown_token",
  purged: "purged",
};

function reasonOf(error: unknown): string {
  if (error instanceof EvidenceStoreError) return "not_stored";
  if (!(error instanceof ProviderError)) return "failed";
  return error.code === "ResponseSizeLimitExceeded" ? "too_large" : REASONS[error.kind];
}

/** The gap that an error leaves. */
export const gapOf = (kind: EvidenceKind, error: unknown): Gap => ({ kind, reason: reasonOf(error), error });

/** The provider has a section for it and nothing in it, although there must be something. */
export const notThere = (kind: EvidenceKind): Gap => ({ kind, reason: "not_there" });

/** The provider has something that cannot be read. */
export const unreadable = (kind: EvidenceKind): Gap => ({ kind, reason: "unreadable" });

/** The gaps as the row and the manifest name them: each kind once, with the first reason. */
export function missingOf(gaps: readonly Gap[]): Omit<Gap, "error">[] {
  const first = gaps.filter(({ kind }, index) => gaps.findIndex((gap) => gap.kind === kind) === index);
  return first.map(({ kind, reason }) => ({ kind, reason }));
}

/** True for what usually passes by itself within minutes: nobody is called for it the first time. */
export const isPassing = ({ error }: Pick<Gap, "error">): boolean =>
  error instanceof ProviderError && error.isPassing;

/** True if the provider was asked too often: the next question would be refused as well. */
export const isRateLimited = ({ error }: Pick<Gap, "error">): boolean =>
  error instanceof ProviderError && error.kind === "rate-limited";

/** What stood in the way of everything, as the error to judge by: that the provider has deleted it, if it says so. */
export function obstacle(gaps: readonly Gap[]): unknown {
  const errors = gaps.map(({ error }) => error).filter((error) => error !== undefined);
  const purged = errors.find((error) => error instanceof ProviderError && error.kind === "purged");
  if (purged ?? errors[0]) return purged ?? errors[0];
  return gaps.some(({ reason }) => reason === "unreadable")
    ? new ProviderError("malformed", "evidence", { hint: "media is not base64" })
    : new EvidenceNotReadyError("the provider gave nothing of what it must have");
}
