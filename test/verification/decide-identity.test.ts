import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Observation, ObservedPerson } from "../../shared/channels/types.ts";
import { decide } from "../../shared/verification/decide.ts";
import { during, li, observed, over, subject, verificationId, zhang } from "./observations.ts";

const named = (name: string, idCardNumber: string): ObservedPerson => ({ kind: "named", name, idCardNumber });
const statusOf = (observation: Observation, now = during) => decide(subject, observation, now).status;
const decidedFor = (person: ObservedPerson, identity = zhang) =>
  decide({ ...subject, identity }, observed({ person }), during);

describe("whose result it is (THREATS 8, 11)", () => {
  const decomposed = { name: "José", idCardNumber: zhang.idCardNumber };
  test.each([
    ["the number's x in lower case", named("张三", "11010119900307002x"), zhang],
    ["spaces around the name", named(" 张三\u3000", zhang.idCardNumber), zhang],
    ["spaces around the number", named("张三", " 11010119900307002X "), zhang],
    ["the name composed and decomposed", named("Jos\u00e9", zhang.idCardNumber), decomposed],
    ["a space inside the name", named("张 三", zhang.idCardNumber), zhang],
    ["a look-alike middle dot", named("买买提•艾力", zhang.idCardNumber), { ...zhang, name: "买买提·艾力" }],
  ])("is the same person's with %s", (_, person, identity) => {
    expect(decidedFor(person, identity).status).toBe("passed");
  });

  test.each([
    ["another number", named("张三", li.idCardNumber)],
    ["the number in full-width digits", named("张三", "１１０１０１１９９００３０７００２X")],
    ["the number of 15 digits", named("张三", "110101900307002")],
    ["another name and another number", named("李四", li.idCardNumber)],
    ["the number masked", named("张三", "1101**********002X")],
  ])("is another person's with %s: failed at once, never to be retried", (_, person) => {
    expect(decidedFor(person)).toMatchObject({
      status: "failed",
      reason: { code: "identity_mismatch", retryable: false },
      anomaly: "identity_mismatch",
    });
  });

  const md5 = (text: string) => createHash("md5").update(text, "utf8").digest("hex");
  const hashed = (nameMd5: string, idCardNumberMd5 = md5(zhang.idCardNumber)): ObservedPerson => ({
    kind: "hashed",
    nameMd5,
    idCardNumberMd5,
  });
  /** Another md5 that begins, and one that ends, like the right one. */
  const nearMisses = (right: string) => [
    `${right.slice(0, 2)}${md5("another").slice(2)}`,
    `${right.slice(0, 31)}${right.endsWith("0") ? "1" : "0"}`,
    `${right.startsWith("0") ? "1" : "0"}${right.slice(1)}`,
  ];

  test.each<[string, ObservedPerson]>([
    ["another name", named("李四", zhang.idCardNumber)],
    ["a dot within the name", named("张·三", zhang.idCardNumber)],
    ["the md5 of another name", hashed(md5("李四"))],
    ...nearMisses(md5("张三")).map((wrong): [string, ObservedPerson] => [
      `nearly the name's md5: ${wrong}`,
      hashed(wrong),
    ]),
  ])("is nobody's yet with the number asked for and %s: no pass, no accusation", (_, person) => {
    expect(decidedFor(person)).toMatchObject({ status: "pending", anomaly: "name_differs" });
    expect(decide(subject, observed({ person }), over)).toMatchObject({
      status: "failed",
      reason: { code: "inconclusive", retryable: true },
      anomaly: "name_differs",
    });
  });

  test.each(nearMisses(md5(zhang.idCardNumber)))(
    "is another person's with nearly the number's md5: %s",
    (wrong) => {
      expect(decidedFor(hashed(md5("张三"), wrong))).toMatchObject({
        status: "failed",
        anomaly: "identity_mismatch",
      });
    },
  );

  test("is the same person's with the md5 of any known spelling of the name", () => {
    const identity = { ...zhang, name: "古丽·张䶮" };
    for (const name of ["古丽·张䶮", "古丽•张䶮", "古丽.张\ue863"]) {
      expect(decidedFor(hashed(md5(name)), identity).status, name).toBe("passed");
    }
    expect(decidedFor(hashed(md5("古丽张䶮")), identity).status).toBe("pending");
  });

  test("is another verification's when the echo is not our id, whatever its code says", () => {
    for (const code of ["0", "1301", "16", "31415"]) {
      expect(decide(subject, observed({ code, echo: "ver_other" }), during)).toMatchObject({
        status: "failed",
        reason: { code: "identity_mismatch" },
        anomaly: "echo_mismatch",
      });
    }
    expect(statusOf(observed({ echo: verificationId.toUpperCase() }))).toBe("failed");
  });
});
