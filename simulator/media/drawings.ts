import { isInked, WORD_COLUMNS } from "./lettering.ts";
import { type Colour, grain, inEllipse, paint, type Raster } from "./raster.ts";

const INK: Colour = [190, 30, 45];

/** A drawn face, 288 × 384; `variant` chooses the colours, `moment` (any integer) how far the mouth is open. */
export function drawFace(variant: number, moment: number): Raster {
  const width = 288;
  const height = 384;
  const hue = (variant * 47) % 90;
  const sway = Math.round(6 * Math.sin(moment / 2));
  const mouth = 4 + 5 * Math.abs(Math.sin(moment));
  return paint(width, height, (x, y) => {
    const noise = 7 * grain(x, y, variant * 101 + moment);
    const colour = stamped(x, y, width, 12, 2) ?? faceColour(x - sway, y, hue, mouth, variant);
    return [colour[0] + noise, colour[1] + noise, colour[2] + noise];
  });
}

function faceColour(x: number, y: number, hue: number, mouth: number, variant: number): Colour {
  const eye = inEllipse(x, y, 114, 170, 11, 7) || inEllipse(x, y, 174, 170, 11, 7);
  if (eye) return [30, 28, 34];
  if (inEllipse(x, y, 144, 244, 26, mouth)) return [150, 60, 70];
  if (inEllipse(x, y, 144, 208, 7, 16)) return [205, 160, 130];
  if (inEllipse(x, y, 144, 190, 74, 100)) return y < 120 ? [40, 34, 36] : [232, 190 + (variant % 12), 160];
  if (inEllipse(x, y, 144, 180, 86, 112)) return [40, 34, 36];
  if (inEllipse(x, y, 144, 400, 128, 110)) return [70 + hue, 96, 150 - hue];
  return [205 + y / 16, 215 - hue / 3, 225 - y / 12];
}

/** A drawn card, 428 × 270, with bars where the print would be: no name and no number is on it. */
export function drawCard(variant: number, side: "front" | "back"): Raster {
  const width = 428;
  const height = 270;
  return paint(width, height, (x, y) => {
    const noise = 5 * grain(x, y, variant * 31 + (side === "front" ? 1 : 2));
    const colour = stamped(x, y, width, 236, 2) ?? cardColour(x, y, side, variant);
    return [colour[0] + noise, colour[1] + noise, colour[2] + noise];
  });
}

function cardColour(x: number, y: number, side: "front" | "back", variant: number): Colour {
  const row = Math.floor((y - 30) / 36);
  const bar = y > 30 && y < 210 && (y - 30) % 36 < 14;
  if (side === "front") {
    if (inEllipse(x, y, 340, 110, 40, 52)) return [228, 188, 160];
    if (x > 280 && x < 400 && y > 40 && y < 200) return [196, 210, 224];
    if (bar && x > 30 && x < 120 + ((row * 67 + variant * 13) % 120)) return [70, 84, 110];
  } else {
    if (inEllipse(x, y, 80, 80, 44, 44)) return [198, 60, 60];
    if (bar && x > 150 && x < 280 + ((row * 45 + variant * 17) % 110)) return [90, 90, 110];
  }
  return [222 - y / 14, 232, 238 - x / 20];
}

/** The stamp's colour when the point is inked, else undefined; the word is centred, its top at `top`. */
function stamped(x: number, y: number, width: number, top: number, scale: number): Colour | undefined {
  const left = Math.floor((width - WORD_COLUMNS * scale) / 2);
  return isInked(Math.floor((x - left) / scale), Math.floor((y - top) / scale)) ? INK : undefined;
}
