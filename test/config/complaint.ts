/** What reading settings complains of. */
import { expect } from "vitest";
import { readSettings } from "../../shared/config/read.ts";
import { type SettingName, settings } from "../../shared/config/settings.ts";
import { MisconfiguredError } from "../../shared/runtime/errors.ts";

/** Every setting. */
export const names = Object.keys(settings) as SettingName[]; // the object's own keys
/** The error's message; empty if there is none. */
export const complaint = (
  env: Readonly<Record<string, string | undefined>>,
  which: readonly SettingName[] = names,
): string => {
  try {
    readSettings(which, env);
  } catch (error) {
    expect(error).toBeInstanceOf(MisconfiguredError);
    return error instanceof Error ? error.message : "";
  }
  return "";
};
