/** A picture in memory: `pixels` holds red, green, blue for each pixel, row by row, 0–255 each. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Red, green, blue; 0–255 each. */
export type Colour = readonly [number, number, number];

/** Paints every pixel of a new raster by asking `colourAt`. */
export function paint(width: number, height: number, colourAt: (x: number, y: number) => Colour): Raster {
  const pixels = new Uint8Array(width * height * 3);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [red, green, blue] = colourAt(x, y);
      pixels[at++] = clamp(red);
      pixels[at++] = clamp(green);
      pixels[at++] = clamp(blue);
    }
  }
  return { width, height, pixels };
}

/** True when the point lies in the axis-parallel ellipse around (cx, cy) with the radii rx and ry. */
export function inEllipse(x: number, y: number, cx: number, cy: number, rx: number, ry: number): boolean {
  return ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1;
}

/** A repeatable grain in −1…1, so that a picture has the size of a photograph and the same seed the same bytes. */
export function grain(x: number, y: number, seed: number): number {
  let mixed = (x * 374_761_393 + y * 668_265_263 + seed * 2_246_822_519) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 13), 1_274_126_177);
  return ((mixed ^ (mixed >>> 16)) & 0xffff) / 0x7fff - 1;
}

function clamp(value: number): number {
  return Math.min(255, Math.max(0, value));
}
