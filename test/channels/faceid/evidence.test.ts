import { describe, expect, test } from "vitest";
import { EID_EVIDENCE } from "../../../shared/channels/eid/channel.ts";
import { evidenceIn, FACEID_EVIDENCE } from "../../../shared/channels/faceid/evidence.ts";
import { miniProgramChannel } from "../../../shared/channels/mini-program/index.ts";
import { EVIDENCE_KINDS, type EvidenceKind } from "../../../shared/channels/types.ts";
import type { FaceId } from "../../../shared/providers/tencent-cloud/faceid.ts";
import { exampleOf, leavesOf } from "./vendor-types.ts";

const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 4]);
const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const film = Buffer.from("a film of nine bytes or more");
const sound = Buffer.from("RIFF\0\0\0\0WAVEfmt ", "latin1");
const encoded = (bytes: Buffer) => bytes.toString("base64");

type Answer = Parameters<typeof evidenceIn>[0];

/** Where each kind of media stands in an answer, beside others that can be read. */
const answersWith: Readonly<Record<string, [EvidenceKind, (media: unknown) => Answer]>> = {
  "card's front": [
    "id-card",
    (media) => ({ IdCardData: { OcrFront: media, OcrBack: encoded(jpeg), WarnInfos: [-9102] } }),
  ],
  "card's back": ["id-card", (media) => ({ IdCardData: { OcrFront: encoded(jpeg), OcrBack: media } })],
  "best frame": ["best-frame", (media) => ({ BestFrame: { BestFrame: media, BestFrames: [encoded(jpeg)] } })],
  "further frame": [
    "best-frame",
    (media) => ({ BestFrame: { BestFrame: encoded(jpeg), BestFrames: [media] } }),
  ],
  video: ["video", (media) => ({ VideoData: { LivenessVideo: media, LivenessVideos: [{ Seq: "1" }] } })],
  "reading aloud": [
    "intention",
    (media) => ({ IntentionVerifyData: { IntentionVerifyVideo: media, AsrResult: "我同意" } }),
  ],
  nod: [
    "intention",
    (media) => ({ IntentionActionResult: { Details: [{ Video: media, ScreenShot: [encoded(jpeg)] }] } }),
  ],
};

