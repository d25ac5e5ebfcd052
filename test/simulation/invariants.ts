/** What must be true at the end of a history, judged by what is true at the providers and not by what our tables say is due. */
import { type Manifest, openManifest, runOfManifest, runOfObject } from "../../shared/archive/manifest.ts";
import { openDataKey } from "../../shared/crypto/data-key.ts";
import type { SealingKeys } from "../../shared/crypto/keyring.ts";
import { open } from "../../shared/crypto/seal.ts";
import type { VerificationRow } from "../../shared/store/schema.ts";
import { sealedColumns } from "../../shared/store/sealed-columns.ts";
import { evidenceOf, type Flow, hasPassed, isBroken } from "./flow.ts";
import type { Remains, Say } from "./remains.ts";
import type { State } from "./state.ts";
import { judgeErased, judgeObjects, judgeSecrets } from "./traces.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** All problems, empty if all is well. */
export async function judge(state: State, remains: Remains): Promise<string[]> {
  const problems = [...state.broken];
  const say: Say = (problem) => void problems.push(problem);
  const flows = new Map([...state.providers.flows.values()].map((flow) => [flow.verificationId, flow]));
  const named = new Set<string>();
  for (const row of remains.rows) {
    const flow = flows.get(row.id);
    const archive = row.manifest === null ? undefined : await openArchive(state, row, row.manifest, say);
    for (const name of archive
      ? [...archive.manifest.earlier, ...archive.manifest.files.map(({ stored }) => stored.object)]
      : [])
      named.add(name);
    if (row.manifest) named.add(row.manifest);
    if (row.erasedAt) judgeErased(state, remains, row, say);
    else if (!flow) say(`${row.id}: a verification without a token is left`);
    else {
      judgeStatus(row, flow, say);
      judgeArchive(state, remains, row, flow, archive, say);
    }
    judgeEvents(state, remains, row, say);
  }
  judgeChanges(remains, say);
  judgeBilling(state, remains, say);
  problems.push(...state.budgetProblems);
  judgeObjects(state, remains, named, say);
  judgeSecrets(state, remains, say);
  if (state.isRotating) say("a rotation never came to its end");
  if (state.receiver.forged > 0) say("the receiver got signatures that do not verify");
  return problems;
}

function judgeStatus(row: VerificationRow, flow: Flow, say: Say): void {
  const isPass = hasPassed(flow);
  if (row.status === "pending") say(`${row.id}: still pending after its purge`);
  if (row.status === "passed" && !isPass)
    say(`${row.id}: passed without the provider's pass for that person`);
  // WeChat purges after an hour, and v1 tells nothing without a result token: a pass may go unseen.
  if (flow.service.startsWith("wechat")) return;
  // Who gives up before the pass has given up.
  if (isPass && row.status !== "passed" && !wasGivenUpBefore(row, flow.tries.at(-1)))
    say(`${row.id}: ${row.status} (${row.reason?.code}) although the provider says passed`);
}

/** Whether the client had given up by the time of a try, or so shortly after it that the last look may have come before. */
const wasGivenUpBefore = ({ reason, settledAt }: VerificationRow, tried: Flow["tries"][number] | undefined) =>
  reason?.code === "gave_up" && (tried?.at ?? 0) > (settledAt?.getTime() ?? 0) - MINUTE_MS;

interface OpenedArchive {
  readonly manifest: Manifest;
  readonly keys: SealingKeys;
}

/** The manifest that a row names. */
async function openArchive(
  state: State,
  row: VerificationRow,
  name: string,
  say: Say,
): Promise<OpenedArchive | undefined> {
  const sealed = state.store.objects.get(name);
  if (!sealed) return void say(`${row.id}: its manifest is gone`);
  try {
    const keys = await openDataKey(state.keyring, row.id, row.dataKey);
    return { keys, manifest: openManifest(keys, row.id, runOfManifest(row.id, name) ?? "", sealed) };
  } catch (error) {
    return void say(`${row.id}: its manifest does not open: ${String(error)}`);
  }
}

