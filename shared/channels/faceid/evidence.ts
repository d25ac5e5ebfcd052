/** Reads evidence from an answer's sections, the same for FaceID and eID: base64 decoded piece by piece. */
import { decodeBase64 } from "../../providers/base64.ts";
import { ProviderError } from "../../providers/provider-error.ts";
import type { DetectInfoAnswer } from "../../providers/tencent-cloud/index.ts";
import type { EvidenceKind, EvidencePiece } from "../types.ts";

/** InfoType of each kind (Tencent docs 1007/41957 and 1007/54090). */
export const INFO_TYPES: Readonly<Record<EvidenceKind, string>> = {
  text: "1",
  "id-card": "2",
  "best-frame": "3",
  video: "4",
};

/** The sections to read. The caller chooses what is kept as text: all that is in `text`, as the provider wrote it. */
export type EvidenceSections = Pick<DetectInfoAnswer, "IdCardData" | "BestFrame" | "VideoData"> & {
  readonly text: object | null | undefined;
};

/** The pieces of one kind; empty if the provider has none of it. Throws `ProviderError` for media cut or garbled. */
export function evidenceIn(sections: EvidenceSections, kind: EvidenceKind): EvidencePiece[] {
  switch (kind) {
    case "text": {
      if (!sections.text) return [];
      const bytes = Buffer.from(`${JSON.stringify(sections.text, null, 2)}\n`, "utf8");
      return [{ kind, name: "text.json", mediaType: "application/json", bytes }];
    }
    case "id-card":
      return [
        ...image(kind, "id-card-front", sections.IdCardData?.OcrFront),
        ...image(kind, "id-card-back", sections.IdCardData?.OcrBack),
      ];
    case "best-frame":
      return [
        ...image(kind, "best-frame", sections.BestFrame?.BestFrame),
        ...(sections.BestFrame?.BestFrames ?? []).flatMap((frame, index) =>
          image(kind, `best-frame-${index + 1}`, frame),
        ),
      ];
    case "video": {
      const video = sections.VideoData?.LivenessVideo;
      return video ? [{ kind, name: "video.mp4", mediaType: "video/mp4", bytes: decode(video) }] : [];
    }
  }
}

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

function image(kind: EvidenceKind, name: string, encoded: string | null | undefined): EvidencePiece[] {
  if (!encoded) return [];
  const bytes = decode(encoded);
  const png = bytes.subarray(0, PNG_SIGNATURE.length).equals(PNG_SIGNATURE);
  return [
    { kind, name: `${name}.${png ? "png" : "jpg"}`, mediaType: png ? "image/png" : "image/jpeg", bytes },
  ];
}

/** Cut or garbled evidence must not be stored as if it were whole. */
function decode(encoded: string): Buffer {
  const bytes = decodeBase64(encoded);
  if (!bytes) throw new ProviderError("malformed", "evidence", { hint: "media is not base64" });
  return bytes;
}
