/** Fresh secrets, each as its setting wants it. */
import { randomBytes, randomInt } from "node:crypto";
import type { SettingName } from "../../../shared/config/settings.ts";

const LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** The last of 43 characters of base64 for 32 bytes: its two lowest bits are 0. */
const LAST_OF_43 = [...LETTERS_AND_DIGITS].filter((_, index) => index % 4 === 0).join("");

const some = (characters: string, count: number): string =>
  Array.from({ length: count }, () => characters[randomInt(characters.length)]).join("");

/** Makes the secrets that are ours to choose. `now` names the master key. */
export const newSecrets = (now: Date): Readonly<Partial<Record<SettingName, string>>> => ({
  MASTER_KEY: `${now.toISOString().slice(0, 7)}:${randomBytes(32).toString("base64")}`,
  AUTH_SECRET: randomBytes(32).toString("base64url"),
  WEBHOOK_SECRET: `whsec_${randomBytes(32).toString("base64")}`,
  WECHAT_PUSH_TOKEN: some(LETTERS_AND_DIGITS, 32),
  WECHAT_PUSH_AES_KEY: some(LETTERS_AND_DIGITS, 42) + some(LAST_OF_43, 1),
});