describe("evidence in an answer of FaceID", () => {
  test("is every picture with its number and type, the films, the sounds, and all that is said beside them", () => {
    const answer = {
      Text: { ErrCode: 0, LivenessInfoTag: ["01"] },
      IdCardData: {
        OcrFront: encoded(jpeg),
        OcrBack: encoded(png),
        ProcessedFrontImage: encoded(jpeg),
        ProcessedBackImage: encoded(png),
        Avatar: encoded(jpeg),
        WarnInfos: [-9102],
      },
      BestFrame: { BestFrame: encoded(png), BestFrames: [encoded(jpeg), encoded(png)] },
      VideoData: { LivenessVideo: encoded(film), LivenessVideos: null },
      IntentionVerifyData: {
        IntentionVerifyAudio: encoded(sound),
        IntentionVerifyBestFrame: encoded(jpeg),
        ErrorCode: 0,
        AsrResult: "我同意",
      },
      IntentionQuestionResult: { Video: encoded(film), ScreenShot: [encoded(jpeg)], Audios: [encoded(film)] },
      IntentionActionResult: {
        Details: [{ Video: encoded(film), ScreenShot: [encoded(jpeg), encoded(png)] }],
      },
      IsVerifyIntention: true,
      Unheard: { Of: "yet" },
    };
    const { pieces, unreadable, excluded } = evidenceIn(answer, EVIDENCE_KINDS);
    expect(unreadable).toEqual([]);
    expect(excluded).toEqual([]);
    expect(pieces.map(({ kind, name, mediaType }) => [kind, name, mediaType])).toEqual([
      ["text", "text.json", "application/json"],
      ["id-card", "id-card.json", "application/json"],
      ["id-card", "id-card-front.jpg", "image/jpeg"],
      ["id-card", "id-card-back.png", "image/png"],
      ["id-card", "id-card-front-processed.jpg", "image/jpeg"],
      ["id-card", "id-card-back-processed.png", "image/png"],
      ["id-card", "id-card-avatar.jpg", "image/jpeg"],
      ["best-frame", "best-frame.png", "image/png"],
      ["best-frame", "best-frame-1.jpg", "image/jpeg"],
      ["best-frame", "best-frame-2.png", "image/png"],
      ["video", "video.mp4", "video/mp4"],
      ["intention", "intention.json", "application/json"],
      ["intention", "intention-audio.wav", "audio/wav"],
      ["intention", "intention-best-frame.jpg", "image/jpeg"],
      ["intention", "intention-question-video.mp4", "video/mp4"],
      ["intention", "intention-question-screenshot-1.jpg", "image/jpeg"],
      ["intention", "intention-question-audio-1.bin", "application/octet-stream"],
      ["intention", "intention-action-video-1.mp4", "video/mp4"],
      ["intention", "intention-action-screenshot-1-1.jpg", "image/jpeg"],
      ["intention", "intention-action-screenshot-1-2.png", "image/png"],
    ]);
    const media = pieces.filter(({ mediaType }) => mediaType !== "application/json");
    expect(media.map(({ bytes }) => bytes)).toEqual([
      ...[jpeg, png, jpeg, png, jpeg, png, jpeg, png, film],
      ...[sound, jpeg, film, jpeg, film, film, jpeg, png],
    ]);
    const said = pieces.filter(({ mediaType }) => mediaType === "application/json");
    expect(said.map(({ bytes }) => JSON.parse(String(bytes)))).toEqual([
      { Text: answer.Text, IsVerifyIntention: true, Unheard: { Of: "yet" } },
      { IdCardData: { WarnInfos: [-9102] } },
      { IntentionVerifyData: { ErrorCode: 0, AsrResult: "我同意" } },
    ]);
  });

  test.each([
    ["absent", {}],
    ["null", { Text: null, IdCardData: null, BestFrame: null, VideoData: null, IntentionVerifyData: null }],
    [
      "of nulls and of empty text",
      {
        Text: { ErrCode: null, Name: "" },
        IdCardData: { OcrFront: null, OcrBack: "", WarnInfos: null },
        BestFrame: { BestFrame: " ", BestFrames: null },
        VideoData: { LivenessVideo: null },
        IntentionActionResult: { Details: [{ Video: "", ScreenShot: [] }] },
      },
    ],
  ])("is nothing where the sections are %s", (_, sections) => {
    const answer = { ...sections, IsVerifyIntention: false, IntentionVerifyType: "", RequestId: "8e0c7a52" };
    expect(evidenceIn(answer, EVIDENCE_KINDS)).toEqual({
      pieces: [],
      unreadable: [],
      excluded: ["intention"],
    });
  });

  test("is nothing where an answer says only that there is an intention, and of which kind", () => {
    const answer = { IsVerifyIntention: true, IntentionVerifyType: "1", RequestId: "8e0c7a52" };
    expect(evidenceIn(answer, EVIDENCE_KINDS)).toEqual({ pieces: [], unreadable: [], excluded: [] });
  });

  test.each(
    Object.entries(answersWith).flatMap(([where, [kind, answerWith]]) =>
      (
        [
          ["cut", encoded(film).slice(0, -3)],
          ["with a letter that is none of Base64", `*${encoded(film).slice(1)}`],
          ["of the other alphabet", encoded(Buffer.alloc(9, 0xff)).replaceAll("/", "_")],
          ["that is a number", 7],
          ["that is an object", { Url: "https://media.example" }],
        ] as const
      ).map(([how, media]) => [where, how, kind, answerWith(encoded(jpeg)), answerWith(media)] as const),
    ),
  )("of a %s %s costs none of the others", (_where, how, kind, whole, damaged) => {
    const read = evidenceIn(damaged, [kind]);
    const all = evidenceIn(whole, [kind]);
    expect(all.unreadable).toEqual([]);
    expect(read.unreadable).toEqual(how === "that is an object" ? [] : [kind]);
    const others = all.pieces.filter(({ bytes, name }) => name.endsWith(".json") || bytes.equals(jpeg));
    expect(read.pieces.length).toBeGreaterThanOrEqual(others.length - 1);
    // What is no medium is kept in words.
    if (how === "that is an object") expect(read.pieces.map(String).length).toBeGreaterThan(0);
  });

  // As the formats themselves begin: PNG, JFIF, RIFF, ID3v2, MPEG audio, ISO 14496-12.
  test.each([
    ["\x89PNG\r\n\x1a\n", "png", "image/png"],
    ["\xff\xd8\xff\xe0", "jpg", "image/jpeg"],
    ["RIFF\x24\x00\x00\x00WAVEfmt ", "wav", "audio/wav"],
    ["ID3\x04\x00", "mp3", "audio/mpeg"],
    ["\xff\xfb\x90\x64", "mp3", "audio/mpeg"],
    ["\x00\x00\x00\x18ftypmp42", "mp4", "video/mp4"],
    ["something else", "mp4", "video/mp4"],
  ])("that begins with %j is kept as .%s", (begin, ending, mediaType) => {
    const LivenessVideo = encoded(Buffer.from(begin, "latin1"));
    const { pieces } = evidenceIn({ VideoData: { LivenessVideo } }, ["video"]);
    expect(pieces.map(({ name, mediaType: type }) => [name, type])).toEqual([[`video.${ending}`, mediaType]]);
  });

  test("that begins like no known type is kept as the vendor documents it, and audio as bytes", () => {
    const media = encoded(Buffer.from("something else"));
    const { pieces } = evidenceIn(
      {
        IdCardData: { OcrFront: media },
        BestFrame: { BestFrame: media },
        IntentionVerifyData: { IntentionVerifyVideo: media, IntentionVerifyAudio: media },
        IntentionActionResult: { Details: [{ ScreenShot: [media] }] },
      },
      ["id-card", "best-frame", "intention"],
    );
    expect(pieces.map(({ name, mediaType }) => [name, mediaType])).toEqual([
      ["id-card-front.jpg", "image/jpeg"],
      ["best-frame.jpg", "image/jpeg"],
      ["intention-video.mp4", "video/mp4"],
      ["intention-audio.bin", "application/octet-stream"],
      ["intention-action-screenshot-1-1.jpg", "image/jpeg"],
    ]);
  });

  test.each(["\n", " ", "\r\n", "\t"])("is read with %j in and around its Base64", (space) => {
    const wrapped = `${space}${encoded(film).replace(/.{8}/g, `$&${space}`)}${space}`;
    const { pieces, unreadable } = evidenceIn({ VideoData: { LivenessVideo: wrapped } }, ["video"]);
    expect(unreadable).toEqual([]);
    expect(pieces.map(({ bytes }) => bytes)).toEqual([film]);
  });
});

