const COSINES = Float64Array.from({ length: 64 }, (_, at) => {
  const frequency = at >> 3;
  const scale = frequency === 0 ? Math.sqrt(1 / 8) : Math.sqrt(2 / 8);
  return scale * Math.cos(((2 * (at & 7) + 1) * frequency * Math.PI) / 16);
});

const scratch = new Float64Array(64);

/** The two-dimensional discrete cosine transform of an 8 × 8 block (T.81 Annex A.3.3), in place, rows then columns. */
export function forwardTransform(block: Float64Array): void {
  along(block, scratch);
  along(scratch, block);
}

/** Transforms each row and writes it as a column, so that doing it twice transforms both ways. */
function along(from: Float64Array, to: Float64Array): void {
  for (let row = 0; row < 8; row++) {
    for (let frequency = 0; frequency < 8; frequency++) {
      let sum = 0;
      for (let n = 0; n < 8; n++) sum += (from[row * 8 + n] ?? 0) * (COSINES[frequency * 8 + n] ?? 0);
      to[frequency * 8 + row] = sum;
    }
  }
}
