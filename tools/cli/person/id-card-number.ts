/** The ID number of whom a command is about: from stdin, because arguments are seen by every process and stay in the shell's history. */
import { idCardNumber } from "../../../shared/contract/identity.ts";
import { text } from "../../language/index.ts";
import { printError, UsageError } from "../command.ts";

/** How every command gets it, for the help. */
export const FROM_STDIN = text(
  "The ID number is read from stdin and never an argument: arguments are seen by other processes and stay in the history.",
  "身份证号从标准输入读取，不能写在参数里：参数会被其他进程看到，也会留在历史记录中。",
);

const MAX_LENGTH = 200;

/** Whether an argument holds what may be an ID number, with a right check digit or without: no id of a verification does. */
export const holdsIdCardNumber = (arg: string): boolean =>
  /(?<!\d)\d{17}[\dXx](?!\d)/.test(arg.replaceAll(/\s/g, ""));

/** Reads one ID number. Throws `UsageError`, which does not repeat what was read. */
export async function readIdCardNumber(
  input: AsyncIterable<string | Buffer> = process.stdin,
): Promise<string> {
  if (process.stdin.isTTY) printError(text("ID number, then Enter:", "请输入身份证号并回车："));
  let read = "";
  for await (const chunk of input) {
    read += chunk.toString();
    if (read.includes("\n") || read.length > MAX_LENGTH) break;
  }
  const parsed = idCardNumber.safeParse(read.split("\n")[0]);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    text("stdin holds no ID number with a right check digit.", "标准输入中没有校验位正确的身份证号。"),
  );
}
