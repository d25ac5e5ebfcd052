import { expect, test } from "vitest";
import { askForEvidence } from "../../shared/archive/ask-provider.ts";
import type { Channel, EvidenceKind } from "../../shared/channels/types.ts";
import { fakeChannel } from "./channel.ts";

const observed = {
  verificationId: "ver_1",
  owner: "user-1",
  issued: { token: "t", start: {}, account: {} },
};

/** How many large answers are held at each one that comes, and at the end. */
async function heldBy(evidence: Channel["evidence"], fetchEvidence = fakeChannel().fetchEvidence) {
  let inside = 0;
  const enter = async () => {
    inside += 1;
    return () => {
      inside -= 1;
    };
  };
  const held: number[] = [];
  const channel = { ...fakeChannel(), evidence, fetchEvidence };
  const { signal } = new AbortController();
  const answers = askForEvidence(channel, observed, evidence.flat(), signal, { largePieces: { enter } });
  for await (const _ of answers) held.push(inside);
  return [...held, inside];
}

test.each<[EvidenceKind[][], number[]]>([
  [[["text", "best-frame"]], [0, 0]],
  [
    [["text", "best-frame"], ["video"]],
    [0, 1, 0],
  ],
  [[["text", "video"]], [1, 0]],
  [
    [["intention"], ["video"], ["text"]],
    [1, 1, 0, 0],
  ],
])("a large answer is held alone, until what was fetched is stored: %j", async (evidence, held) => {
  expect(await heldBy(evidence)).toEqual(held);
});

test("what could not be had is not held", async () => {
  const failing = () => Promise.reject(new TypeError("not iterable"));
  expect((await heldBy([["text", "video"], ["intention"]], failing)).at(-1)).toBe(0);
});
