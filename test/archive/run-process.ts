/** One archive run in a process of its own, to be killed: `<database url> <evidence folder>`. */
import { setTimeout as sleep } from "node:timers/promises";
import { runArchive } from "../../shared/archive/run.ts";
import { fileStore } from "../../shared/archive/stores/file.ts";
import { EVIDENCE_KINDS } from "../../shared/channels/types.ts";
import { connect } from "../../shared/store/database.ts";
import { fakeChannel, keyring, quick, within } from "./channel.ts";

async function run(databaseUrl = "", folder = ""): Promise<void> {
  const { db } = connect(databaseUrl);
  const evidenceStore = fileStore(folder);
  const channels = { h5: fakeChannel(() => sleep(5)) };
  process.send?.("begin");
  await runArchive(
    { db, keyring, evidenceStore, channels, evidence: EVIDENCE_KINDS, timing: quick },
    within(20_000),
  );
  setInterval(() => {}, 1_000); // killed in any case
}

void run(...process.argv.slice(2));
