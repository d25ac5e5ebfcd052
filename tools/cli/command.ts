/**
 * The one shape of all commands: `--help` with options and examples, results on stdout, every error as one line on stderr.
 * Exit codes: 0 done, 1 something is wrong (the help of each command says what), 2 wrong usage.
 */
import { parseArgs } from "node:util";

/** Thrown when a command is called with wrong arguments: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
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
  readonly help: string;
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
  /** What stands after `npm run`, such as `archive list`. */
  readonly name: string;
  /** What it does, in one sentence. */
  readonly summary: string;
  /** What else its reader must know before the options. */
  readonly details?: string;
  /** What stands behind the options: `<id>` must be given, `[<id>]` may be, `[<id>…]` may be any number. */
  readonly operands?: readonly string[];
  readonly options: O;
  /** Arguments, and what they do. */
  readonly examples: readonly (readonly [args: string, effect: string])[];
  /** What the exit codes 0 and 1 mean. */
  readonly exitCodes: readonly [zero: string, one: string];
  /** Does it and answers the exit code. May throw `UsageError` for wrong values, and any other error for exit code 1. */
  run(values: Values<O>, operands: readonly string[]): number | Promise<number>;
}

type Named = Pick<CommandSpec<Options>, "name" | "options" | "operands">;

/** A command that can be run. */
export interface Command {
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
  const usage = `Usage: npm run ${name} -- ${Object.keys(commands).join(" | ")}`;
  const summary = Object.values(commands)
    .map((command) => `${command.usage.replace("Usage: ", "  ")}\n      ${command.summary}`)
    .join("\n");
  const run = (args: readonly string[]) =>
    exitCodeOf(usage, () => {
      const at = args.findIndex((arg) => !arg.startsWith("-"));
      const chosen = args[at];
      if (chosen === undefined && asksForHelp(args)) {
        print(`${usage}\n\n${summary}\n\nEach of them explains its options with --help.`);
        return 0;
      }
      if (chosen === undefined) throw new UsageError("A command is missing.");
      const command = Object.hasOwn(commands, chosen) ? commands[chosen] : undefined;
      if (!command) throw new UsageError(`There is no command ${JSON.stringify(chosen)}.`);
      return command.run(args.toSpliced(at, 1));
    });
  return { usage, summary, run };
}

/** Prints a line of a result. */
export const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Prints a line about the run itself. */
export const printError = (line: string): void => void process.stderr.write(`${line}\n`);

/** Prints a result for programs. */
export const printJson = (value: unknown): void => print(JSON.stringify(value, undefined, 2));

async function exitCodeOf(usage: string, work: () => number | Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    const message = (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, " ");
    const isUsage = error instanceof UsageError;
    printError(isUsage ? `${message} ${usage} (--help explains it)` : message);
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
    const [sentence = ""] = error instanceof Error ? error.message.split(/\.\s/) : [];
    throw new UsageError(`${sentence}.`);
  }
}

function checkRequired({ name, options }: Named, values: Readonly<Record<string, unknown>>): void {
  const missing = Object.entries(options).find(([flag, { required }]) => required && !values[flag]);
  if (missing) throw new UsageError(`${name.split(" ").at(-1)} needs ${flagOf(...missing)}.`);
}

function checkOperands(expected: readonly string[], given: readonly string[]): void {
  const missing = expected.slice(given.length).find((operand) => !operand.startsWith("["));
  if (missing) throw new UsageError(`${missing} is missing.`);
  const extra = expected.at(-1)?.endsWith("…]") ? undefined : given[expected.length];
  if (extra !== undefined) throw new UsageError(`Unexpected argument ${JSON.stringify(extra)}.`);
}

const flagOf = (name: string, { value }: Option): string => (value ? `--${name} ${value}` : `--${name}`);

/** The line to type: `archive list` is called as `npm run archive -- list`. */
function commandLine(name: string, args: readonly string[]): string {
  const [script = "", ...rest] = [...name.split(" "), ...args].filter(Boolean);
  return ["npm run", script, ...(rest.length > 0 ? ["--", ...rest] : [])].join(" ");
}

function usageOf({ name, options, operands = [] }: Named): string {
  const flags = Object.entries(options).map(([flag, option]) => {
    const text = flagOf(flag, option);
    return option.required ? text : `[${text}]${option.multiple ? "…" : ""}`;
  });
  return `Usage: ${commandLine(name, [...flags, ...operands])}`;
}

function printHelp(spec: Omit<CommandSpec<Options>, "run">, usage: string): number {
  const options = Object.entries(spec.options).map(([flag, option]) => [flagOf(flag, option), option.help]);
  const examples = spec.examples.map(([args, effect]) => [commandLine(spec.name, [args]), effect]);
  const [zero, one] = spec.exitCodes;
  print(
    [
      `${usage}\n\n${spec.summary}${spec.details ? `\n${spec.details}` : ""}`,
      `Options:\n${columns([...options, ["--help", "this text"]])}`,
      `Examples:\n${columns(examples)}`,
      `Exit code: 0 ${zero}; 1 ${one}; 2 wrong usage.`,
    ].join("\n\n"),
  );
  return 0;
}

function columns(rows: readonly (readonly string[])[]): string {
  const width = Math.max(...rows.map(([first = ""]) => first.length));
  return rows.map(([first = "", second = ""]) => `  ${first.padEnd(width)}  ${second}`).join("\n");
}
