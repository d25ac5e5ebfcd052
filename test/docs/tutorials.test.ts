/** "Add a channel" and "Add a setting" in CONTRIBUTING lead to what they promise, each alone and one after the other. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { FollowedTutorials, TUTORIAL_TIMEOUT_MS as timeout } from "../support/tutorial.ts";

const tutorials = ["## Add a channel", "## Add a setting"];

test.each(tutorials)(
  "%s changes files in each place that it names, and nowhere else",
  { timeout },
  (heading) => {
    const followed = new FollowedTutorials(heading);
    onTestFinished(() => followed.remove());
    const files = followed.changedFiles();
    expect(files.filter((file) => followed.placeOf(file) === undefined)).toEqual([]);
    expect([...new Set(files.map((file) => followed.placeOf(file)))].toSorted()).toEqual(
      followed.places.toSorted(),
    );
  },
);

describe("both tutorials", () => {
  let followed: FollowedTutorials;
  beforeAll(() => {
    followed = new FollowedTutorials(...tutorials);
  }, timeout);
  afterAll(() => followed.remove());

  test("lead to code whose types are right", { timeout }, () => {
    followed.checkTypes(
      "test/channels/registry.test.ts",
      "test/config/bundle.test.ts",
      "test/config/descriptions.test.ts",
      "tools/build/function-manifest.ts",
    );
  });

  test("lead to a channel and a setting that are complete, described, and deployed where they belong", {
    timeout,
  }, () => {
    const output = followed.runTests(
      "sms-face|SMS_FACE|LANDING_POLLS|h5-landing|npm run settings|every setting",
      "test/channels/registry.test.ts",
      "test/config/bundle.test.ts",
      "test/config/descriptions.test.ts",
      "test/docs/ci.test.ts",
    );
    for (const passed of [
      "sms-face is complete",
      "FACEID_RULE_ID_SMS_FACE > is described",
      "docs/settings.md is what `npm run settings` writes",
      "token-sms-face > is given exactly the settings that it reads",
      "LANDING_POLLS > is described",
      "h5-landing > is given exactly the settings that it reads",
      "docs/settings.zh-CN.md is what `npm run settings` writes",
      "gives a deploy every setting",
    ]) {
      expect(output).toContain(passed);
    }
  });
});
