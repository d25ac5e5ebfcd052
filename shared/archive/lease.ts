/** A lease on one verification: renewed while somebody works, noticed when lost. */
import { log } from "../runtime/log.ts";
import { renewArchiveLease } from "../store/archive.ts";
import type { Database } from "../store/database.ts";
import type { ArchiveTiming } from "./deps.ts";

/** Thrown at the next step when another run has taken the verification over, or it is gone. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLost";
}

/** A lease that is being kept. */
export interface Lease {
  readonly id: string;
  readonly run: string;
  /** Makes sure, in the database, that the lease is still ours, and renews it. Throws {@link LeaseLostError}. */
  assert(): Promise<void>;
  /** Stops the heartbeat; the lease itself is given back by what is written to the row. */
  stop(): void;
}

/**
 * Keeps a lease that was just taken. A heartbeat that cannot reach the database says nothing yet: the next one may, and
 * nothing is written to the row without the lease.
 */
export function keepLease(db: Database, id: string, run: string, timing: ArchiveTiming): Lease {
  let lost = false;
  const renew = async () => {
    if (!(await renewArchiveLease(db, id, run, new Date(Date.now() + timing.leaseMs)))) lost = true;
  };
  const heartbeat = setInterval(() => {
    renew().catch((error: unknown) =>
      log.warn({ error, verificationId: id }, "archive: a heartbeat did not reach the database"),
    );
  }, timing.heartbeatMs);
  heartbeat.unref();
  return {
    id,
    run,
    assert: async () => {
      if (!lost) await renew();
      if (lost) throw new LeaseLostError("another run has taken this verification over");
    },
    stop: () => clearInterval(heartbeat),
  };
}
