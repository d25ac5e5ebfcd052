/** "Add a setting" in CONTRIBUTING. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { FollowedTutorial, TUTORIAL_TIMEOUT_MS as timeout } from "../support/tutorial.ts";

let tutorial: FollowedTutorial;
beforeAll(() => {
  tutorial = new FollowedTutorial("## Add a setting");
}, timeout);
afterAll(() => tutorial.remove());

test("changes exactly the places that the tutorial names", () => {
  const files = tutorial.changedFiles();
  expect(files.filter((file) => tutorial.placeOf(file) === undefined)).toEqual([]);
  expect([...new Set(files.map((file) => tutorial.placeOf(file)))].toSorted()).toEqual(
    tutorial.places.toSorted(),
  );
});

test("leads to code whose types are right", { timeout }, () => {
  tutorial.checkTypes("test/config/bundle.test.ts", "test/config/descriptions.test.ts");
});

test("leads to a setting that is described, deployed and given to its function alone", { timeout }, () => {
  const output = tutorial.runTests(
    "LANDING_POLLS|h5-landing|npm run settings|every setting",
    "test/config/bundle.test.ts",
    "test/config/descriptions.test.ts",
    "test/docs/ci.test.ts",
  );
  expect(output).toContain("LANDING_POLLS > is described");
  expect(output).toContain("h5-landing > is given exactly the settings that it reads");
  expect(output).toContain("docs/settings.zh-CN.md is what `npm run settings` writes");
  expect(output).toContain("gives a deploy every setting");
});
