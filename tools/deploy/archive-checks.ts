/** What is wrong with the evidence of a deployment: where it goes, what is kept, and for how long. */
import { resolveEnvironment } from "../build/serverless-yml.ts";
import { type Text, text } from "../language/index.ts";
import { archiveFolder, archiveUrlProblem } from "./archive-url.ts";
import type { Deployment, Environment } from "./deployment.ts";
import type { DesiredFunction } from "./plan.ts";

/** What is checked. */
interface CheckedDeploy {
  readonly deployment: Deployment;
  readonly desired: readonly DesiredFunction[];
  readonly env: Environment;
}

const archiveUrls = (desired: readonly DesiredFunction[]): string[] => [
  ...new Set(desired.flatMap(({ environment }) => environment["ARCHIVE_URL"] || [])),
];

/** What stops a deploy. */
export const archiveProblems = ({ deployment, desired, env }: CheckedDeploy): Text[] => [
  ...archiveUrls(desired).flatMap((url) => {
    const problem = archiveUrlProblem(url);
    return problem ? [text(`${problem.why}; ${problem.fix}.`, `${problem.why}；${problem.fix}。`)] : [];
  }),
  ...desired
    .filter(({ key, environment }) => key === "archive" && !environment["ARCHIVE_EVIDENCE"])
    // Its default is for local mode: here it would decide for the customer to keep faces.
    .map(() =>
      text(
        "ARCHIVE_EVIDENCE is missing; set what evidence to keep: of text, id-card, best-frame, video and intention, or none.",
        "没有设置 ARCHIVE_EVIDENCE；请设置要保存的证据：text、id-card、best-frame、video、intention 中的若干项，或 none。",
      ),
    ),
  ...(keepsFacesForGood(deployment, desired, env)
    ? [
        text(
          "RETENTION_DAYS is missing, and ARCHIVE_EVIDENCE keeps faces; set after how many days they are erased.",
          "没有设置 RETENTION_DAYS，而 ARCHIVE_EVIDENCE 会留存人脸；请设置多少天后删除。",
        ),
      ]
    : []),
];

/** One function keeps faces and another one erases them: this is asked whichever of the two is deployed. */
function keepsFacesForGood({ functions }: Deployment, desired: CheckedDeploy["desired"], env: Environment) {
  const { archive, maintain } = functions;
  if (!desired.some(({ key }) => key === "archive" || key === "maintain") || !archive) return false;
  const { ARCHIVE_EVIDENCE: kinds } = resolveEnvironment(archive, env);
  const { RETENTION_DAYS: days } = maintain ? resolveEnvironment(maintain, env) : {};
  return keepsFaces(kinds) && !days;
}

/** Of all kinds, the text alone shows nobody's face. */
const keepsFaces = (kinds: string | undefined): boolean =>
  (kinds ?? "").split(",").some((kind) => !["", "none", "text"].includes(kind.trim()));

/** What only a person can know. */
export const archiveWarnings = (desired: readonly DesiredFunction[]): Text[] =>
  archiveUrls(desired)
    .flatMap((url) => (archiveUrlProblem(url) ? [] : (archiveFolder(url) ?? [])))
    .map((folder) =>
      text(
        `ARCHIVE_URL is a folder (${folder}): mount a CFS file system there for the functions archive and maintain, or all evidence is lost when an instance ends.`,
        `ARCHIVE_URL 是一个目录（${folder}）：请在该路径为函数 archive 和 maintain 挂载 CFS 文件系统，否则实例结束时证据全部丢失。`,
      ),
    );
