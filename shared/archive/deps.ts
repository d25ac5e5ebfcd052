/** What an archive run is given, and the times that it keeps. */
import type { ChannelSet, EvidenceKind } from "../channels/types.ts";
import type { Keyring } from "../crypto/keyring.ts";
import type { Database } from "../store/database.ts";
import type { EvidenceStore } from "./stores/evidence-store.ts";

/** The times of a run, in milliseconds. */
export interface ArchiveTiming {
  /** How long a run may work without a sign of life before another takes over. */
  readonly leaseMs: number;
  /** How often it gives one. */
  readonly heartbeatMs: number;
  /** How often it looks at leases of others while it has nothing else to do. */
  readonly pollMs: number;
  /** With less time than this left, no verification is begun: fetching a video may take most of it. */
  readonly reserveMs: number;
}

/** A lease outlives two lost heartbeats; the reserve is what four slow provider calls take. */
export const DEFAULT_TIMING: ArchiveTiming = {
  leaseMs: 9_000,
  heartbeatMs: 3_000,
  pollMs: 500,
  reserveMs: 60_000,
};

/** What the archive works with. */
export interface ArchiveDeps {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly evidenceStore: EvidenceStore;
  readonly channels: ChannelSet;
  /** The kinds that may be kept: `ARCHIVE_EVIDENCE`. What is not named here is never fetched. */
  readonly evidence: readonly EvidenceKind[];
  readonly timing?: ArchiveTiming;
}

/** How much time this invocation has left. */
export interface Deadline {
  remainingMs(): number;
}
