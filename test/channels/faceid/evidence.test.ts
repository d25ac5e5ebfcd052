import { describe, expect, test } from "vitest";
import { evidenceIn } from "../../../shared/channels/faceid/evidence.ts";
import { miniProgramChannel } from "../../../shared/channels/mini-program/index.ts";
import type { EvidenceKind } from "../../../shared/channels/types.ts";
import type { FaceId } from "../../../shared/providers/tencent-cloud/faceid.ts";

const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 4]);
const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const film = Buffer.from("a film of nine bytes or more");
const encoded = (bytes: Buffer) => bytes.toString("base64");

/** Where each kind of media stands in an answer. */
const sectionsWith: Readonly<Record<string, (media: string) => Parameters<typeof evidenceIn>[0]>> = {
  "card's front": (media) => ({ text: null, IdCardData: { OcrFront: media, OcrBack: encoded(jpeg) } }),
  "card's back": (media) => ({ text: null, IdCardData: { OcrFront: encoded(jpeg), OcrBack: media } }),
  "best frame": (media) => ({ text: null, BestFrame: { BestFrame: media } }),
  "further frame": (media) => ({
    text: null,
    BestFrame: { BestFrame: encoded(jpeg), BestFrames: [encoded(jpeg), media] },
  }),
  video: (media) => ({ text: null, VideoData: { LivenessVideo: media } }),
};
const kindOf = (where: string): EvidenceKind =>
  where === "video" ? "video" : where.startsWith("card") ? "id-card" : "best-frame";

describe("evidence in an answer of FaceID", () => {
  test("is every picture with its number and type, and the film", () => {
    const sections = {
      text: { ErrCode: 0 },
      IdCardData: { OcrFront: encoded(jpeg), OcrBack: encoded(png) },
      BestFrame: { BestFrame: encoded(png), BestFrames: [encoded(jpeg), encoded(png)] },
      VideoData: { LivenessVideo: encoded(film) },
    };
    const kinds = ["text", "id-card", "best-frame", "video"] as const;
    const pieces = kinds.flatMap((kind) => evidenceIn(sections, kind));
    expect(pieces.map(({ kind, name, mediaType }) => [kind, name, mediaType])).toEqual([
      ["text", "text.json", "application/json"],
      ["id-card", "id-card-front.jpg", "image/jpeg"],
      ["id-card", "id-card-back.png", "image/png"],
      ["best-frame", "best-frame.png", "image/png"],
      ["best-frame", "best-frame-1.jpg", "image/jpeg"],
      ["best-frame", "best-frame-2.png", "image/png"],
      ["video", "video.mp4", "video/mp4"],
    ]);
    expect(pieces.slice(1).map(({ bytes }) => bytes)).toEqual([jpeg, png, png, jpeg, png, film]);
    expect(JSON.parse(String(pieces[0]?.bytes))).toEqual({ ErrCode: 0 });
  });

  test("is nothing where the answer has none", () => {
    for (const kind of ["text", "id-card", "best-frame", "video"] as const) {
      expect(evidenceIn({ text: null }, kind)).toEqual([]);
      expect(
        evidenceIn(
          {
            text: undefined,
            IdCardData: { OcrFront: null, OcrBack: "" },
            BestFrame: { BestFrame: null, BestFrames: null },
            VideoData: { LivenessVideo: null },
          },
          kind,
        ),
      ).toEqual([]);
    }
  });

  test.each(
    Object.keys(sectionsWith).flatMap((where) => [
      [where, "cut", encoded(film).slice(0, -3)],
      [where, "with a letter that is none of Base64", `*${encoded(film).slice(1)}`],
      [where, "of the other alphabet", encoded(Buffer.alloc(9, 0xff)).replaceAll("/", "_")],
    ]),
  )("is not taken from a %s %s", (where, _, media) => {
    const sections = sectionsWith[where]?.(media) ?? { text: null };
    expect(() => evidenceIn(sections, kindOf(where))).toThrow(
      expect.objectContaining({ name: "ProviderError", kind: "malformed" }),
    );
  });
});

test("each kind is asked for by its own InfoType, so that no answer brings what was not asked for", async () => {
  const asked: unknown[] = [];
  const client: FaceId = {
    detectAuth: () => Promise.reject(new Error("not asked here")),
    getDetectInfoEnhanced: async (request) => {
      asked.push(request);
      return {};
    },
  };
  const observed = {
    verificationId: "ver_1",
    owner: "user-1",
    issued: { token: "T", start: {}, account: { ruleId: "R" } },
  };
  for (const kind of ["text", "id-card", "best-frame", "video"] as const) {
    expect(await miniProgramChannel(client).fetchEvidence(observed, kind)).toEqual([]);
  }
  // Tencent doc 1007/41957: 0 everything, 1 text, 2 ID card, 3 best frames, 4 video; at most 10 frames.
  expect(asked).toEqual([
    { BizToken: "T", RuleId: "R", InfoType: "1" },
    { BizToken: "T", RuleId: "R", InfoType: "2" },
    { BizToken: "T", RuleId: "R", InfoType: "3", BestFramesCount: 10 },
    { BizToken: "T", RuleId: "R", InfoType: "4" },
  ]);
});
