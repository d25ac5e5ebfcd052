import { expect, test } from "vitest";
import type { ChannelModule } from "../../shared/channels/module.ts";
import { channelModules } from "../../shared/channels/registry.ts";
import { channelTooling, settingsToCheck } from "../../shared/channels/tooling.ts";
import { INDUSTRIES } from "../../shared/channels/tooling-type.ts";
import { readSettings } from "../../shared/config/read.ts";
import { simulated } from "../config/sample.ts";
import { answering, rawServer } from "../providers/tencent-cloud/raw-server.ts";
import { missingParts } from "./missing-parts.ts";
import { withoutTokens, zhang } from "./wechat/answers.ts";

const modules: readonly ChannelModule[] = channelModules;

test.each(modules.map((module) => [module.name, module] as const))(
  "%s is complete: module, function, route, deployment, samples, settings, codes, simulator, doctor",
  (_, module) => {
    const tooling = channelTooling.find(({ channel }) => channel === module.name);
    expect(missingParts({ ...module, ...(tooling && { tooling }) })).toEqual([]);
  },
);

test.each(modules.map((module) => [module.name, module] as const))(
  "what %s builds carries its name, and no evidence that its module does not name",
  (_, module) => {
    const channel = module.issuing.build(readSettings(module.issuing.settings, simulated), withoutTokens);
    expect(channel.name).toBe(module.name);
    for (const kind of channel.evidence.flat()) expect(module.evidence).toContain(kind);
    // Timers share the vendor's limit per action, and only WeChat's SDK hands the client a token for the result.
    const { camActions = [] } = channelTooling.find((tooling) => tooling.channel === module.name) ?? {};
    if (camActions.length > 0) expect(camActions).toContain(`faceid:${channel.queryApi}`);
    else expect(channel.queryApi).toBe(module.name);
    expect(channel.usesResultTokens).toBe(module.name === "wechat");
    // WeChat gives a picture with a pass alone; FaceID and eID keep what failed too (Tencent doc 1007/41957).
    expect(channel.evidenceOfPassesOnly).toBe(module.name === "wechat");
    // GetWeChatBillDetails lists BizTokens, which eID and WeChat do not have.
    const tooling = channelTooling.find(({ channel: name }) => name === module.name);
    expect(tooling?.isInBillDetails).toBe(channel.queryApi === "GetDetectInfoEnhanced");
  },
);

test.each(modules.map((module) => [module.name, module] as const))(
  "%s calls of Tencent Cloud what its tooling lets init allow, all of it and nothing else",
  async (_, module) => {
    const { port, requests } = await rawServer(answering({ Response: { RequestId: "r" } }));
    const settings = { ...simulated, SIMULATOR_URL: `http://127.0.0.1:${port}` };
    const channel = module.issuing.build(readSettings(module.issuing.settings, settings), withoutTokens);
    const flow = { verificationId: "ver_1", owner: "openid-1" };
    const issued = { token: "T", start: {}, account: {} };
    // What each call makes of such answers is no matter here.
    await channel.issue({ ...flow, identity: zhang, landingUrl: "https://shop.example/" }).catch(() => {});
    await channel.observe({ ...flow, issued }).catch(() => {});
    for (const kinds of channel.evidence)
      await channel.fetchEvidence({ ...flow, issued }, kinds).catch(() => {});
    const called = requests.flatMap((request) => /x-tc-action: (\w+)/i.exec(request)?.[1] ?? []);
    const { camActions } = channelTooling.find((tooling) => tooling.channel === module.name) ?? {};
    expect(new Set(camActions)).toEqual(new Set(called.map((action) => `faceid:${action}`)));
  },
);

test.each(modules.map((module) => [module.name, module] as const))(
  "%s is offered for the web if a browser can land, and for a mini-program if it need not",
  (_, { name, landing }) => {
    const { eligibility } = channelTooling.find((tooling) => tooling.channel === name) ?? {};
    expect(eligibility?.places.includes("web")).toBe(landing !== "never");
    expect(eligibility?.places.includes("mini-program")).toBe(landing !== "always");
  },
);

test.each(channelTooling.map((tooling) => [tooling.channel, tooling] as const))(
  "the tooling of %s says everything in both languages, and simulates every setting with a value",
  (_, { eligibility, simulated: { settings, service } }) => {
    for (const { en, zh } of [eligibility.rule, eligibility.review]) {
      expect(en).toMatch(/^[\w–].*[a-z]$/);
      expect(zh).toMatch(/\p{Script=Han}/u);
    }
    expect(service).toMatch(/^[a-z]+$/);
    for (const [name, value] of Object.entries(settings)) expect(value, name).toMatch(/^\S+$/);
  },
);

