/** The shape of a channel's `tooling.ts`. */
import type { Translated } from "../config/descriptions/index.ts";
import type { SettingName } from "../config/settings.ts";

/** One of the doctor's checks. `kind` says how to check, which is the doctor's part; a report line names `settings`. */
export interface ChannelCheck {
  readonly kind: "rule-id" | "merchant-id" | "sm2-key" | "wechat-app";
  readonly settings: readonly SettingName[];
}

/** The industries that the vendors' lists name (facts of Tencent docs 655/13818 and 1007/31071), and all others. */
export const INDUSTRIES = [
  "government",
  "finance",
  "medicine",
  "telecom",
  "education",
  "travel",
  "living-services",
  "hotel",
  "notary",
  "live-streaming",
  "post",
  "other",
] as const;

/** What a company does, as the vendors' lists divide it. */
export type Industry = (typeof INDUSTRIES)[number];

/** Where a person can be verified. */
export const PLACES = ["mini-program", "web", "service-account"] as const;

/** See {@link PLACES}. */
export type Place = (typeof PLACES)[number];

/** Who may have a channel: the vendor's rule. README shows it, and a test compares the two. */
export interface Eligibility {
  readonly rule: Translated;
  readonly review: Translated;
  /** Those that the vendor lists; `vendor-decides` where its list is not ours to read. */
  readonly industries: readonly Industry[] | "any" | "vendor-decides";
  readonly places: readonly Place[];
}

/** What only tools, local mode and tests need to know of a channel. */
export interface ChannelTooling {
  /** The name of the channel. */
  readonly channel: string;
  /** Whether GetWeChatBillDetails lists its attempts; eID's are not in that list (Tencent doc 1007/67729). */
  readonly isInBillDetails: boolean;
  readonly eligibility: Eligibility;
  /** What its functions call of Tencent Cloud, as CAM names it. */
  readonly camActions: readonly string[];
  /** What the doctor checks. */
  readonly checks: readonly ChannelCheck[];
  /** What local mode runs the channel with. */
  readonly simulated: {
    /** The folder of the simulated service in `simulator/`. */
    readonly service: string;
    /** Credentials that only the simulator takes. */
    readonly settings: Readonly<Partial<Record<SettingName, string>>>;
  };
}
