/** The settings that the functions run with on this machine, where the cloud would have those of the deploy. */
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { simulatedSettings } from "../shared/channels/tooling.ts";
import type { Bundle } from "../tools/build/serverless-yml.ts";
import type { Secrets } from "./secrets.ts";

/** Settings by name, as in the contract. */
export type Settings = Readonly<Record<string, string>>;

/**
 * Settings that point at what the stack runs itself. A value for the cloud that happens to be in the environment of the
 * terminal must not lead a laptop to a real database or a real account.
 */
const ownSettings = [
  "DATABASE_URL",
  "TENCENT_SECRET_ID",
  "TENCENT_SECRET_KEY",
  "TENCENT_TOKEN",
  "WECHAT_APP_ID",
  "WECHAT_APP_SECRET",
  "SIMULATOR_URL",
];

/** Splits the environment of the terminal into what may override the defaults and the names that may not. */
export function overridesFrom(env: Readonly<Record<string, string | undefined>>): {
  overrides: Settings;
  ignored: string[];
} {
  const given = Object.entries(env).flatMap(([key, value]) => (value ? [[key, value] as const] : []));
  return {
    overrides: Object.fromEntries(given.filter(([key]) => !ownSettings.includes(key))),
    ignored: given.map(([key]) => key).filter((key) => ownSettings.includes(key)),
  };
}

/** The overrides that are settings of this bundle; the rest of the environment is left out. */
export function settingsIn(bundle: Bundle, given: Readonly<Record<string, string | undefined>>): Settings {
  const names = new Set(
    Object.values(bundle.functions).flatMap(({ environment }) => Object.keys(environment)),
  );
  return Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) =>
      value !== undefined && names.has(key) ? [[key, value]] : [],
    ),
  );
}

/** Where the parts of the stack are. */
export interface StackAddresses {
  readonly url: string;
  readonly databaseUrl: string;
  /** Absolute. */
  readonly localDir: string;
}

/** Made from another secret, so that it stays the same over a restart. */
const webhookSecretOf = ({ authSecret }: Secrets): string =>
  `whsec_${createHmac("sha256", authSecret).update("webhook").digest("base64")}`;

/** The defaults of local mode. The simulated credentials are the contract's, the same on every machine. */
export function localSettings({ url, databaseUrl, localDir }: StackAddresses, secrets: Secrets): Settings {
  return {
    DATABASE_URL: databaseUrl,
    MASTER_KEY: secrets.masterKey,
    AUTH_SECRET: secrets.authSecret,
    PUBLIC_URL: url,
    // The local page shows what arrives; a WEBHOOK_URL of the developer's takes its place.
    WEBHOOK_URL: `${url}/_local/webhooks`,
    WEBHOOK_SECRET: webhookSecretOf(secrets),
    RETURN_URL_ORIGINS: "https://shop.example",
    ARCHIVE_URL: `file:${join(localDir, "evidence")}`,
    // Wider than in the cloud: on a laptop everybody is the same demo person.
    LIMIT_PER_OWNER: "120/1m,1000/1d",
    LIMIT_PER_PERSON: "60/1m,500/1d",
    ...simulatedSettings,
  };
}
