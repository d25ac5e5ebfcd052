/** What a channel is: one way to verify a person, behind one interface. Channels translate; they never decide. */

import type { EvidenceKind } from "../contract/evidence-kinds.ts";
import type { CallOptions } from "../providers/time-limit.ts";
import type { ResultFamilyName } from "./result-families.ts";

export { EVIDENCE_KINDS, type EvidenceKind } from "../contract/evidence-kinds.ts";

/** A person as the caller names them. Personal data: sealed at rest, never logged. */
export interface Identity {
  /** As given, trimmed; the same characters go to the provider and into comparisons. */
  readonly name: string;
  /** 18 characters, check digit right, a final X in upper case. */
  readonly idCardNumber: string;
}

/** What a channel needs to get a token. */
export interface IssueRequest {
  /** Our id, passed through the provider so that an answer names the verification that it belongs to. */
  readonly verificationId: string;
  /** The authenticated user. */
  readonly owner: string;
  readonly identity?: Identity;
  /** Where the provider sends the browser back to; only channels that redirect use it. */
  readonly landingUrl?: string;
}

/** What a provider gave for one flow. Secret: whoever holds the token can run the flow. Sealed at rest. */
export interface IssuedToken {
  readonly token: string;
  /** What the client starts with; the `start` of a token response. */
  readonly start: Readonly<Record<string, string>>;
  /** What later queries must name besides the token, such as the RuleId it was issued under. */
  readonly account: Readonly<Record<string, string>>;
}

/** A fresh token with its times. */
export interface Issue {
  readonly issued: IssuedToken;
  /** Seconds in which the person may start and finish, from now. */
  readonly lifetimeSeconds: number;
  /** Seconds until the provider deletes what it knows, from now. */
  readonly resultSeconds: number;
}

/** What a channel needs to ask about a verification. */
export interface ObservedVerification {
  readonly verificationId: string;
  readonly owner: string;
  readonly issued: IssuedToken;
  readonly identity?: Identity;
  /** When it was begun: a result from before belongs to something else. */
  readonly createdAt?: Date;
  /** Result tokens that the client or a push brought, newest first; only for channels that use them. Secret. */
  readonly resultTokens?: readonly string[];
}

/** One try of the person, as the provider counts it. */
export interface Attempt {
  /** The provider's own id of the try, unique within the token. */
  readonly seq: string;
  readonly at: Date;
  /** The provider's result code as it wrote it; `null` while it has none. */
  readonly code: string | null;
  /** What the provider says it charges; `null` if it does not say. */
  readonly charged: boolean | null;
}

/** Who the provider says was in front of the camera. */
export type ObservedPerson =
  /** The provider names the person. */
  | { readonly kind: "named"; readonly name: string; readonly idCardNumber: string }
  /** The provider gives md5s of the person: lower-case hex, of the UTF-8 name and of the number with X in upper case. */
  | { readonly kind: "hashed"; readonly nameMd5: string; readonly idCardNumberMd5: string }
  /** The request named the person, and the provider verified just that one. */
  | { readonly kind: "bound" }
  /** The provider says that it is not the person, or not the user, of this verification. */
  | { readonly kind: "other" }
  /** The provider does not say. */
  | { readonly kind: "unnamed" };

/**
 * What a provider says about a verification right now. It is evidence, not a judgement: only `decide` makes a status.
 * `code: null` means that the provider has no verdict yet; it is not the same as zero.
 */
export interface Observation {
  /** Which published table explains its codes. */
  readonly family: ResultFamilyName;
  /** The verdict's code as the provider wrote it, or `null` for none yet. */
  readonly code: string | null;
  /** Parts of the verdict that must agree with a passing code, by the vendor's name. `null`: absent. */
  readonly checks: Readonly<Record<string, string | null>>;
  readonly attempts: readonly Attempt[];
  readonly person: ObservedPerson;
  /** What we passed through the provider, as it came back; `null` if it did not. */
  readonly echo: string | null;
  /** The WeChat user that the result belongs to, where the provider says it. */
  readonly openid?: string;
  /** Result tokens that the provider proves to be of another flow or user: to be set free for it. Secret. */
  readonly foreignResultTokens?: readonly string[];
}

/** What is said of one file of evidence. */
export interface EvidenceFile {
  readonly kind: EvidenceKind;
  /** File name, unique within the verification, such as `best-frame-1.jpg`. */
  readonly name: string;
  readonly mediaType:
    | "application/json"
    | "application/octet-stream"
    | "audio/mpeg"
    | "audio/wav"
    | "image/jpeg"
    | "image/png"
    | "video/mp4";
}

/** One file of evidence. */
export interface EvidencePiece extends EvidenceFile {
  readonly bytes: Buffer;
}

/** One file of evidence, as it comes from the provider. */
export interface EvidenceStream extends EvidenceFile {
  /** Ends with what the provider's connection threw, or with what makes it unreadable; both are to be thrown on. */
  readonly chunks: AsyncIterable<Buffer>;
}

/** How evidence is fetched. */
export interface FetchOptions extends CallOptions {
  /**
   * Takes large files while the answer is read, which goes on when this is done; they are not among the pieces then. Without it,
   * all are.
   */
  readonly takeLarge?: ((file: EvidenceStream) => Promise<void>) | undefined;
}

/** What one call brought. A kind without pieces is one that the provider has nothing of, now. */
export interface FetchedEvidence {
  /** Those that could be read, without those that were taken. */
  readonly pieces: EvidencePiece[];
  /** Kinds of which something is there that cannot be read. */
  readonly unreadable: readonly EvidenceKind[];
  /** Kinds that this flow cannot have, by the provider's own word: nobody has to ask for them. */
  readonly excluded: readonly EvidenceKind[];
}

/** One way to verify a person. Every method throws `ProviderError` and nothing else, and ends when its signal aborts. */
export interface Channel {
  readonly name: string;
  /**
   * What can be archived, in the groups that one call gives together, in the order in which they are asked for. A video is
   * 10–25 MB of JSON (Tencent doc 1007/41957), so it is a group of its own.
   */
  readonly evidence: readonly (readonly EvidenceKind[])[];
  /** The provider's API that results and evidence are asked by: its calls per second are shared by all that use it. */
  readonly queryApi: string;
  /** True if only a pass leaves evidence: nobody asks about a flow that did not come to one. */
  readonly evidenceOfPassesOnly: boolean;
  /** True if a result can only be asked for by a result token, which the client or a push brings. */
  readonly usesResultTokens: boolean;
  /** Gets a token. Unbilled at every provider; a lost token costs nothing. */
  issue(request: IssueRequest, options?: CallOptions): Promise<Issue>;
  /** Asks what the provider says now. Idempotent and unbilled. */
  observe(verification: ObservedVerification, options?: CallOptions): Promise<Observation>;
  /** Fetches kinds of one group in one call, whether or not the answer could be decided by. */
  fetchEvidence(
    verification: ObservedVerification,
    kinds: readonly EvidenceKind[],
    options?: FetchOptions,
  ): Promise<FetchedEvidence>;
}

/** The channels that a function was built with, by name. */
export type ChannelSet = Readonly<Record<string, Channel>>;

/** The channel that a stored name means; `undefined` if this function was built without it. */
export const channelNamed = (channels: ChannelSet, name: string): Channel | undefined =>
  Object.values(channels).find((channel) => channel.name === name);
