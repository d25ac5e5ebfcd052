/** A mistake in a mini-program, with its place and its remedy. */
import type ts from "typescript";
import type { Text } from "../../language/index.ts";
import type { Project, Script, SourceFile } from "./project.ts";

/** One mistake. */
export interface Finding {
  /** Stable, for those who look it up. */
  readonly rule: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly what: Text;
  readonly fix: Text;
}

/** Where a rule found it. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** A kind of mistake. */
export interface Rule {
  readonly name: string;
  readonly what: Text;
  readonly fix: Text;
  /** Every place of it. */
  find(project: Project): readonly Place[];
}

/** A place in a script. */
export const placeOf = ({ path, tree }: Script, node: ts.Node): Place => ({
  file: path,
  line: tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1,
});

/** The line of the first match in a file; its first line if there is none. */
export function lineOf({ path, text }: SourceFile, pattern: RegExp): Place {
  const at = text.search(pattern);
  return { file: path, line: at < 0 ? 1 : text.slice(0, at).split("\n").length };
}