test("the doctor is told which settings to check in which way", () => {
  expect(settingsToCheck("rule-id")).toEqual(["FACEID_RULE_ID_MINI_PROGRAM", "FACEID_RULE_ID_H5"]);
  expect(settingsToCheck("merchant-id")).toEqual(["EID_MERCHANT_ID"]);
  expect(settingsToCheck("sm2-key")).toEqual(["EID_PRIVATE_KEY"]);
  expect(settingsToCheck("wechat-app")).toEqual(["WECHAT_APP_ID", "WECHAT_APP_SECRET"]);
});

test("industries are words that a command line takes", () => {
  for (const industry of INDUSTRIES) expect(industry).toMatch(/^[a-z]+(-[a-z]+)*$/);
});

test("no two channels share a name, a route or the setting that enables them", () => {
  for (const key of ["name", "route"] as const) {
    expect(new Set(channelModules.map((module) => module[key])).size).toBe(channelModules.length);
  }
  const enabling = channelModules.flatMap(({ enablingSettings }): readonly string[] => enablingSettings);
  expect(new Set(enabling).size).toBe(enabling.length);
});

test("a fifth channel that is only registered lacks all of this", () => {
  const madeUp = {
    name: "voice",
    route: "issueVoice",
    enablingSettings: ["VOICE_APP_ID"],
    identityPolicy: "IDENTITY_VOICE",
    landing: "always",
    resultFamilies: ["voice"],
    issuing: { settings: ["TENCENT_SECRET_ID", "VOICE_APP_ID"] },
    observing: { settings: ["TENCENT_SECRET_ID"] },
  } as const;
  expect(missingParts(madeUp)).toEqual([
    "shared/channels/voice/index.ts: no such file",
    "shared/channels/voice/tooling.ts: no such file",
    "functions/token-voice/index.ts: no such file",
    "events/token-voice.http.json: no such file",
    "events/token-voice.apigw.json: no such file",
    "shared/contract/routes.ts: no route issueVoice to POST /tokens/voice",
    "the contract's schema of a verification: no channel voice",
    "shared/channels/registry.ts: landingModules does not fit landing always",
    "serverless.yml: no function token-voice with an http trigger",
    "shared/config/settings.ts: no setting VOICE_APP_ID",
    "shared/config/settings.ts: no setting IDENTITY_VOICE",
    "shared/channels/result-families.ts: no family voice",
    "shared/channels/tooling.ts: it is not in the list",
    "checks: the doctor checks nothing of it",
  ]);
});

test("a channel whose parts are only half there lacks the other halves", () => {
  const [, h5] = channelModules;
  const half = {
    ...h5,
    identityPolicy: "IDENTITY_EID",
    landing: "never",
    resultFamilies: [],
    issuing: { settings: [...h5.issuing.settings, "EID_MERCHANT_ID"] },
    tooling: {
      checks: [{ settings: ["PUBLIC_URL"] }, { settings: ["WECHAT_ORIGINAL_ID"] }],
      simulated: { service: "faceid", settings: { EID_MERCHANT_ID: "0NSJ00000001" } },
    },
  } as const;
  expect(missingParts(half)).toEqual([
    "shared/channels/registry.ts: landingModules does not fit landing never",
    "serverless.yml: token-h5 is not given EID_MERCHANT_ID",
    "serverless.yml: token-h5 is not given IDENTITY_EID",
    "resultFamilies: it has none",
    "simulated.settings: no value of FACEID_RULE_ID_H5",
    "simulator/: does not know the simulated EID_MERCHANT_ID",
    "shared/config/settings.ts: the simulated EID_MERCHANT_ID is accepted for the real services",
    "tools/doctor/: no check WECHAT_ORIGINAL_ID",
  ]);
});

test("a simulated service that does not exist is missing", () => {
  const [, h5] = channelModules;
  const [, tooling] = channelTooling;
  const elsewhere = { checks: tooling?.checks ?? [], simulated: { service: "nowhere", settings: {} } };
  expect(missingParts({ ...h5, tooling: elsewhere })).toEqual([
    "simulator/nowhere: no such simulated service",
  ]);
});
