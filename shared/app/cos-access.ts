/** How COS is reached, from settings: with the keys that FaceID is called with, or the simulator in its place. */
import type { CosAccess } from "../archive/stores/index.ts";
import { tencentCloud, tencentSettings } from "../channels/faceid/tencent-cloud.ts";
import type { SettingsOf } from "../config/read.ts";

/** The settings that this takes. */
export const cosAccessSettings = tencentSettings;

/** With `SIMULATOR_URL`, every bucket is one of the simulator's. */
export function cosAccess(settings: SettingsOf<typeof cosAccessSettings>): CosAccess {
  const simulator = settings.SIMULATOR_URL;
  return {
    credential: tencentCloud(settings).credential,
    ...(simulator && { endpointOverride: `${simulator.origin}/cos` }),
  };
}
