/** The one fake channel of the archive's tests, with the key and the times that go with it. */
import { createHash } from "node:crypto";
import type { ArchiveTiming, Deadline } from "../../shared/archive/queue.ts";
import { FACEID_EVIDENCE } from "../../shared/channels/faceid/evidence.ts";
import type { Channel, EvidenceKind, EvidencePiece, FetchedEvidence } from "../../shared/channels/types.ts";
import { parseKeyring } from "../../shared/crypto/keyring.ts";

/** Times short enough for tests, with the proportions of the real ones. */
export const quick: ArchiveTiming = { leaseMs: 600, heartbeatMs: 200, pollMs: 40, reserveMs: 100 };

export const hour = 3_600_000;

/** An invocation that has this much time, in milliseconds. */
export function within(ms: number): Deadline {
  const end = performance.now() + ms;
  return { remainingMs: () => end - performance.now() };
}

export const keyring = parseKeyring(`test-1:${Buffer.alloc(32, 7).toString("base64")}`);

/** The bytes of an invented piece: the same for the same verification and name. */
export function bytesOf(id: string, name: string, size = 1_000): Buffer {
  return Buffer.alloc(size, createHash("sha256").update(`${id} ${name}`).digest());
}

/** The pieces that the provider has of a kind. */
export function piecesOf(id: string, kind: EvidenceKind): EvidencePiece[] {
  const piece = (name: string, mediaType: EvidencePiece["mediaType"]): EvidencePiece => ({
    kind,
    name,
    mediaType,
    bytes: bytesOf(id, name),
  });
  if (kind === "text") return [piece("text.json", "application/json")];
  if (kind === "id-card" || kind === "intention") return [];
  if (kind === "video") return [piece("video.mp4", "video/mp4")];
  return [piece("best-frame.jpg", "image/jpeg"), piece("best-frame-1.jpg", "image/jpeg")];
}

/** An answer with these pieces, of a flow without an intention. */
export const fetched = (pieces: EvidencePiece[], over: Partial<FetchedEvidence> = {}): FetchedEvidence => ({
  pieces,
  unreadable: [],
  excluded: ["intention"],
  ...over,
});

/** A channel that has everything, calling `before` ahead of each answer. */
export function fakeChannel(before?: (id: string, kind: EvidenceKind) => Promise<void> | void): Channel {
  return {
    name: "h5",
    evidence: FACEID_EVIDENCE,
    evidenceOfPassesOnly: false,
    usesResultTokens: false,
    issue: () => Promise.reject(new Error("the archive issues nothing")),
    observe: () => Promise.reject(new Error("the archive observes nothing")),
    fetchEvidence: async ({ verificationId }, kinds) => {
      for (const kind of kinds) await before?.(verificationId, kind);
      return fetched(kinds.flatMap((kind) => piecesOf(verificationId, kind)));
    },
  };
}
