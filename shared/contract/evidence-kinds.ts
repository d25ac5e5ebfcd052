/** The kinds of evidence, in the order in which they are fetched: small first. */
export const EVIDENCE_KINDS = ["text", "id-card", "best-frame", "video", "intention"] as const;

/** One of {@link EVIDENCE_KINDS}. */
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];
