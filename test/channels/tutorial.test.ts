/** "Add a channel" in CONTRIBUTING. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { FollowedTutorial, TUTORIAL_TIMEOUT_MS as timeout } from "../support/tutorial.ts";

let tutorial: FollowedTutorial;
beforeAll(() => {
  tutorial = new FollowedTutorial("## Add a channel");
}, timeout);
afterAll(() => tutorial.remove());

test("changes files in each place that the tutorial names, and nowhere else", () => {
  const files = tutorial.changedFiles();
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((file) => tutorial.placeOf(file) === undefined)).toEqual([]);
  expect([...new Set(files.map((file) => tutorial.placeOf(file)))].toSorted()).toEqual(
    tutorial.places.toSorted(),
  );
});

test("leads to code whose types are right", { timeout }, () => {
  tutorial.checkTypes(
    "test/channels/registry.test.ts",
    "test/config/descriptions.test.ts",
    "tools/build/function-manifest.ts",
  );
});

test("leads to a channel that is complete and deployed with exactly its settings", { timeout }, () => {
  const output = tutorial.runTests(
    "sms-face|SMS_FACE|npm run settings",
    "test/channels/registry.test.ts",
    "test/config/bundle.test.ts",
    "test/config/descriptions.test.ts",
  );
  expect(output).toContain("sms-face is complete");
  expect(output).toContain("FACEID_RULE_ID_SMS_FACE > is described");
  expect(output).toContain("docs/settings.md is what `npm run settings` writes");
  expect(output).toContain("token-sms-face > is given exactly the settings that it reads");
});
