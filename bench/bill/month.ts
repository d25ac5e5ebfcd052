/** A month of the simulated provider's bill and of the ledger, the same but for differences that are planted. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { v7 as uuidv7 } from "uuid";
import { newDataKey } from "../../shared/crypto/data-key.ts";
import type { Keyring } from "../../shared/crypto/keyring.ts";
import type { Database } from "../../shared/store/database.ts";
import { sealIssued } from "../../shared/store/record.ts";
import { attempt, verification } from "../../shared/store/schema.ts";
import { Clock } from "../../simulator/clock.ts";
import { type Flow, Flows } from "../../simulator/faceid/flows.ts";
import { FACEID_FLOWS } from "../../simulator/faceid/service.ts";

const MINUTE_MS = 60_000;
const CHINA_OFFSET_MS = 8 * 3_600_000;
const ROWS_PER_INSERT = 1_000;
/** What a person's tries end with; of ten people one needs three. Passes and 2006 are charged (Tencent doc 1007/31082), 1001 is not. */
const TRIES = [[1001, 2006, 0], [0], [0], [0], [0], [0], [0], [0], [1001], [0]] as const;
const LINES_A_TOKEN = TRIES.flat().length / TRIES.length;
const CHARGED_CODES: readonly number[] = [0, 2006];

/** How many of each are planted. */
const PLANTED_COUNT = 40;

/** What `bill --csv` has to say about a difference. */
export interface Planted {
  readonly kind: "not-in-ledger" | "not-in-bill" | "charge-differs";
  readonly seq: string;
}

/** The month before this one, in China. */
function lastMonth(): { readonly name: string; readonly from: number; readonly to: number } {
  const china = new Date(Date.now() + CHINA_OFFSET_MS);
  const first = (month: number) => Date.UTC(china.getUTCFullYear(), month, 1) - CHINA_OFFSET_MS;
  const from = first(china.getUTCMonth() - 1);
  return {
    name: new Date(from + CHINA_OFFSET_MS).toISOString().slice(0, 7),
    from,
    to: first(china.getUTCMonth()),
  };
}

type VerificationInsert = typeof verification.$inferInsert;
type AttemptInsert = typeof attempt.$inferInsert;

/**
 * Writes both sides: `localDir` is that of the simulator, which must not run yet. Answers the month, how many lines its bill
 * has, and every difference.
 */
export async function writeMonth(
  db: Database,
  keyring: Keyring,
  localDir: string,
  lines: number,
): Promise<{ month: string; lines: number; planted: readonly Planted[] }> {
  const month = lastMonth();
  const tokens = Math.ceil(lines / LINES_A_TOKEN);
  const flows = new Flows(join(localDir, "simulator"), new Clock(localDir), FACEID_FLOWS);
  const planted: Planted[] = [];
  let written = 0;
  let rows: VerificationInsert[] = [];
  let attempts: AttemptInsert[] = [];
  const flush = async () => {
    if (rows.length > 0) await db.insert(verification).values(rows);
    if (attempts.length > 0) await db.insert(attempt).values(attempts);
    rows = [];
    attempts = [];
  };
  for (let n = 0; n < tokens; n += 1) {
    // From the first minute of the month to its last, so that tries of one token are on both sides of midnight.
    const createdAt = month.from + Math.floor(((month.to - month.from - 10 * MINUTE_MS) * n) / tokens);
    const flow = flows.put(flowAt(createdAt, TRIES[n % TRIES.length] ?? [0]));
    written += flow.attempts.length;
    const id = `ver_${uuidv7({ msecs: createdAt })}`;
    const made = flow.attempts.map(({ seq, at, code }) => ({
      verificationId: id,
      seq,
      at: new Date(at),
      code: String(code),
      charged: CHARGED_CODES.includes(code),
    }));
    const special = n % Math.floor(tokens / PLANTED_COUNT);
    const row = await rowOf(keyring, id, flow, { isErased: special === 1 });
    const differs = plant(special, made, planted);
    // Without its verification the ledger has no attempt either.
    if (differs !== "unknown") {
      rows.push(row);
      attempts.push(...differs);
    }
    // What the provider does not list in this bill.
    if (special === 2) {
      const other = `ver_${uuidv7({ msecs: createdAt })}`;
      rows.push({ ...row, id: other, channel: "eid" });
      attempts.push(...made.map((each) => ({ ...each, verificationId: other })));
    }
    if (rows.length >= ROWS_PER_INSERT) await flush();
  }
  await flush();
  return { month: month.name, lines: written, planted };
}

/** Takes the ledger's attempts of one token apart from the bill's, or leaves them as they are. */
function plant(
  special: number,
  made: readonly AttemptInsert[],
  planted: Planted[],
): "unknown" | readonly AttemptInsert[] {
  const [last] = made.slice(-1);
  if (!last) return made;
  const rest = made.slice(0, -1);
  const charged = made.filter((each) => each.charged).map(({ seq }) => seq);
  const differs = (kind: Planted["kind"], seqs: readonly string[]) =>
    planted.push(...seqs.map((seq) => ({ kind, seq })));
  switch (special) {
    case 3: // nobody has recorded this token
      differs("not-in-ledger", charged);
      return "unknown";
    case 4: // the last try was never heard of
      differs("not-in-ledger", last.charged ? [last.seq] : []);
      return rest;
    case 5: {
      const ghost = { ...last, seq: randomUUID(), charged: true };
      differs("not-in-bill", [ghost.seq]);
      return [...made, ghost];
    }
    case 6:
      differs("charge-differs", [last.seq]);
      return [...rest, { ...last, charged: !last.charged }];
    case 7:
      differs("charge-differs", [last.seq]);
      return [...rest, { ...last, charged: null }];
    default:
      return made;
  }
}

const flowAt = (createdAt: number, codes: readonly number[]): Flow => ({
  token: randomUUID().toUpperCase(),
  createdAt,
  issuedFor: "sim-rule-h5",
  source: "card",
  opened: true,
  finished: codes.at(-1) === 0,
  attempts: codes.map((code, n) => ({
    seq: randomUUID(),
    at: createdAt + (n + 1) * MINUTE_MS,
    code,
    idCard: "11010119900307002X",
    name: "张三",
    sim: code === 0 ? "92.37" : null,
  })),
});

async function rowOf(
  keyring: Keyring,
  id: string,
  { token, createdAt }: Flow,
  { isErased }: { readonly isErased: boolean },
): Promise<VerificationInsert> {
  const row = { id, channel: "h5", owner: "", createdAt: new Date(createdAt) };
  if (isErased) return { ...row, erasedAt: new Date() };
  const { keys, wrapped } = await newDataKey(keyring, id);
  const issued = {
    token,
    start: { url: `https://faceid.example/?token=${token}` },
    account: { ruleId: "sim-rule-h5" },
  };
  return { ...row, dataKey: wrapped, issued: sealIssued(keys, id, issued) };
}
