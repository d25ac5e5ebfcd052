/** The vendors' codes of failures that only the device reports. */
import type { Ending } from "./platform.ts";

/** User's cancel: verify_mpsdk, WeChat v1, v2. */
const CANCELLED = /^(-999|90100|9000[2-6])$/;
const CAMERA_REFUSED = /^(90101|9000[89]|90010)$/;
const NOT_PERMITTED = /^(10006|102)$/;
const DEVICE = /^(90001|90109)$/;

/** What `fail` gets: of verify_mpsdk, or of `wx`. */
interface DeviceError {
  ErrorCode?: number | string;
  errCode?: number;
  errno?: number;
  errMsg?: string;
}

/** The person came to an end; WeChat v1 gives a result token. */
export const finished = (verifyResult?: unknown): Ending =>
  typeof verifyResult === "string" ? { how: "finished", verifyResult } : { how: "finished" };

/** What a failure on the device means for the person. The server is asked all the same. */
export function failure({ ErrorCode, errCode, errno, errMsg = "" }: DeviceError = {}): Ending {
  const text = String(ErrorCode || errCode || errno);
  if (CANCELLED.test(text) || /cancel/.test(errMsg)) return { how: "cancelled", code: "cancelled" };
  if (CAMERA_REFUSED.test(text)) return { how: "left", code: "camera_refused" };
  if (NOT_PERMITTED.test(text) || /permission|access denied/.test(errMsg))
    return { how: "unsupported", code: "not_permitted" };
  if (DEVICE.test(text)) return { how: "unsupported", code: "device" };
  return { how: "left" };
}
