/** Reasons are read by people and programs: docs/archive.md says what each means, and here is what leads to it. */
import { expect, test } from "vitest";
import { gapOf, missingOf, notThere, unreadable } from "../../shared/archive/missing.ts";
import { EvidenceStoreError } from "../../shared/archive/stores/evidence-store.ts";
import { ProviderError, type ProviderErrorKind } from "../../shared/providers/provider-error.ts";
import { readMarkdown, tableRows } from "../docs/markdown.ts";

const of = (kind: ProviderErrorKind, code?: string) => gapOf("video", new ProviderError(kind, "x", { code }));

const gaps = [
  ["unavailable", of("unavailable")],
  ["rate_limited", of("rate-limited")],
  ["refused", of("rejected")],
  ["refused", of("configuration")],
  ["too_large", of("rejected", "ResponseSizeLimitExceeded")],
  ["unreadable", of("malformed")],
  ["unreadable", unreadable("video")],
  ["not_there", notThere("video")],
  ["purged", of("purged")],
  ["unknown_token", of("unknown-token")],
  ["not_stored", gapOf("video", new EvidenceStoreError("full"))],
  ["failed", gapOf("video", new TypeError("x"))],
] as const;

test.each(gaps)("%s is the reason of what it says, and nothing else is kept of the error", (reason, gap) => {
  expect(missingOf([gap])).toEqual([{ kind: "video", reason }]);
});

test.each(["docs/archive.md", "docs/archive.zh-CN.md"])(
  "%s says what each reason means, and no other",
  (page) => {
    const documented = tableRows(readMarkdown(page).prose)
      .map(([first = ""]) => [...first.matchAll(/`([a-z_]+)`/g)].map(([, reason]) => reason))
      .filter((names) => names.some((name) => gaps.some(([reason]) => reason === name)))
      .flat();
    expect(new Set(documented)).toEqual(new Set(gaps.map(([reason]) => reason)));
  },
);

test("each kind is named once, with what was found first", () => {
  expect(missingOf([of("purged"), notThere("text"), of("unavailable")])).toEqual([
    { kind: "video", reason: "purged" },
    { kind: "text", reason: "not_there" },
  ]);
});
