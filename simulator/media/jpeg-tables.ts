/** The example tables of ITU-T T.81 (JPEG), Annex K, and the order in which a block's coefficients are written. */

/** Position in the block (row × 8 + column) of the n-th coefficient written (T.81 figure 5). */
export const ZIGZAG: readonly number[] = zigzag();

/** Quantisation of luminance at quality 50 (T.81 table K.1), row by row. */
export const LUMINANCE_STEPS: readonly number[] = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22,
  29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103,
  121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];

/** Quantisation of chrominance at quality 50 (T.81 table K.2), row by row. */
export const CHROMINANCE_STEPS: readonly number[] = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
];

/** A Huffman table as a DHT segment states it: how many codes of each length 1–16, then the symbols in order. */
export interface HuffmanTable {
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
}

/** Codes for the DC differences (T.81 table K.3). */
export const DC_TABLE: HuffmanTable = {
  counts: [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
  symbols: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
};

/** Codes for the AC coefficients (T.81 table K.5); its symbols are run length × 16 + size. */
export const AC_TABLE: HuffmanTable = {
  counts: [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125],
  symbols: hex(
    "0102030004110512213141061351610722711432" +
      "8191a1082342b1c11552d1f02433627282090a16" +
      "1718191a25262728292a3435363738393a434445" +
      "464748494a535455565758595a63646566676869" +
      "6a737475767778797a838485868788898a929394" +
      "95969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6" +
      "b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8" +
      "d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8" +
      "f9fa",
  ),
};

function hex(text: string): number[] {
  return [...Buffer.from(text, "hex")];
}

function zigzag(): number[] {
  const order: number[] = [];
  for (let diagonal = 0; diagonal < 15; diagonal++) {
    for (let step = 0; step <= diagonal; step++) {
      const [row, column] = diagonal % 2 === 0 ? [diagonal - step, step] : [step, diagonal - step];
      if (row < 8 && column < 8) order.push(row * 8 + column);
    }
  }
  return order;
}
