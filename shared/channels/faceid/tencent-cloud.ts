/** Makes the options of a Tencent Cloud client from settings. Credentials are read per call. */
import type { SettingsOf } from "../../config/read.ts";
import type { Credential, TencentCloudOptions } from "../../providers/tencent-cloud/index.ts";

/** The settings of every channel that asks Tencent Cloud. */
export const tencentSettings = [
  "TENCENT_SECRET_ID",
  "TENCENT_SECRET_KEY",
  "TENCENT_TOKEN",
  "SIMULATOR_URL",
] as const;

type TencentSettings = SettingsOf<typeof tencentSettings>;

/** How this deployment reaches Tencent Cloud. */
export function tencentCloud(settings: TencentSettings): TencentCloudOptions {
  const simulator = settings.SIMULATOR_URL;
  return {
    credential: () => credential(settings),
    ...(simulator && { endpointOverride: { host: simulator.hostname, port: Number(simulator.port || 80) } }),
  };
}

/**
 * Own keys if set, otherwise the role's, which SCF puts into the environment and renews while the instance lives: they
 * must be read at each call. That one of the two exists was checked with the settings.
 */
function credential(settings: TencentSettings): Credential {
  const { TENCENT_SECRET_ID: id, TENCENT_SECRET_KEY: key, TENCENT_TOKEN: token } = settings;
  if (id && key) return { secretId: id, secretKey: key, ...(token && { token }) };
  const role = process.env;
  const roleToken = role["TENCENTCLOUD_SESSIONTOKEN"];
  return {
    secretId: role["TENCENTCLOUD_SECRETID"] ?? "",
    secretKey: role["TENCENTCLOUD_SECRETKEY"] ?? "",
    ...(roleToken && { token: roleToken }),
  };
}
