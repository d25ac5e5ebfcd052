/** Text in columns, for people. */
import { padded, widthOf } from "../../language/index.ts";

/** Rows with columns of equal width; columns of numbers go to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) =>
    Math.max(...lines.map((line) => widthOf(String(line[column] ?? "")))),
  );
  const right = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === "number"),
  );
  const write = (line: readonly (string | number)[]) =>
    line
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return right[column]
          ? " ".repeat(width - widthOf(String(cell))) + String(cell)
          : padded(String(cell), width);
      })
      .join("  ")
      .trimEnd();
  return lines.map(write).join("\n");
}

/** A time to the second, in UTC, or a dash. */
export const time = (date: Date | null): string =>
  date ? `${date.toISOString().slice(0, 19).replace("T", " ")}Z` : "-";

/** A size with its unit. */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
