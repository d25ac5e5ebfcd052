import { describe, expect, test } from "vitest";
import { wechat } from "../../../shared/channels/wechat/index.ts";
import { readSettings } from "../../../shared/config/read.ts";
import { simulated } from "../../config/sample.ts";
import { withoutTokens } from "./answers.ts";

const observing = (changes: Readonly<Record<string, string>>) =>
  wechat.observing.build(
    readSettings(wechat.observing.settings, { ...simulated, ...changes }),
    withoutTokens,
  );

test.each([
  ["true", [["best-frame"]]],
  ["false", []],
  ["", []],
])(
  "with WECHAT_FACE_IMAGE %j the evidence is %j, and nobody asks for a picture without a permit",
  (image, evidence) => {
    expect(observing({ WECHAT_FACE_IMAGE: image })?.evidence).toEqual(evidence);
  },
);

describe("a deployment without the channel", () => {
  test.each(["WECHAT_APP_ID", "WECHAT_APP_SECRET"])(
    "has no %s, and observes nothing through it",
    (setting) => {
      expect(observing({ [setting]: "" })).toBeUndefined();
      expect(observing({})?.name).toBe("wechat");
    },
  );
});
