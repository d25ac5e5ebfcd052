/** The shape of a channel's `tooling.ts`. */
import type { SettingName } from "../config/settings.ts";

/** One of the doctor's checks. `kind` says how to check, which is the doctor's part; a report line names `settings`. */
export interface ChannelCheck {
  readonly kind: "rule-id" | "merchant-id" | "sm2-key" | "wechat-app";
  readonly settings: readonly SettingName[];
}

/** What only tools, local mode and tests need to know of a channel. */
export interface ChannelTooling {
  /** The name of the channel. */
  readonly channel: string;
  /** Whether GetWeChatBillDetails lists its attempts; eID's are not in that list (Tencent doc 1007/67729). */
  readonly isInBillDetails: boolean;
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
