/**
 * Reads evidence from an answer, the same for FaceID and eID. Media are decoded one by one, and one that cannot be read costs
 * none of the others. All that is no medium is kept as the provider wrote it, understood or not.
 */
import { decodeBase64, decodeBase64Stream, NotBase64Error } from "../../providers/base64.ts";
import type { JsonPath, LongValues } from "../../providers/long-values.ts";
import type { RawAnswer, RawOptions } from "../../providers/tencent-cloud/index.ts";
import type { EvidenceFile, EvidenceKind, EvidencePiece, FetchedEvidence, FetchOptions } from "../types.ts";

/** InfoType of each kind (Tencent docs 1007/41957 and 1007/54090); digits of several kinds may stand side by side. */
const INFO_TYPES: Readonly<Record<EvidenceKind, string>> = {
  text: "1",
  "id-card": "2",
  "best-frame": "3",
  video: "4",
  intention: "56",
};

/** The InfoType of one call. */
export const infoTypeOf = (kinds: readonly EvidenceKind[]): string =>
  kinds.map((kind) => INFO_TYPES[kind]).join("");

/** What is asked for in one call; a kind that is large, or that few flows have, is a call of its own. */
export const FACEID_EVIDENCE: readonly (readonly EvidenceKind[])[] = [
  ["text", "id-card", "best-frame"],
  ["video"],
  ["intention"],
];

/** The sections of each kind; those that are named nowhere are text. */
const SECTIONS: Readonly<Record<Exclude<EvidenceKind, "text">, readonly string[]>> = {
  "id-card": ["IdCardData"],
  "best-frame": ["BestFrame"],
  video: ["VideoData"],
  intention: ["IntentionVerifyData", "IntentionQuestionResult", "IntentionActionResult"],
};

/** Fields that hold Base64, by their path without indexes, and the name that their file gets, with indexes appended. */
const MEDIA: ReadonlyMap<string, string> = new Map([
  ["IdCardData.OcrFront", "id-card-front"],
  ["IdCardData.OcrBack", "id-card-back"],
  ["IdCardData.ProcessedFrontImage", "id-card-front-processed"],
  ["IdCardData.ProcessedBackImage", "id-card-back-processed"],
  ["IdCardData.Avatar", "id-card-avatar"],
  ["BestFrame.BestFrame", "best-frame"],
  ["BestFrame.BestFrames", "best-frame"],
  ["VideoData.LivenessVideo", "video"],
  ["IntentionVerifyData.IntentionVerifyVideo", "intention-video"],
  ["IntentionVerifyData.IntentionVerifyAudio", "intention-audio"],
  ["IntentionVerifyData.IntentionVerifyBestFrame", "intention-best-frame"],
  ["IntentionQuestionResult.Video", "intention-question-video"],
  ["IntentionQuestionResult.ScreenShot", "intention-question-screenshot"],
  ["IntentionQuestionResult.Audios", "intention-question-audio"],
  ["IntentionActionResult.Details.Video", "intention-action-video"],
  ["IntentionActionResult.Details.ScreenShot", "intention-action-screenshot"],
]);

/** Fields of an answer that say nothing about the person: an answer of only these is an empty one. */
const ENVELOPE: ReadonlySet<string> = new Set(["RequestId", "IsVerifyIntention", "IntentionVerifyType"]);

/**
 * Fetches the kinds: large media go to `takeLarge` while the answer comes, and what else is in the answer is read when it is
 * there. `intention`: as for {@link evidenceIn}.
 */
export async function fetchEvidence(
  query: (options: RawOptions) => Promise<RawAnswer>,
  kinds: readonly EvidenceKind[],
  { takeLarge, ...options }: FetchOptions = {},
  intention = false,
): Promise<FetchedEvidence> {
  const unreadable = new Map<string, EvidenceKind>(); // by name: an answer that broke off is asked for again
  const kindOf = ([section]: JsonPath) =>
    kinds.find((kind) => kind !== "text" && SECTIONS[kind].some((each) => each === section));
  const longValues: LongValues | undefined = takeLarge && {
    isWanted: (path) => kindOf(path) !== undefined && mediumName(path) !== undefined,
    async take(path, text) {
      const [kind, name] = [kindOf(path), mediumName(path)];
      if (!kind || name === undefined) return;
      unreadable.delete(name);
      const bytes = decodeBase64Stream(text);
      try {
        const begin = await firstBytes(bytes, SIGNATURE_BYTES);
        if (begin.length === 0) return;
        await takeLarge({ ...fileOf(kind, name, begin), chunks: startingWith(begin, bytes) });
      } catch (error) {
        if (!(error instanceof NotBase64Error)) throw error;
        unreadable.set(name, kind);
      }
    },
  };
  const answer = await query({ ...options, longValues });
  const read = evidenceIn(answer, kinds, intention);
  return { ...read, unreadable: [...read.unreadable, ...unreadable.values()] };
}

/** The name of the file of a medium at this place; `undefined` if there is none. */
function mediumName(path: JsonPath): string | undefined {
  const name = MEDIA.get(path.filter((step) => typeof step === "string").join("."));
  const indexes = path.filter((step) => typeof step === "number").map((index) => `-${index + 1}`);
  return name === undefined ? undefined : name + indexes.join("");
}

