import { drawCard, drawFace } from "./drawings.ts";
import { encodeJpeg } from "./jpeg.ts";
import { withComments } from "./jpeg-padding.ts";
import { encodeMp4 } from "./mp4.ts";
import type { Raster } from "./raster.ts";

/** The sizes asked for by `POST /_sim/media`, in bytes; null means as small as the drawing comes out. */
export interface MediaSizes {
  imageBytes: number | null;
  videoBytes: number | null;
}

/** No drawing is larger than this, so that from here on a size asked for is met to the byte. */
export const SMALLEST_IMAGE_BYTES = 128 * 1024;
/** No film is larger than this before padding. */
export const SMALLEST_VIDEO_BYTES = 1024 * 1024;
/** 25 MiB, the largest evidence anyone has to plan for. */
export const LARGEST_MEDIA_BYTES = 25 * 1024 * 1024;

const VARIANTS = 4;
const QUALITY = 82;
const FILM_FRAMES = 10;
/** The mouth opens and closes again: after so many frames the film repeats, which halves the drawing. */
const FILM_MOMENTS = 5;

/**
 * The pictures and films that a flow leaves behind. The bytes follow from `seed` (the token) and the sizes alone, so the
 * same query answers the same bytes; two tokens never share a file, because each file carries its seed as a comment.
 */
export class Evidence {
  readonly sizes: MediaSizes = { imageBytes: null, videoBytes: null };
  private readonly drawn = new Map<string, Buffer>();

  /** The n-th best frame: a JPEG of a drawn face, 288 × 384. */
  bestFrame(seed: string, index: number): Buffer {
    const variant = variantOf(seed);
    return withComments(
      this.face(variant, index),
      `Simulated best frame ${index} of ${seed}`,
      this.sizes.imageBytes,
    );
  }

  /** One side of the ID card, or its portrait: a JPEG without any name or number on it. */
  card(seed: string, part: "front" | "back" | "avatar"): Buffer {
    const variant = variantOf(seed);
    const bare =
      part === "avatar"
        ? this.face(variant, 0)
        : this.encoded(`card ${part} ${variant}`, () => drawCard(variant, part));
    return withComments(bare, `Simulated ID card (${part}) of ${seed}`, this.sizes.imageBytes);
  }

  /** The liveness video: an MP4 of two seconds. */
  video(seed: string): Buffer {
    const variant = variantOf(seed);
    const frames = Array.from({ length: FILM_FRAMES }, (_, moment) =>
      this.face(variant, moment % FILM_MOMENTS),
    );
    const film = { frames, width: 288, height: 384, rate: 5 };
    return encodeMp4(film, `Simulated liveness video of ${seed}`, this.sizes.videoBytes);
  }

  private face(variant: number, moment: number): Buffer {
    return this.encoded(`face ${variant} ${moment}`, () => drawFace(variant, moment));
  }

  /** Encoding is slow (tens of milliseconds), and there are few drawings: each is made once. */
  private encoded(name: string, draw: () => Raster): Buffer {
    const known = this.drawn.get(name);
    if (known) return known;
    const made = encodeJpeg(draw(), QUALITY);
    this.drawn.set(name, made);
    return made;
  }
}

function variantOf(seed: string): number {
  let sum = 0;
  for (const character of seed) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return sum % VARIANTS;
}
