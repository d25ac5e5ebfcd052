/** What must not be left anywhere: orphans, traces of the erased, and anything personal in the clear. */
import { readReceipt } from "../../shared/archive/receipt.ts";
import type { VerificationRow } from "../../shared/store/schema.ts";
import type { Remains, Say } from "./remains.ts";
import type { State } from "./state.ts";
import { ACCESS_TOKEN } from "./wechat.ts";

const DAY_MS = 86_400_000;
/** By how much two clocks may differ. */
const CLOCKS_MS = 60_000;

/** What is left of an erased verification. */
export function judgeErased(state: State, { dump }: Remains, row: VerificationRow, say: Say): void {
  const keptMs = (row.erasedAt?.getTime() ?? 0) - row.createdAt.getTime();
  const flow = [...state.providers.flows.values()].find(({ verificationId }) => verificationId === row.id);
  const persons = [flow?.asked, flow?.person];
  const wasAsked = persons.some((person) => person && state.erasuresAsked.has(person.idCardNumber));
  const retentionMs = (state.retentionDays ?? Number.POSITIVE_INFINITY) * DAY_MS;
  if (!wasAsked && keptMs < retentionMs - CLOCKS_MS) say(`${row.id}: erased, and nobody asked for it`);
  if (row.dataKey || row.identity || row.issued || row.personHash || row.owner || row.reference)
    say(`${row.id}: erased, and not all of it`);
  for (const name of state.store.objects.keys())
    if (name.startsWith(`${row.id}/`)) say(`${row.id}: erased, and ${name} is left`);
  const mentions = dump.filter(
    (line) => /^(result_token|idempotency_key|verification_due)\b/.test(line) && line.includes(row.id),
  );
  if (mentions.length > 0) say(`${row.id}: erased, and left in ${mentions.join(" ")}`);
}

/** Nothing lies in the store that no manifest names, and every erasure has its receipt. */
export function judgeObjects(
  state: State,
  { rows, changes }: Remains,
  named: ReadonlySet<string>,
  say: Say,
): void {
  const receipts = [...state.store.objects].filter(([name]) => name.startsWith("erasures/"));
  const told = receipts.flatMap(
    ([, bytes], index) => readReceipt(state.keyring, index + 1, bytes).verificationIds,
  );
  const known = new Map(rows.map((row) => [row.id, row]));
  const erasedRows = rows.filter(({ erasedAt }) => erasedAt).map(({ id }) => id);
  for (const id of new Set([...state.erased.keys(), ...erasedRows])) {
    if (!told.includes(id)) say(`${id}: erased without a receipt`);
    const row = known.get(id);
    const hadToken =
      [...state.providers.flows.values()].some(({ verificationId }) => verificationId === id) &&
      changes.some((change) => change.id === id);
    if (!row && hadToken) say(`${id}: its tombstone is gone`);
    if (row && !row.erasedAt) say(`${id}: its erasure came back to life`);
  }
  for (const { id, kind, after } of changes) {
    const row = known.get(id);
    if (kind !== "manifest" || !after || row?.erasedAt) continue;
    if (!row) say(`${id}: an archived verification is gone`);
    if (!state.store.objects.has(after)) say(`${id}: the manifest of a run that finished is gone`);
  }
  for (const name of state.store.objects.keys()) {
    if (!name.startsWith("erasures/") && !named.has(name)) say(`${name} is an orphan`);
  }
}

/** Nothing personal is readable anywhere: rows, objects, events, log. */
export function judgeSecrets(state: State, { dump }: Remains, say: Say): void {
  const places: [string, string[]][] = [
    ["the database", [...dump]],
    ["the log", state.logged],
    ["an event", state.receiver.bodies],
    ["the evidence store", [...state.store.objects.values()].map((bytes) => bytes.toString("latin1"))],
  ];
  const secrets = [
    ...state.people.flatMap(({ name, idCardNumber }) => [name, idCardNumber]),
    ...state.providers.flows.keys(),
    "CANARY-FACE",
    "CANARY-RESULT",
    ACCESS_TOKEN,
  ];
  // Events that the merchant had before keep his reference.
  const ofErased = state.intents
    .filter(({ answered }) => [...answered].some((id) => state.erased.has(id)))
    .flatMap(({ owner, reference }) => [owner, reference]);
  for (const [place, texts] of places) {
    const all = texts.join("\n");
    for (const secret of place === "an event" ? secrets : [...secrets, ...ofErased]) {
      if (all.includes(secret) || all.includes(Buffer.from(secret, "utf8").toString("hex")))
        say(`${place} holds ${secret} in the clear`);
    }
  }
}
