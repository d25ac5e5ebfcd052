/** Problems that no single setting shows. */
import { describe, expect, test } from "vitest";
import { required } from "../../shared/config/read.ts";
import type { SettingName } from "../../shared/config/settings.ts";
import { complaint } from "./complaint.ts";
import { real, simulated } from "./sample.ts";

describe("simulated and real settings (THREAT 66)", () => {
  test("are not mixed: each that differs is named", () => {
    for (const [name, value] of Object.entries(real)) {
      if (value === simulated[name as SettingName] || name === "SIMULATOR_URL") continue;
      expect(complaint({ ...simulated, [name]: value })).toContain(
        `${name} is real, but SIMULATOR_URL is set`,
      );
      expect(complaint({ ...real, [name]: simulated[name as SettingName] })).toContain(
        `${name} is simulated, but SIMULATOR_URL is not set`,
      );
    }
  });

  test("are not mixed within a list either: of two values each counts", () => {
    const lists = ["WECHAT_PUSH_TOKEN", "WECHAT_PUSH_AES_KEY"] as const;
    for (const name of lists) {
      for (const list of [`${real[name]},${simulated[name]}`, `${simulated[name]}, ${real[name]}`]) {
        expect(complaint({ ...real, [name]: list })).toContain(
          `${name} is simulated, but SIMULATOR_URL is not set`,
        );
        expect(complaint({ ...simulated, [name]: list })).toContain(
          `${name} is real, but SIMULATOR_URL is set`,
        );
      }
      expect(complaint({ ...real, [name]: `${real[name]},${real[name]}` })).toBe("");
      expect(complaint({ ...simulated, [name]: `${simulated[name]},${simulated[name]}` })).toBe("");
    }
  });

  test("leave no way to the simulator in the cloud", () => {
    expect(complaint({ ...simulated, TENCENTCLOUD_RUNENV: "SCF" })).toContain(
      "SIMULATOR_URL must not be set in the cloud",
    );
    expect(complaint({ ...real, TENCENTCLOUD_RUNENV: "SCF" })).toBe("");
  });
});

describe("settings that come in pairs", () => {
  test("are named when one is missing", () => {
    expect(complaint({ ...simulated, AUTH_SECRET: "", AUTH_JWKS_URL: "" })).toContain(
      "AUTH_SECRET or AUTH_JWKS_URL is missing",
    );
    expect(complaint({ ...simulated, AUTH_JWKS_URL: "", AUTH_AUDIENCE: "", AUTH_ISSUER: "" })).toBe("");
    expect(complaint({ ...simulated, AUTH_ISSUER: "" })).toBe("");
    expect(complaint({ ...simulated, AUTH_AUDIENCE: "" })).toBe(
      "Settings: AUTH_AUDIENCE is missing, but AUTH_JWKS_URL is set.",
    );
    expect(complaint({ ...simulated, AUTH_SECRET: "" })).toBe("");
    expect(complaint({ ...simulated, WEBHOOK_SECRET: "" })).toContain(
      "WEBHOOK_SECRET is missing, but WEBHOOK_URL is set",
    );
    expect(complaint({ ...simulated, TENCENT_SECRET_KEY: "" })).toContain("must be set together");
    expect(complaint({ ...real, TENCENT_SECRET_ID: "" })).toContain("must be set together");
  });

  test("are not needed where the function has a role", () => {
    const role = {
      TENCENT_SECRET_ID: "",
      TENCENT_SECRET_KEY: "",
      TENCENT_TOKEN: "",
      TENCENTCLOUD_SECRETID: "AKIDrole",
    };
    expect(complaint({ ...real, ...role })).toBe("");
  });

  test("that are needed here are asked for by name", () => {
    expect(required({ AUTH_SECRET: "x" }, "AUTH_SECRET")).toBe("x");
    expect(() => required({ AUTH_SECRET: undefined }, "AUTH_SECRET")).toThrow(
      "Settings: AUTH_SECRET is missing.",
    );
  });
});
