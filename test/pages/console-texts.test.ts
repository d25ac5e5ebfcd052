/** The console's texts have a word for all that the contract can name, in both languages. */
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { DELIVERY_STATES } from "../../shared/contract/console.ts";
import { EVIDENCE_KINDS } from "../../shared/contract/evidence-kinds.ts";
import {
  ARCHIVE_STATUSES,
  CHANNELS,
  IDENTITY_SOURCES,
  SETTLED_BY,
  STATUSES,
} from "../../shared/contract/verification.ts";
import { ALARM_NAMES } from "../../shared/runtime/log.ts";
import { root } from "../docs/markdown.ts";

const lists: Readonly<Record<string, readonly string[]>> = {
  alarmNames: ALARM_NAMES,
  archive: ARCHIVE_STATUSES,
  channels: CHANNELS,
  delivery: DELIVERY_STATES,
  deliveryShort: DELIVERY_STATES,
  identity: IDENTITY_SOURCES,
  kinds: EVIDENCE_KINDS,
  settledBy: SETTLED_BY,
  status: STATUSES,
};

test.each(["en", "zh"])(
  "the console names all of the contract's lists, and nothing else, in %s",
  async (code) => {
    const page: unknown = await import(join(root, `pages/console/texts-${code}.js`));
    const texts = z.record(z.string(), z.record(z.string(), z.unknown())).parse(page)[code] ?? {};
    const named = Object.entries(texts).flatMap(([name, words]) =>
      typeof words === "object" && words !== null && !Array.isArray(words)
        ? [[name, Object.keys(words).toSorted()]]
        : [],
    );
    const expected = Object.entries(lists).map(([name, words]) => [name, words.toSorted()]);
    expect(Object.fromEntries(named)).toEqual(Object.fromEntries(expected));
  },
);
