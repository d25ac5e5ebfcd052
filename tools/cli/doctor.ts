/** `npm run doctor [-- --issue] [--json]`: checks a configuration against the real services before the first user does. */
import { parseArgs } from "node:util";
import { configuration } from "../doctor/configuration.ts";
import { examine, type Finding } from "../doctor/examine.ts";
import { countsOf, documentOf, lineOf, summaryOf } from "../doctor/report.ts";

const usage = `Usage: npm run doctor [-- --issue] [--json]
  --issue   also issues one unbilled token for each RuleId and the MerchantId, which nobody uses: the only sure check
  --json    one JSON document instead of lines
It examines the configuration in the environment, or, without DATABASE_URL there, that of the stack that runs on LOCAL_DIR
(.local), or, without one, that of .env. Exit code: 0 nothing failed, 1 something failed, 2 wrong usage.
`;

class UsageError extends Error {
  override readonly name = "UsageError";
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        issue: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "wrong arguments");
  }
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Runs the checks; answers the exit code. */
async function main(args: string[]): Promise<number> {
  const { issue, json, help } = read(args);
  if (help) {
    say(usage.trimEnd());
    return 0;
  }
  const { env, clockOffsetMs, description } = configuration(process.env);
  if (!json) say(`Examining ${description}${env["SIMULATOR_URL"] ? ", against the simulator" : ""}.`);
  const findings: Finding[] = [];
  for await (const finding of examine({ env, issue, clockOffsetMs })) {
    if (!json && finding.family !== findings.at(-1)?.family) say(`\n${finding.family}`);
    if (!json) say(lineOf(finding));
    findings.push(finding);
  }
  say(json ? documentOf(description, findings) : `\n${summaryOf(findings)}`);
  return countsOf(findings).failed === 0 ? 0 : 1;
}

let exitCode: number;
try {
  exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof UsageError) process.stderr.write(`\n${usage}`);
  exitCode = error instanceof UsageError ? 2 : 1;
}
// At once: a call that was given up may still hold its connection open for seconds.
process.exit(exitCode);
