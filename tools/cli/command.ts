/**
 * The one shape of all commands: `--help` with options and examples, results on stdout, every error as one line on stderr.
 * Exit codes: 0 done, 1 something is wrong (the help of each command says what), 2 wrong usage.
 */
import { parseArgs } from "node:util";
import { padded, type Text, text, widthOf } from "../language/index.ts";
import { programOf } from "./commands.ts";
import { nearest } from "./nearest.ts";

/** Thrown when a command is called with wrong arguments: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The value of an option that takes one of these; `undefined` if it was not given. Throws {@link UsageError}. */
export function oneOf<Name extends string>(
  option: string,
  known: readonly Name[],
  given: string | undefined,
): Name | undefined {
  const name = known.find((each) => each === given);
  if (given === undefined || name !== undefined) return name;
  throw new UsageError(
    text(`--${option} is one of ${known.join(", ")}.`, `--${option} 只能是 ${known.join("、")} 之一。`),
  );
}

/** One option, given as `--name`. */
export interface Option {
  readonly type: "string" | "boolean";
  /** May be given more than once. */
  readonly multiple?: boolean;
  /** Must be given. */
  readonly required?: boolean;
  /** What the help calls the value, such as `<folder>`. */
  readonly value?: string;
  /** What it does, with the unit or the choices of its value. */
  readonly help: Text;
}

type Options = Readonly<Record<string, Option>>;

interface ParseConfig<O extends Options> {
  args: string[];
  options: O;
  allowPositionals: true;
}

type Values<O extends Options> = ReturnType<typeof parseArgs<ParseConfig<O>>>["values"];

/** What a command is made of. */
export interface CommandSpec<O extends Options> {
  /** What stands after `npx zhenren`, such as `archive list`. */
  readonly name: string;
  /** What it does, in one sentence. */
  readonly summary: Text;
  /** What else its reader must know before the options. */
  readonly details?: Text;
  /** What stands behind the options: `<id>` must be given, `[<id>]` may be, `[<id>…]` may be any number. */
  readonly operands?: readonly string[];
  readonly options: O;
  /** Arguments, and what they do. */
  readonly examples: readonly (readonly [args: string, effect: Text])[];
  /** What the exit codes 0 and 1 mean. */
  readonly exitCodes: readonly [zero: Text, one: Text];
  /** Does it and answers the exit code. May throw `UsageError` for wrong values, and any other error for exit code 1. */
  run(values: Values<O>, operands: readonly string[]): number | Promise<number>;
}

type Named = Pick<CommandSpec<Options>, "name" | "options" | "operands">;

/** A command that can be run. */
export interface Command {
  /** The line to type, with its options and operands. */
  readonly usage: string;
  readonly summary: string;
  /** Runs it with these arguments. Never throws: an error is printed. */
  run(args: readonly string[]): Promise<number>;
}

/**
 * Makes a command.
 *
 * @example process.exitCode = await defineCommand({ name: "build", … }).run(process.argv.slice(2));
 */
export function defineCommand<const O extends Options>(spec: CommandSpec<O>): Command {
  const usage = usageOf(spec);
  const run = (args: readonly string[]) =>
    exitCodeOf(usage, () => {
      if (asksForHelp(args)) return printHelp(spec, usage);
      const { values, positionals } = parse(spec.options, args);
      checkRequired(spec, values);
      checkOperands(spec.operands ?? [], positionals);
      return spec.run(values, positionals);
    });
  return { usage, summary: spec.summary, run };
}

/** Makes one command of several; the first argument that is no option names the one to run. */
export function commandGroup(name: string, commands: Readonly<Record<string, Command>>): Command {
  const usage = commandLine(name, [Object.keys(commands).join(" | ")]);
  const summary = Object.values(commands)
    .map((command) => `  ${command.usage}\n      ${command.summary}`)
    .join("\n");
  const run = (args: readonly string[]) =>
    exitCodeOf(usage, () => {
      const at = args.findIndex((arg) => !arg.startsWith("-"));
      const chosen = args[at];
      if (chosen === undefined && asksForHelp(args)) {
        const more = text(
          "Each of them explains its options with --help.",
          "每条命令都可用 --help 查看自己的选项。",
        );
        print([usageLine(usage), summary, more].join("\n\n"));
        return 0;
      }
      if (chosen === undefined) throw new UsageError(text("A command is missing.", "缺少命令。"));
      const command = Object.hasOwn(commands, chosen) ? commands[chosen] : undefined;
      if (!command) throw noSuchCommand(chosen, Object.keys(commands));
      return command.run(args.toSpliced(at, 1));
    });
  return { usage, summary, run };
}

