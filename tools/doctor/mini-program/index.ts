/** Reads an integrator's mini-program and finds what would go wrong for the first user. */
import { text } from "../../language/index.ts";
import type { Finding } from "./finding.ts";
import { readProject } from "./project.ts";
import { callRules } from "./rules/calls.ts";
import { layoutRules } from "./rules/layout.ts";
import { safetyRules } from "./rules/safety.ts";

export { frameworkProject } from "./framework.ts";

/** All kinds of mistakes. */
export const miniProgramRules = [...layoutRules, ...callRules, ...safetyRules];

/** Every mistake in a folder, by file and line. */
export function examineMiniProgram(folder: string): Finding[] {
  const project = readProject(folder);
  return miniProgramRules
    .flatMap(({ name, what, fix, find }) =>
      find(project).map((place) => ({ rule: name, ...place, what, fix })),
    )
    .sort((one, other) => one.file.localeCompare(other.file) || one.line - other.line);
}

/** One mistake for people. */
export const findingLine = ({ rule, file, line, what, fix }: Finding): string =>
  text(
    `${file}:${line}  ${rule}\n  why: ${what}\n  fix: ${fix}`,
    `${file}:${line}  ${rule}\n  原因：${what}\n  办法：${fix}`,
  );
