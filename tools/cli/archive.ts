/** `npm run archive -- list | show | export | verify`: the archive for people who answer for it. */
import { parseArgs } from "node:util";
import { exportCommand } from "./archive/export.ts";
import { listCommand } from "./archive/list.ts";
import { type ArchiveCommand, UsageError } from "./archive/open.ts";
import { showCommand } from "./archive/show.ts";
import { verifyCommand } from "./archive/verify.ts";

const usage = `Usage: npm run archive -- <command>
  list [--status due|archiving|archived|skipped|lost] [--limit n]   verifications, newest first
  show <id>                     one verification and what was kept of it
  export <id> --out <folder>    its evidence, unsealed, into a new or empty folder
  verify [<id>]                 reads everything again: hashes, seals, strays
Every command takes --json. The archive is that of the stack that runs on LOCAL_DIR (.local), or, with DATABASE_URL,
MASTER_KEY and ARCHIVE_URL in the environment, the one that they name.
`;

const commands: Readonly<Record<string, ArchiveCommand>> = {
  list: listCommand,
  show: showCommand,
  export: exportCommand,
  verify: verifyCommand,
};

/** Reads the arguments; what is wrong with them becomes a `UsageError`. */
function read(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        status: { type: "string" },
        limit: { type: "string" },
        out: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "wrong arguments");
  }
}

/** Runs one command; answers the exit code. */
async function main(args: string[]): Promise<number> {
  const { positionals, values } = read(args);
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const [name = "", ...operands] = positionals;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command)
    throw new UsageError(name ? `There is no command ${JSON.stringify(name)}.` : "A command is missing.");
  return command(operands, values);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof UsageError) process.stderr.write(`\n${usage}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
