/** What is left when a history is over. */
import type { VerificationRow } from "../../shared/store/schema.ts";

/** What was read from the database when all was over. */
export interface Remains {
  readonly rows: readonly VerificationRow[];
  /** Rows of all tables as text. */
  readonly dump: readonly string[];
  readonly events: readonly {
    id: string;
    type: string;
    data: Record<string, unknown>;
    deliveredAt: Date | null;
    deliverAt: Date | null;
  }[];
  /** Changes of status and manifest, as a trigger saw them. */
  readonly changes: readonly { id: string; kind: string; before: string | null; after: string | null }[];
}

/** Hears of a problem. */
export type Say = (problem: string) => void;
