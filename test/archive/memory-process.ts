/**
 * Archives one verification whose video has `megabytes`, in a process of its own: `<database url> <evidence folder>
 * <megabytes>`. Sends the peak of resident memory, in MB, before and after.
 */

import { runArchive } from "../../shared/archive/run.ts";
import { fileStore } from "../../shared/archive/stores/file.ts";
import type { Channel } from "../../shared/channels/types.ts";
import { connect } from "../../shared/store/database.ts";
import { verification } from "../../shared/store/schema.ts";
import { fakeChannel, fetched, keyring, within } from "./channel.ts";

const [databaseUrl = "", folder = "", megabytes = "0"] = process.argv.slice(2);
const peak = () => Math.round(process.resourceUsage().maxRSS / 1024);

/** The video, in chunks such as a socket gives. */
async function* video() {
  const chunkBytes = 64_000;
  for (let left = Number(megabytes) * 1_000_000; left > 0; left -= chunkBytes) {
    yield Buffer.alloc(Math.min(chunkBytes, left), 0x5a);
  }
}

const channel: Channel = {
  ...fakeChannel(),
  evidence: [["video"]],
  fetchEvidence: async (_, __, { takeLarge } = {}) => {
    await takeLarge?.({ kind: "video", name: "video.mp4", mediaType: "video/mp4", chunks: video() });
    return fetched([]);
  },
};

const { db, close } = connect(databaseUrl);
const evidenceStore = fileStore(folder);
await db.$count(verification); // loaded and connected: what comes on top is the archive's
const before = peak();
const { archived } = await runArchive(
  { db, keyring, evidenceStore, channels: { h5: channel }, evidence: ["video"] },
  within(120_000),
);
process.send?.({ before, after: peak(), archived });
await close();
