/** FaceID inside a mini-program: the client hands the BizToken to `wx.startVerify` of `verify_mpsdk`. */
import type { FaceId } from "../providers/tencent-cloud/faceid.ts";
import { faceIdChannel } from "./faceid-channel.ts";
import type { Channel } from "./types.ts";

/** Makes the channel. Without a `ruleId` it can observe and fetch, but not issue. */
export const miniProgram = (client: FaceId, ruleId?: string): Channel =>
  faceIdChannel({
    name: "mini-program",
    client,
    ruleId,
    start: ({ bizToken }) => ({ bizToken }),
  });
