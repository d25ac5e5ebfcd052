/** One flow at a provider, as it truly is. */
import type { Identity } from "../support/people.ts";

/** One try of the person. */
export interface Try {
  readonly seq: string;
  readonly at: number;
  readonly code: number;
}

/** What a piece of evidence is broken by, for good. */
export type Broken = "best-frame" | "video" | "text";

/** One flow, as it truly is. */
export interface Flow {
  readonly service: "faceid" | "eid" | "wechat-v1" | "wechat-v2";
  readonly token: string;
  readonly verificationId: string;
  readonly asked: Identity | undefined;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly purgeAt: number;
  readonly tries: Try[];
  /** Who is in front of the camera; the person asked for unless the story says otherwise. */
  person: Identity | undefined;
  /** WeChat's name for the user, where WeChat is the provider. */
  openid: string;
  broken: Broken | undefined;
}

/** True once the person asked for has passed, by the provider's word. */
export const hasPassed = ({ asked, person, tries }: Flow): boolean =>
  tries.at(-1)?.code === 0 && (!asked || person?.idCardNumber === asked.idCardNumber);

/** The bytes of a medium: those of a JPEG or an MP4 by their front, and recognisable wherever they turn up. */
export function mediumOf({ token }: Flow, name: string): Buffer {
  const front = name.startsWith("video")
    ? Buffer.from("\0\0\0\x18ftypisom", "latin1")
    : Buffer.from([0xff, 0xd8, 0xff, 0xe0]);
  return Buffer.concat([front, Buffer.from(`CANARY-FACE ${token} ${name} `.repeat(8))]);
}

/** Files that the archive must hold of a flow, by name, with what is in them; `undefined` for text that only has to be there. */
export function evidenceOf(flow: Flow): Map<string, Buffer | undefined> {
  const files = new Map<string, Buffer | undefined>();
  if (flow.tries.length === 0) return files;
  if (flow.service.startsWith("wechat")) {
    if (hasPassed(flow)) files.set("best-frame.jpg", mediumOf(flow, "best-frame"));
    return files;
  }
  if (flow.broken !== "text") files.set("text.json", undefined);
  if (flow.broken !== "best-frame") {
    files.set("best-frame.jpg", mediumOf(flow, "best-frame"));
    files.set("best-frame-1.jpg", mediumOf(flow, "best-frame-1"));
  }
  if (flow.service === "faceid" && flow.broken !== "video") files.set("video.mp4", mediumOf(flow, "video"));
  return files;
}

/** Whether a piece is broken that the flow would have. */
export const isBroken = ({ broken, service }: Flow): boolean =>
  broken !== undefined && !(broken === "video" && service !== "faceid");