function judgeArchive(
  state: State,
  remains: Remains,
  row: VerificationRow,
  flow: Flow,
  archive: OpenedArchive | undefined,
  say: Say,
): void {
  const expected = evidenceOf(flow);
  const alarms = alarmsOf(remains, row.id);
  if (expected.size === 0) return;
  if (row.archiveStatus !== "archived" || !archive) {
    // Nobody looks for what a person does after that.
    if (row.archiveStatus === "skipped" && wasGivenUpBefore(row, flow.tries[0])) return;
    const isShortLived = flow.service.startsWith("wechat");
    if (state.store.isDownUntilPurge && row.archiveStatus === "lost") {
      for (const alarm of ["archive_lost", ...(isShortLived ? [] : ["purge_deadline_near"])])
        if (!alarms.has(alarm)) say(`${row.id}: its evidence is lost without the alarm ${alarm}`);
      return;
    }
    if (isShortLived && (row.archiveStatus === "lost" ? alarms.has("archive_lost") : row.status !== "passed"))
      return;
    say(`${row.id}: ${row.archiveStatus} although the provider had evidence`);
    return;
  }
  const isLate = !row.archivedAt || row.archivedAt.getTime() > flow.purgeAt - 24 * HOUR_MS + 60_000;
  if (isLate && !flow.service.startsWith("wechat") && !alarms.has("purge_deadline_near"))
    say(`${row.id}: archived late and nobody was told`);
  if (flow.broken && isBroken(flow) && !row.archiveMissing)
    say(`${row.id}: a piece is broken and nothing is said to be missing`);
  // What was not stored before the evidence store went away for good.
  const isCutShort = state.store.isDownUntilPurge && row.archiveMissing !== null;
  const isTold = alarms.has("evidence_incomplete") || (isCutShort && alarms.has("purge_deadline_near"));
  if ((isCutShort || (flow.broken && isBroken(flow))) && !isTold)
    say(`${row.id}: a piece is missing without an alarm`);
  if (!flow.broken && !isCutShort && row.archiveMissing)
    say(`${row.id}: ${JSON.stringify(row.archiveMissing)} is said to be missing`);
  const { files } = archive.manifest;
  for (const [name, bytes] of expected) {
    const file = files.find((each) => each.name === name);
    const object = file && state.store.objects.get(file.stored.object);
    if (!file || !object) {
      if (!isCutShort || file) say(`${row.id}: ${name} is not in the archive`);
      continue;
    }
    const context = sealedColumns.evidence(row.id, runOfObject(row.id, file.stored.object) ?? "", name);
    try {
      const plain = open(archive.keys, context, object);
      if (bytes && !plain.equals(bytes)) say(`${row.id}: ${name} is not what the provider had`);
    } catch (error) {
      say(`${row.id}: ${name} does not open: ${String(error)}`);
    }
  }
}

const verificationOf = ({ data }: Remains["events"][number]): unknown => {
  const verification = data["verification"];
  const inner =
    typeof verification === "object" && verification !== null && "verificationId" in verification
      ? verification.verificationId
      : undefined;
  return data["verificationId"] ?? inner;
};

const alarmsOf = ({ events }: Remains, id: string): Set<unknown> =>
  new Set(
    events
      .filter((event) => event.type === "alarm.raised" && verificationOf(event) === id)
      .map(({ data }) => data["alarm"]),
  );

function judgeEvents(state: State, remains: Remains, row: VerificationRow, say: Say): void {
  const own = remains.events.filter((event) => verificationOf(event) === row.id);
  const endings = own.filter(({ type }) =>
    ["verification.passed", "verification.failed", "verification.expired"].includes(type),
  );
  if (endings.length > 1) say(`${row.id}: ${endings.length} events of its end`);
  const wasEndedByErasure = row.reason?.code === "erased";
  if (row.status !== "pending" && !wasEndedByErasure && endings[0]?.type !== `verification.${row.status}`)
    say(`${row.id}: ${row.status} without its event`);
  if (row.archiveStatus === "archived" && !own.some(({ type }) => type === "archive.archived"))
    say(`${row.id}: archived without its event`);
  for (const { id, deliveredAt, deliverAt } of own) {
    const isTaken = state.receiver.taken.some((taken) => taken.id === id);
    if (deliveredAt && !isTaken)
      say(`${row.id}: an event counts as delivered that the receiver does not have`);
    if (!deliveredAt && !deliverAt) say(`${row.id}: an event was given up`);
    if (deliverAt) say(`${row.id}: an event still waits`);
  }
}

function judgeChanges({ changes, rows }: Remains, say: Say): void {
  const settled = new Set<string>();
  for (const { id, kind, before, after } of changes) {
    if (kind !== "status") continue;
    if (before !== "pending" || settled.has(id))
      say(`${id}: its terminal state changed from ${before} to ${after}`);
    settled.add(id);
  }
  for (const { id, status } of rows)
    if (status !== "pending" && !settled.has(id)) say(`${id}: its end was not seen`);
}

/** One token per intent, and one more for each instance in trouble, or each answer that it lost: of WeChat it then asks again. */
function judgeBilling(state: State, { rows }: Remains, say: Say): void {
  const erased = new Set(rows.filter(({ erasedAt }) => erasedAt).map(({ id }) => id));
  for (const intent of state.intents) {
    if (!intent.key) continue;
    const issued = state.providers.issued.filter(({ instance }) =>
      intent.instances.includes(instance),
    ).length;
    const excused = intent.instances.reduce(
      (sum, { wasTroubled, lostAnswers }) => sum + Math.max(Number(wasTroubled), lostAnswers),
      0,
    );
    if (issued > 1 + excused) say(`${issued} tokens for one key, of which ${excused} are excused by trouble`);
    if (intent.answered.size > 1 && ![...intent.answered].some((id) => erased.has(id)))
      say("one key led to two verifications");
  }
}
