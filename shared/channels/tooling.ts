/**
 * What tools, local mode and tests need to know of each channel. Apart from the modules, because no deployed bundle may hold
 * simulated credentials, and because tools need no provider's client.
 */
import type { SettingName } from "../config/settings.ts";
import { eidTooling } from "./eid/tooling.ts";
import { h5Tooling } from "./h5/tooling.ts";
import { miniProgramTooling } from "./mini-program/tooling.ts";
import type { ChannelTooling } from "./tooling-type.ts";
import { wechatTooling } from "./wechat/tooling.ts";

/** The tooling of every channel, in the order of the registry. */
export const channelTooling: readonly ChannelTooling[] = [
  miniProgramTooling,
  h5Tooling,
  eidTooling,
  wechatTooling,
];

/** The settings that the doctor checks in this way. */
export const settingsToCheck = (kind: ChannelTooling["checks"][number]["kind"]): readonly SettingName[] =>
  channelTooling.flatMap(({ checks }) =>
    checks.filter((check) => check.kind === kind).flatMap(({ settings }) => settings),
  );

/** The simulated credentials of all channels, the same on every machine. */
export const simulatedSettings: Readonly<Partial<Record<SettingName, string>>> = Object.assign(
  {},
  ...channelTooling.map(({ simulated }) => simulated.settings),
);
