/** `getimage` of v1 and v2: bytes if there is a picture, JSON if not. */
import * as z from "zod/mini";
import { ProviderError } from "../provider-error.ts";
import { readAnswer } from "./answer.ts";
import type { WechatClient } from "./http.ts";

/** A picture as WeChat answered it. Personal data. */
export interface FaceImage {
  readonly mediaType: "image/jpeg" | "image/png";
  readonly bytes: Buffer;
}

/** Far above the camera frame that WeChat answers, far below a function's memory. */
const MAX_IMAGE_BYTES = 8 * 1024 * 1024;

/** Asks for the picture; the content type of the answer is not relied on, its first bytes are. */
export async function getFaceImage(
  client: WechatClient,
  accessToken: string,
  body: Readonly<Record<string, string>>,
): Promise<FaceImage> {
  const bytes = await client.send({
    operation: "getimage",
    method: "POST",
    path: "/cityservice/face/identify/getimage",
    query: { access_token: accessToken },
    body,
    maxBytes: MAX_IMAGE_BYTES,
  });
  const mediaType = imageType(bytes);
  if (mediaType !== undefined) return { mediaType, bytes };
  readAnswer("getimage", bytes, z.unknown());
  throw new ProviderError("malformed", "getimage", { hint: "neither a picture nor an error" });
}

function imageType(bytes: Buffer): FaceImage["mediaType"] | undefined {
  if (bytes.subarray(0, 3).toString("hex") === "ffd8ff") return "image/jpeg";
  if (bytes.subarray(0, 8).toString("hex") === "89504e470d0a1a0a") return "image/png";
  return undefined;
}
