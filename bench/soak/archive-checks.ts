/** What must be true of the archive when everybody has passed: each once, whole, before the purge, with nothing beside it. */
import { storedObjects } from "../../test/support/evidence.ts";
import { type Check, count, none } from "./settle-down.ts";
import type { SoakStack } from "./stack.ts";

/** Simulated FaceID gives frames and a video of who passed, eID frames, WeChat a picture. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  "mini-program": ["text", "best-frame", "video"],
  h5: ["text", "best-frame", "video"],
  eid: ["text", "best-frame"],
  wechat: ["best-frame"],
};

const MANIFEST = /^([^/]+)\/.*\bmanifest\.json\.sealed$/;

/** How often each is there. */
function tally(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Verifications of which there is another number of one thing than of the other. */
const differing = (one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): string[] =>
  [...new Set([...one.keys(), ...other.keys()])].filter((id) => one.get(id) !== other.get(id));

/** Looks at the archive. */
export async function archiveChecks({ pool, client }: SoakStack, total: number): Promise<Check[]> {
  const { rows } = await pool.query<{ id: string; channel: string; kinds: string[]; left: number }>(
    `select id, channel, archive_kinds as kinds, extract(epoch from purge_at - archived_at)::float8 as left
     from verification where archive_status = 'archived'`,
  );
  const events = await pool.query<{ id: string; whole: boolean }>(
    `select data->>'verificationId' as id, data->'archive'->'missing' is null as whole
     from outbound_event where type = 'archive.archived'`,
  );
  const objects = await storedObjects(client.stack);
  const manifests = tally(objects.flatMap((name) => MANIFEST.exec(name)?.[1] ?? []));
  const told = tally(events.rows.map(({ id }) => id));
  const toldWhole = tally(events.rows.filter(({ whole }) => whole).map(({ id }) => id));
  const once = new Map(rows.map(({ id }) => [id, 1]));
  const leastS = (channel: string) =>
    Math.min(...rows.filter((row) => row.channel === channel).map(({ left }) => left));
  const lacking = rows.filter(({ channel, kinds }) => KINDS[channel]?.some((kind) => !kinds.includes(kind)));
  const late = rows.filter(({ left }) => !(left > 0));
  const margins = [...new Set(rows.map(({ channel }) => channel))].sort();
  return [
    {
      name: "verifications archived",
      found: `${rows.length} of ${total}, ${objects.length} objects`,
      verdict: rows.length === total ? "right" : "WRONG",
    },
    none(
      "archived with something missing",
      await count(pool, "verification where archive_missing is not null"),
    ),
    none("without a kind of evidence that the provider has", lacking.length, lacking[0]?.id),
    {
      name: "least time from archive to purge",
      found: margins.map((channel) => `${(leastS(channel) / 3_600).toFixed(2)} h ${channel}`).join(", "),
      verdict: late.length === 0 ? "right" : "WRONG",
    },
    none("not exactly one `archive.archived` of a whole archive", differing(once, toldWhole).length),
    none(
      "another number of `archive.archived` than of manifests",
      differing(told, manifests).length,
      `${events.rows.length} events`,
    ),
    none(
      "leases or clean-ups left",
      await count(pool, "verification where archive_run is not null or archive_at is not null"),
    ),
  ];
}