/**
 * What is no file although its comment speaks of Base64. `LivenessVideos` are paths in object storage, and only with
 * `IsReturnAllVideo`, which is never asked for (Tencent doc 1007/41957); the others are keys and ciphertexts.
 */
const KEPT_IN_WORDS: ReadonlySet<string> = new Set([
  "VideoData.LivenessVideos.Video",
  "EidInfo.DesKey",
  "EidInfo.UserInfo",
]);

describe("of the vendor's own types", () => {
  test.each([
    ["GetDetectInfoEnhancedResponse", FACEID_EVIDENCE.flat()],
    ["GetEidResultResponse", EID_EVIDENCE.flat()],
  ] as const)(
    "every field of %s is kept, and what its comment calls Base64 is kept as a file",
    (type, kinds) => {
      const leaves = leavesOf(type);
      const { pieces, unreadable } = evidenceIn(exampleOf(type), kinds);
      expect(unreadable).toEqual([]);
      const said = pieces.filter(({ mediaType }) => mediaType === "application/json").map(String);
      const text = pieces
        .filter(({ mediaType }) => mediaType === "application/json")
        .map(({ bytes }) => String(bytes))
        .join();
      expect(said.length).toBeGreaterThan(0);
      for (const { path, value, comment } of leaves) {
        const isFile = pieces.some(({ bytes }) => encoded(bytes) === value);
        expect(isFile || text.includes(value), path).toBe(true);
        const isMedium = /base64|音频/i.test(comment) && !KEPT_IN_WORDS.has(path);
        expect(isFile, path).toBe(isMedium);
      }
      expect(leaves.length).toBeGreaterThan(30);
    },
  );
});

test("kinds are asked for by their own InfoTypes, so that no answer brings what was not asked for", async () => {
  const asked: unknown[] = [];
  const client: FaceId = {
    detectAuth: () => Promise.reject(new Error("not asked here")),
    getDetectInfoEnhanced: () => Promise.reject(new Error("not asked here")),
    getRawDetectInfo: async (request) => {
      asked.push(request);
      return {};
    },
  };
  const observed = {
    verificationId: "ver_1",
    owner: "user-1",
    issued: { token: "T", start: {}, account: { ruleId: "R" } },
  };
  for (const kinds of [...FACEID_EVIDENCE, ["text"], ["best-frame", "video"]] as const) {
    expect((await miniProgramChannel(client).fetchEvidence(observed, kinds)).pieces).toEqual([]);
  }
  // Tencent doc 1007/41957: 0 everything, 1 text, 2 ID card, 3 best frames, 4 video, 5 and 6 intention; at most 10 frames.
  expect(asked).toEqual([
    { BizToken: "T", RuleId: "R", InfoType: "123", BestFramesCount: 10 },
    { BizToken: "T", RuleId: "R", InfoType: "4" },
    { BizToken: "T", RuleId: "R", InfoType: "56" },
    { BizToken: "T", RuleId: "R", InfoType: "1" },
    { BizToken: "T", RuleId: "R", InfoType: "34", BestFramesCount: 10 },
  ]);
});
