/** Mutants that change nothing that anybody could see: each with the reason, found again by its text and not by its line. */
import type { Mutant } from "./mutants.ts";

/** Mutants of one operator in one line. */
export interface Equivalent {
  readonly file: string;
  readonly operator: string;
  /** The line as it is in the source, without its indentation. */
  readonly code: string;
  /** Why no test can notice it. */
  readonly reason: string;
}

/** The checked list. */
export const EQUIVALENTS: readonly Equivalent[] = [
  {
    file: "shared/crypto/keyring.ts",
    operator: "logic",
    code: "if (id === undefined || encoded === undefined) {",
    reason: "Both groups belong to one match: either both are there or none.",
  },
  {
    file: "shared/verification/start.ts",
    operator: "boundary",
    code: "for (let waitedMs = 0; waitedMs <= REPLAY_WAIT.totalMs; waitedMs += REPLAY_WAIT.stepMs) {",
    reason: "One look more or less at the end of five seconds.",
  },
  {
    file: "shared/verification/settle.ts",
    operator: "boundary",
    code: "if (performance.now() < mayAskAgain) continue;",
    reason: "One look more in the very microsecond in which the second is over.",
  },
  {
    file: "shared/verification/reconcile.ts",
    operator: "boundary",
    code: "const due = places > 0 ? await leaseChecks(deps.db, startedAt, until, places) : [];",
    reason: "Leasing none of what is due leases none.",
  },
  {
    file: "shared/store/outbox.ts",
    operator: "boundary",
    code: "if (ids.length > 0) await sql.run(deliveredStatement, [ids, now]);",
    reason: "Marking no events changes none.",
  },
  {
    file: "shared/store/settlement.ts",
    operator: "text",
    code: 'const ledgerStatement = writeStatement("write-ledger", "", "");',
    reason: "Without a name the statement is planned anew each time, and answers the same.",
  },
  {
    file: "shared/store/migrate.ts",
    operator: "await",
    code: "await client.end();",
    reason: "What was done is committed; nobody needs the connection any more.",
  },
  {
    file: "shared/verification/record-decision.ts",
    operator: "boundary",
    code: "for (let writes = 0; writes < MAX_WRITES; writes += 1) {",
    reason: "One try more than enough.",
  },
  {
    file: "shared/store/console.ts",
    operator: "dropped-step",
    code: ".where(gte(verification.id, firstIdSince(since)))",
    reason: "It only spares reading: what is older is left out by its time afterwards.",
  },
  {
    file: "shared/store/event-log.ts",
    operator: "boolean",
    code: "return late ?? { count: 0, oldestCreatedAt: null, wereTried: false };",
    reason: "An aggregate always answers a row; the default is for the compiler.",
  },
  {
    file: "shared/store/purge-deadline.ts",
    operator: "opposite",
    code: "lt(verificationDue.dueAt, new Date(now.getTime() + warningMs)),",
    reason: "It only finds rows by their queue; the rule after it decides, with <.",
  },
  {
    file: "shared/archive/stores/file.ts",
    operator: "await",
    code: "await unlink(partial).catch(() => {});",
    reason: "What is half written goes all the same, in the moment after the error is told.",
  },
  {
    file: "shared/providers/cos/exchange.ts",
    operator: "negation",
    code: 'const start = url.protocol === "https:" ? httpsRequest : httpRequest;',
    reason: "The agent, which was chosen by the same protocol, makes the connection.",
  },
  {
    file: "shared/providers/long-values.ts",
    operator: "boundary",
    code: "if (end < at) end = next(QUOTE);",
    reason: "Looked for from where it is, the quote is found again.",
  },
  {
    file: "shared/providers/wechat/access-token.ts",
    operator: "boundary",
    code: "if (performance.now() > deadlineMs) {",
    reason: "One look more in the very microsecond in which the wait is over.",
  },
];

/** The entry for a mutant, if it is on the list. */
export const equivalentOf = (mutant: Mutant): Equivalent | undefined =>
  EQUIVALENTS.find(
    ({ file, operator, code }) =>
      file === mutant.file && operator === mutant.operator && code === mutant.code,
  );
