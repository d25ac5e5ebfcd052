/** The questions of `init`, on a terminal. */
import { createInterface } from "node:readline/promises";
import type { Text } from "../../language/index.ts";

/** One question. An answer that is refused is asked for again. */
export interface Question {
  readonly text: Text;
  /** What an empty answer means. */
  readonly fallback: string;
  /** Why an answer is refused. */
  readonly problem: (answer: string) => Text | undefined;
}

/** Where answers come from, and where questions go. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Asks until each question has an answer, in their order. Throws when the input ends before. */
export async function ask(questions: readonly Question[], { input, output }: Terminal): Promise<string[]> {
  const lines = createInterface({ input, output });
  try {
    const answers: string[] = [];
    const typed = lines[Symbol.asyncIterator]();
    for (const { text, fallback, problem } of questions) {
      for (;;) {
        output.write(`${text}${fallback && ` [${fallback}]`} `);
        const { value, done } = await typed.next();
        if (done) throw new Error("The input ended.");
        const answer = value.trim() || fallback;
        const refusal = problem(answer);
        if (refusal === undefined) {
          answers.push(answer);
          break;
        }
        output.write(`${refusal}\n`);
      }
    }
    return answers;
  } finally {
    lines.close();
  }
}
