/** `npm run doctor`: checks a configuration against the real services before the first user does. */
import { shiftDate } from "../../local/functions/shifted-date.ts";
import { countsOf, documentOf, lineOf, summaryOf } from "../doctor/report.ts";
import { type ReportLine, runChecks } from "../doctor/run-checks.ts";
import { defineCommand, print } from "./command.ts";
import { configuration } from "./configuration.ts";

const command = defineCommand({
  name: "doctor",
  summary: "Checks a configuration against the services that it names, before the first user does.",
  details: `It checks the configuration in the environment, or, without DATABASE_URL there, that of the stack that runs on LOCAL_DIR
(.local), or, without one, that of .env.`,
  options: {
    issue: {
      type: "boolean",
      help: "issues one unbilled token per RuleId and for the MerchantId, which nobody uses: the only sure check",
    },
    json: { type: "boolean", help: "one JSON document instead of lines" },
  },
  examples: [
    ["", "all checks that leave nothing behind"],
    ["--issue", "the RuleIds and the MerchantId for sure"],
  ],
  exitCodes: ["nothing failed", "something failed, or there was no configuration"],
  run: async ({ issue = false, json }) => {
    const { env, clockOffsetMs, description } = configuration(process.env);
    if (clockOffsetMs !== 0) shiftDate(() => clockOffsetMs);
    if (!json) print(`Checking ${description}${env["SIMULATOR_URL"] ? ", against the simulator" : ""}.`);
    const lines: ReportLine[] = [];
    for await (const line of runChecks({ env, issue, clockOffsetMs })) {
      if (!json && line.group !== lines.at(-1)?.group) print(`\n${line.group}`);
      if (!json) print(lineOf(line));
      lines.push(line);
    }
    print(json ? documentOf(description, lines) : `\n${summaryOf(lines)}`);
    return countsOf(lines).failed === 0 ? 0 : 1;
  },
});

// Exits at once: a request that timed out may hold its connection open for seconds.
process.exit(await command.run(process.argv.slice(2)));
