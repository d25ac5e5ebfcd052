/**
 * The module that each channel's folder exports: all that differs between channels while functions run. Functions, tools and
 * tests read it, and none of them knows a channel by its name. What only tools need is in the folder's `tooling.ts`.
 */
import type { AllSettings, SettingName } from "../config/settings.ts";
import type { RouteName, routes } from "../contract/routes.ts";
import type { AccessTokenStore } from "../providers/wechat/index.ts";
import type { ResultFamilyName } from "./result-families.ts";
import type { Channel, EvidenceKind } from "./types.ts";

/** A route that issues tokens. */
export type TokenRouteName = {
  [Name in RouteName]: (typeof routes)[Name]["path"] extends `/tokens/${string}` ? Name : never;
}[RouteName];

/** What a channel may need besides its settings. */
export interface ChannelServices {
  /** Where all instances share the access_token of one account. */
  accessTokenStore(account: string): AccessTokenStore;
}

/** A channel, and all that differs between channels. `Issuing` and `Observing`: the settings that it reads. */
export interface ChannelModule<
  Issuing extends SettingName = SettingName,
  Observing extends SettingName = SettingName,
> {
  /** As requests, answers and stored verifications name it. */
  readonly name: string;
  /** Its token route; the table of routes says which function serves it. */
  readonly route: TokenRouteName;
  /** The settings by which a deployment says that it wants this channel: any of them. */
  readonly enablingSettings: readonly NoInfer<Issuing | Observing>[];
  /** Whether requests name the person: the setting that says so, or `required` where the provider asks nobody. */
  readonly identityPolicy: Extract<SettingName, `IDENTITY_${string}`> | "required";
  /** When the browser comes back to our landing page. */
  readonly landing: "always" | "with-return-url" | "never";
  /** The families of its result codes. */
  readonly resultFamilies: readonly ResultFamilyName[];
  /** The kinds of evidence that its provider can have. */
  readonly evidence: readonly EvidenceKind[];
  /** To issue, observe and fetch. `build` throws `MisconfiguredError`, and asks nobody anything. */
  readonly issuing: {
    readonly settings: readonly Issuing[];
    readonly build: (settings: Pick<AllSettings, Issuing>, services: ChannelServices) => Channel;
  };
  /** To observe and fetch only. `build` gives `undefined` where this deployment does without the channel. */
  readonly observing: {
    readonly settings: readonly Observing[];
    readonly build: (
      settings: Pick<AllSettings, Observing>,
      services: ChannelServices,
    ) => Channel | undefined;
  };
}

/** Makes a module, whose `build` can read exactly the settings that it lists. */
export const channelModule = <const Issuing extends SettingName, const Observing extends SettingName>(
  module: ChannelModule<Issuing, Observing>,
): ChannelModule<Issuing, Observing> => module;
