/** Evidence of a FaceID flow: one InfoType a call, base64 decoded piece by piece. */
import { ProviderError } from "../providers/provider-error.ts";
import type { FaceId } from "../providers/tencent-cloud/faceid.ts";
import type { EvidenceKind, EvidencePiece } from "./types.ts";

/** InfoType of each kind (Tencent doc 1007/41957). */
const infoTypes: Readonly<Record<EvidenceKind, string>> = {
  text: "1",
  "id-card": "2",
  "best-frame": "3",
  video: "4",
};

/** The most that one call gives; more is clamped by the service. */
const bestFramesCount = 10;

/** Fetches one kind; empty if the provider has none of it. */
export async function faceIdEvidence(
  client: FaceId,
  query: { readonly BizToken: string; readonly RuleId: string },
  kind: EvidenceKind,
): Promise<EvidencePiece[]> {
  const answer = await client.getDetectInfoEnhanced({
    ...query,
    InfoType: infoTypes[kind],
    ...(kind === "best-frame" && { BestFramesCount: bestFramesCount }),
  });
  switch (kind) {
    case "text":
      if (!answer.Text) return [];
      return [
        {
          kind,
          name: "text.json",
          mediaType: "application/json",
          bytes: Buffer.from(`${JSON.stringify(answer.Text, null, 2)}\n`, "utf8"),
        },
      ];
    case "id-card":
      return [
        ...image(kind, "id-card-front", answer.IdCardData?.OcrFront),
        ...image(kind, "id-card-back", answer.IdCardData?.OcrBack),
      ];
    case "best-frame":
      return [
        ...image(kind, "best-frame", answer.BestFrame?.BestFrame),
        ...(answer.BestFrame?.BestFrames ?? []).flatMap((frame, i) =>
          image(kind, `best-frame-${i + 1}`, frame),
        ),
      ];
    case "video": {
      const video = answer.VideoData?.LivenessVideo;
      return video ? [{ kind, name: "video.mp4", mediaType: "video/mp4", bytes: decode(video) }] : [];
    }
  }
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

function image(kind: EvidenceKind, name: string, encoded: string | null | undefined): EvidencePiece[] {
  if (!encoded) return [];
  const bytes = decode(encoded);
  const png = bytes.subarray(0, pngSignature.length).equals(pngSignature);
  return [
    { kind, name: `${name}.${png ? "png" : "jpg"}`, mediaType: png ? "image/png" : "image/jpeg", bytes },
  ];
}

/** Node's decoder skips what is not base64; evidence that was cut or garbled must not be kept as if it were whole. */
function decode(encoded: string): Buffer {
  const bytes = Buffer.from(encoded, "base64");
  const padding = encoded.endsWith("==") ? 2 : encoded.endsWith("=") ? 1 : 0;
  if (encoded.length % 4 !== 0 || bytes.length !== (encoded.length / 4) * 3 - padding) {
    throw new ProviderError("malformed", "GetDetectInfoEnhanced", { hint: "media is not base64" });
  }
  return bytes;
}
