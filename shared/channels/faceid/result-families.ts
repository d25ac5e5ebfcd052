/** The result families of FaceID and eID: the face, and the intention that may be asked for after it. */
import type { ResultFamily } from "../code-table.ts";
import { faceIdCodes } from "./codes.ts";
import { intentionCodes } from "./intention-codes.ts";

/** A face compared with an ID photo. */
export const faceIdFamily: ResultFamily = {
  codes: faceIdCodes,
  namesOwnerByOpenid: false,
  expiredReason: "neverFinished",
};

/** An intention confirmed after the face. */
export const intentionFamily: ResultFamily = {
  codes: intentionCodes,
  attemptCodes: faceIdCodes, // the provider lists attempts at the face; an intention has none of its own
  namesOwnerByOpenid: false,
  expiredReason: "neverFinished",
};