/** At least so many bytes, if there are. */
async function firstBytes(chunks: AsyncIterator<Buffer>, size: number): Promise<Buffer> {
  let begin: Buffer = Buffer.alloc(0);
  while (begin.length < size) {
    const next = await chunks.next();
    if (next.done) break;
    begin = begin.length > 0 ? Buffer.concat([begin, next.value]) : next.value;
  }
  return begin;
}

async function* startingWith<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}

/** What `answer` has of `kinds`. `intention`: we asked for one ourselves, whatever the answer says. */
export function evidenceIn(
  answer: RawAnswer,
  kinds: readonly EvidenceKind[],
  intention = false,
): FetchedEvidence {
  const pieces: EvidencePiece[] = [];
  const unreadable: EvidenceKind[] = [];
  for (const kind of kinds) {
    const read = kind === "text" ? { pieces: textOf(answer), isWhole: true } : readKind(answer, kind);
    pieces.push(...read.pieces);
    if (!read.isWhole) unreadable.push(kind);
  }
  const hasIntention = intention || !isBlank(answer["IsVerifyIntention"]);
  return { pieces, unreadable, excluded: hasIntention ? [] : ["intention"] };
}

function textOf(answer: RawAnswer): EvidencePiece[] {
  const media: readonly string[] = Object.values(SECTIONS).flat();
  const rest = Object.entries(answer).filter(([section]) => !media.includes(section));
  if (rest.every(([section, value]) => ENVELOPE.has(section) || isBlank(value))) return [];
  return [json("text", "text", Object.fromEntries(rest))];
}

interface ReadKind {
  readonly pieces: EvidencePiece[];
  /** False if a medium is there that cannot be read. */
  readonly isWhole: boolean;
}

/** The media of a kind as files, and what else its sections say as JSON. */
function readKind(answer: RawAnswer, kind: Exclude<EvidenceKind, "text">): ReadKind {
  const pieces: EvidencePiece[] = [];
  let isWhole = true;
  /** The value without its media, which become pieces; `undefined` for a medium. */
  const withoutMedia = (value: unknown, path: string, indexes: string): unknown => {
    if (Array.isArray(value)) {
      const rest = value.map((item, index) => withoutMedia(item, path, `${indexes}-${index + 1}`));
      return MEDIA.has(path) ? undefined : rest;
    }
    if (isFields(value)) {
      const fields = Object.entries(value);
      return Object.fromEntries(
        fields.map(([name, field]): [string, unknown] => [
          name,
          withoutMedia(field, `${path}.${name}`, indexes),
        ]),
      );
    }
    const name = MEDIA.get(path);
    if (name === undefined) return value;
    if (isBlank(value)) return undefined;
    const bytes = typeof value === "string" ? decodeBase64(value) : undefined;
    if (bytes) pieces.push({ ...fileOf(kind, `${name}${indexes}`, bytes), bytes });
    else isWhole = false;
    return undefined;
  };
  const rest = SECTIONS[kind].map((section): [string, unknown] => [
    section,
    withoutMedia(answer[section], section, ""),
  ]);
  const facts = Object.fromEntries(rest.filter(([, value]) => !isBlank(value)));
  if (!isBlank(facts)) pieces.unshift(json(kind, kind, facts));
  return { pieces, isWhole };
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** A section may be absent, null, an object of nulls or an object of empty strings: all four mean "nothing there". */
function isBlank(value: unknown): boolean {
  if (value == null || value === false) return true;
  if (typeof value === "string") return value.trim() === "";
  return typeof value === "object" && Object.values(value).every(isBlank);
}

const json = (kind: EvidenceKind, name: string, facts: object): EvidencePiece => ({
  kind,
  name: `${name}.json`,
  mediaType: "application/json",
  bytes: Buffer.from(`${JSON.stringify(facts, null, 2)}\n`, "utf8"),
});

/** How files of a type begin: text at an offset (PNG, JPEG, WAV, MP3, ISO 14496-12). */
const SIGNATURES = [
  [0, "\x89PNG", "png", "image/png"],
  [0, "\xff\xd8", "jpg", "image/jpeg"],
  [8, "WAVE", "wav", "audio/wav"],
  [0, "ID3", "mp3", "audio/mpeg"],
  [0, "\xff\xfb", "mp3", "audio/mpeg"],
  [4, "ftyp", "mp4", "video/mp4"],
] as const;

const SIGNATURE_BYTES = 12;

/** What a medium is that does not begin like any of them: what the vendor says, and for audio, of which it says nothing, bytes. */
function documentedType(name: string) {
  if (name.includes("audio")) return ["bin", "application/octet-stream"] as const;
  return name.includes("video") ? (["mp4", "video/mp4"] as const) : (["jpg", "image/jpeg"] as const);
}

/** What is said of a medium, by its first bytes. */
function fileOf(kind: EvidenceKind, name: string, begin: Buffer): EvidenceFile {
  const head = begin.toString("latin1", 0, SIGNATURE_BYTES);
  const [, , ...known] = SIGNATURES.find(([at, start]) => head.startsWith(start, at)) ?? [];
  const [extension, mediaType] = known[0] && known[1] ? known : documentedType(name);
  return { kind, name: `${name}.${extension}`, mediaType };
}
