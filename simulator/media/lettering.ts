/**
 * Five-by-seven letters, only those of the word that every simulated picture carries: nobody who finds one of these
 * pictures in an archive shall take it for a person.
 */
const LETTERS: Readonly<Record<string, readonly string[]>> = {
  S: [".####", "#....", "#....", ".###.", "....#", "....#", "####."],
  I: ["#####", "..#..", "..#..", "..#..", "..#..", "..#..", "#####"],
  M: ["#...#", "##.##", "#.#.#", "#...#", "#...#", "#...#", "#...#"],
  U: ["#...#", "#...#", "#...#", "#...#", "#...#", "#...#", ".###."],
  L: ["#....", "#....", "#....", "#....", "#....", "#....", "#####"],
  A: [".###.", "#...#", "#...#", "#####", "#...#", "#...#", "#...#"],
  T: ["#####", "..#..", "..#..", "..#..", "..#..", "..#..", "..#.."],
  E: ["#####", "#....", "#....", "####.", "#....", "#....", "#####"],
  D: ["####.", "#...#", "#...#", "#...#", "#...#", "#...#", "####."],
};

const WORD = "SIMULATED";
const COLUMNS_PER_LETTER = 6;

/** Columns of the word in letter dots; multiply by the scale for pixels. */
export const WORD_COLUMNS = WORD.length * COLUMNS_PER_LETTER;

/** True when the dot in `column`, `row` (0–6) of the word is inked. */
export function isInked(column: number, row: number): boolean {
  const letter = WORD[Math.floor(column / COLUMNS_PER_LETTER)];
  if (letter === undefined || column < 0) return false;
  return LETTERS[letter]?.[row]?.[column % COLUMNS_PER_LETTER] === "#";
}