/** Names the command that was probably meant. */
export function noSuchCommand(typed: string, names: readonly string[]): UsageError {
  const [quoted, meant] = [JSON.stringify(typed), nearest(typed, names)];
  return new UsageError(
    meant === undefined
      ? text(`There is no command ${quoted}.`, `没有命令 ${quoted}。`)
      : text(
          `There is no command ${quoted}. Did you mean ${meant}?`,
          `没有命令 ${quoted}。您是不是想用 ${meant}？`,
        ),
  );
}

/** Prints a line of a result. */
export const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Prints a line about the run itself. */
export const printError = (line: string): void => void process.stderr.write(`${line}\n`);

/** Prints a result for programs. */
export const printJson = (value: unknown): void => print(JSON.stringify(value, undefined, 2));

/** Runs the work of a command: what it throws becomes one line on stderr and an exit code. */
export async function exitCodeOf(usage: string, work: () => number | Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    const message = (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, " ");
    const isUsage = error instanceof UsageError;
    const line = usageLine(usage);
    printError(
      isUsage
        ? text(`${message} ${line} (--help explains it)`, `${message}${line}（--help 有说明）`)
        : message,
    );
    return isUsage ? 2 : 1;
  }
}

/** Behind `--` there are operands only. */
const asksForHelp = (args: readonly string[]): boolean => {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? undefined : end).some((arg) => arg === "--help" || arg === "-h");
};

function parse<O extends Options>(options: O, args: readonly string[]) {
  try {
    return parseArgs<ParseConfig<O>>({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const sentence = error instanceof Error ? error.message.replace(/(\.\s.*)?$/s, ".") : "";
    const [option = ""] = /'.+'/.exec(sentence) ?? [];
    throw new UsageError(text(sentence, `选项 ${option} 不存在，或者多了、少了值。`));
  }
}

function checkRequired({ name, options }: Named, values: Readonly<Record<string, unknown>>): void {
  const missing = Object.entries(options).find(([flag, { required }]) => required && !values[flag]);
  if (!missing) return;
  const flag = flagOf(...missing);
  const command = name.split(" ").at(-1);
  throw new UsageError(text(`${command} needs ${flag}.`, `${command} 需要 ${flag}。`));
}

function checkOperands(expected: readonly string[], given: readonly string[]): void {
  const missing = expected.slice(given.length).find((operand) => !operand.startsWith("["));
  if (missing) throw new UsageError(text(`${missing} is missing.`, `缺少 ${missing}。`));
  const extra = expected.at(-1)?.endsWith("…]") ? undefined : given[expected.length];
  if (extra === undefined) return;
  const quoted = JSON.stringify(extra);
  throw new UsageError(text(`Unexpected argument ${quoted}.`, `多余的参数 ${quoted}。`));
}

const flagOf = (name: string, { value }: Option): string => (value ? `--${name} ${value}` : `--${name}`);

/** The line to type. What runs as an npm script needs `--` before its arguments. */
function commandLine(name: string, args: readonly string[]): string {
  const [first = "", ...rest] = [...name.split(" "), ...args].filter(Boolean);
  const program = programOf(first);
  const separator = program.startsWith("npm run") && rest.length > 0 ? ["--"] : [];
  return [program, ...separator, ...rest].join(" ");
}

function usageOf({ name, options, operands = [] }: Named): string {
  const flags = Object.entries(options).map(([flag, option]) => {
    const shown = flagOf(flag, option);
    return option.required ? shown : `[${shown}]${option.multiple ? "…" : ""}`;
  });
  return commandLine(name, [...flags, ...operands]);
}

const usageLine = (usage: string): Text => text(`Usage: ${usage}`, `用法：${usage}`);

function printHelp(spec: Omit<CommandSpec<Options>, "run">, usage: string): number {
  const options = Object.entries(spec.options).map(([flag, option]) => [flagOf(flag, option), option.help]);
  const examples = spec.examples.map(([args, effect]) => [commandLine(spec.name, [args]), effect]);
  const [zero, one] = spec.exitCodes;
  print(
    [
      `${usageLine(usage)}\n\n${spec.summary}${spec.details ? `\n${spec.details}` : ""}`,
      `${text("Options:", "选项：")}\n${columns([...options, ["--help", text("this text", "显示本说明")]])}`,
      `${text("Examples:", "示例：")}\n${columns(examples)}`,
      text(`Exit code: 0 ${zero}; 1 ${one}; 2 wrong usage.`, `退出码：0 ${zero}；1 ${one}；2 用法错误。`),
    ].join("\n\n"),
  );
  return 0;
}

/** Two columns of text. */
export function columns(rows: readonly (readonly string[])[]): string {
  const width = Math.max(...rows.map(([first = ""]) => widthOf(first)));
  return rows.map(([first = "", second = ""]) => `  ${padded(first, width)}  ${second}`).join("\n");
}
