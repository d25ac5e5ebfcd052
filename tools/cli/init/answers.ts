/** What `init` must know: from its options, or from questions on a terminal. */
import { placeProblems } from "../../deploy/checks.ts";
import { readDeployment } from "../../deploy/deployment.ts";
import { type Text, text } from "../../language/index.ts";
import { UsageError } from "../command.ts";
import { ask, type Question, type Terminal } from "./ask.ts";
import { channelNames, optionalFunctions } from "./wanted.ts";

/** The options as they were given. */
export interface GivenAnswers {
  readonly stage?: string | undefined;
  readonly region?: string | undefined;
  readonly channels?: string | undefined;
  readonly functions?: string | undefined;
  readonly uin?: string | undefined;
}

const STAGE = "production";
const REGION = "ap-guangzhou";

const listOf = (answer: string): string[] =>
  answer
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);

const placeProblem = (env: Readonly<Record<"STAGE" | "REGION", string>>): Text | undefined =>
  placeProblems(readDeployment(), env)[0];

/** Why a list of names is refused. */
function listProblem(answer: string, known: readonly string[]): Text | undefined {
  const unknown = listOf(answer).find((name) => !known.includes(name));
  if (unknown === undefined) return undefined;
  return text(
    `${JSON.stringify(unknown)} is not one of ${known.join(", ")}.`,
    `${JSON.stringify(unknown)} 不在 ${known.join("、")} 之中。`,
  );
}

const none = text("Name at least one channel.", "请至少写一个核身方式。");

const questions = {
  stage: {
    text: text("Name of this deployment (STAGE)?", "这套部署的名称（STAGE）？"),
    fallback: STAGE,
    problem: (answer) => placeProblem({ STAGE: answer, REGION }),
  },
  region: {
    text: text("Region (REGION)?", "地域（REGION）？"),
    fallback: REGION,
    problem: (answer) => placeProblem({ STAGE, REGION: answer }),
  },
  channels: {
    text: text(`Channels, of ${channelNames.join(",")}?`, `核身方式（${channelNames.join(",")} 中的若干）？`),
    fallback: "",
    problem: (answer) => (listOf(answer).length === 0 ? none : listProblem(answer, channelNames)),
  },
  functions: {
    text: text(
      `Optional functions, of ${optionalFunctions.join(",")}, or none?`,
      `可选的函数（${optionalFunctions.join(",")} 中的若干，或 none）？`,
    ),
    fallback: "none",
    problem: (answer) => listProblem(answer === "none" ? "" : answer, optionalFunctions),
  },
} as const satisfies Readonly<Record<string, Question>>;

type Name = keyof typeof questions;
const names: readonly Name[] = ["stage", "region", "channels", "functions"];

/** Checks what was given, and asks for the rest on the terminal. Without a terminal a missing option is wrong usage. */
export async function answersFrom(given: GivenAnswers, terminal: Terminal | undefined) {
  const answers: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const answer = given[name];
    if (answer === undefined) continue;
    const problem = questions[name].problem(answer);
    if (problem) throw new UsageError(problem);
    answers[name] = answer;
  }
  const open = names.filter((name) => answers[name] === undefined);
  if (terminal) {
    const typed = await ask(
      open.map((name) => questions[name]),
      terminal,
    );
    for (const [index, name] of open.entries()) answers[name] = typed[index] ?? "";
  } else {
    const missing = open.filter((name) => name !== "functions").map((name) => `--${name}`);
    if (missing.length > 0)
      throw new UsageError(
        text(
          `init asks nothing here, and needs ${missing.join(", ")}.`,
          `这里不会提问，init 需要 ${missing.join("、")}。`,
        ),
      );
  }
  const { stage = "", region = "", channels = "", functions = "none" } = answers;
  return {
    stage,
    region,
    channels: listOf(channels),
    functions: functions === "none" ? [] : listOf(functions),
    uin: given.uin ?? "<uin>",
  };
}
