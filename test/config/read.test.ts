import { describe, expect, test } from "vitest";
import { fields, type SettingName } from "../../shared/config/fields.ts";
import { readSettings, required } from "../../shared/config/read.ts";
import { MisconfiguredError } from "../../shared/runtime/errors.ts";
import { real, simulated } from "./sample.ts";

const names = Object.keys(fields) as SettingName[]; // the object's own keys
const complaint = (
  env: Readonly<Record<string, string | undefined>>,
  which: readonly SettingName[] = names,
): string => {
  try {
    readSettings(which, env);
  } catch (error) {
    expect(error).toBeInstanceOf(MisconfiguredError);
    return error instanceof Error ? error.message : "";
  }
  return "";
};

describe("settings", () => {
  test("are all right as the simulator's and as the real services' deployment have them", () => {
    expect(complaint(simulated)).toBe("");
    expect(complaint(real)).toBe("");
  });

  test("that are missing are all named at once; an empty one is missing, and what sls deploy writes for one", () => {
    const needed = names.filter((name) => !fields[name].safeParse(undefined).success);
    expect(needed).toContain("DATABASE_URL");
    for (const env of [
      {},
      ...["", "undefined"].map((value) => Object.fromEntries(names.map((name) => [name, value]))),
    ]) {
      const message = complaint(env);
      for (const name of needed) expect(message).toContain(`${name} is missing`);
      expect(message).toContain("AUTH_SECRET or AUTH_JWKS_URL is missing");
      expect(message).toContain("TENCENT_SECRET_ID is missing, and the function has no role");
    }
  });

  test("are asked for only by who names them", () => {
    expect(
      readSettings(["PUBLIC_URL"], { PUBLIC_URL: "https://zr.example/", DATABASE_URL: "wrong" }),
    ).toEqual({
      PUBLIC_URL: "https://zr.example",
    });
  });

  const wrong: [SettingName, string][] = [
    ["DATABASE_URL", "mysql://root:pa55word@db/x"],
    ["DATABASE_URL", "pa55word"],
    ["MASTER_KEY", "pa55word"],
    ["AUTH_SECRET", "pa55word"],
    ["AUTH_JWKS_URL", "http://issuer.example/pa55word"],
    ["PUBLIC_URL", "http://pa55word.example"],
    ["PUBLIC_URL", "https://zr.example/?x=pa55word"],
    ["PUBLIC_URL", "https://zr.example/#pa55word"],
    ["PUBLIC_URL", "https://user:pa55word@zr.example/"],
    ["RETURN_URL_ORIGINS", "https://shop.example/pa55word"],
    ["RETURN_URL_ORIGINS", "http://pa55word.example"],
    ["RETURN_URL_ORIGINS", "*"],
    ["RETURN_URL_ORIGINS", "https://*.pa55word.example"],
    ["RETURN_URL_ORIGINS", "https://shop.example,"],
    ["RETURN_URL_ORIGINS", "https://u:pa55word@shop.example"],
    ["RETURN_URL_ORIGINS", "null"],
    ["CORS_ORIGINS", "*"],
    ["CORS_ORIGINS", "null"],
    ["CORS_ORIGINS", "http://pa55word.example"],
    ["CORS_ORIGINS", "https://shop.example,https://pa55word.example/path"],
    ["ARCHIVE_EVIDENCE", "text,pa55word"],
    ["ARCHIVE_EVIDENCE", "none,text"],
    ["LIMIT_PER_OWNER", "pa55word"],
    ["LIMIT_PER_OWNER", "0/1d"],
    ["LIMIT_PER_PERSON", "15/1m;30/1d"],
    ["LIMIT_PER_PERSON", "-1/1d"],
    ["IDENTITY_H5", "pa55word"],
    ["EID_PRIVATE_KEY", "pa55word"],
    ["EID_TOKEN_SECONDS", "59"],
    ["EID_TOKEN_SECONDS", "pa55word"],
    ["EID_INTENTION", "pa55word"],
    ["WECHAT_FACE_GENERATION", "3"],
    ["WECHAT_PUSH_MODE", "pa55word"],
    ["WECHAT_PUSH_AES_KEY", "pa55word"],
    ["WEBHOOK_URL", "ftp://pa55word.example"],
    ["WEBHOOK_URL", "https://user:pa55word@shop.example/"],
    ["WEBHOOK_SECRET", "pa55word"],
    ["WEBHOOK_SECRET", "whsec_pa55wordpa55wordpa55wordA"],
    ["WEBHOOK_SECRET", "whsec_========================"],
    ["SIMULATOR_URL", "https://127.0.0.1:3100"],
    ["SIMULATOR_URL", "http://pa55word.example"],
    ["SIMULATOR_URL", "http://127.0.0.1.pa55word.example"],
  ];
  test.each(wrong)("name %s alone when it is %s, and never repeat it", (name, value) => {
    const message = complaint({ ...simulated, [name]: value });
    expect(message).toMatch(new RegExp(`^Settings: ${name} .+\\.$`));
    const named = names.filter((other) => new RegExp(`\\b${other} (is missing|must)`).test(message));
    expect(named.filter((other) => other !== name)).toEqual([]);
    expect(message).not.toContain("pa55word");
  });

  /** Text that people write, where such characters may be meant; and where evidence lies, which the store itself parses. */
  const free: readonly SettingName[] = [
    "AUTH_SECRET",
    "EID_INTENTION_TEXT",
    "EID_INTENTION_ANSWERS",
    "ARCHIVE_URL",
  ];
  const hiddenCharacters = [
    "\n",
    "\r\n",
    "\t",
    " ",
    "\u00a0",
    "\u200b",
    "\u202d",
    "\u00ad",
    "\ufeff",
    "\u0000",
  ];
  test.each(names.filter((name) => !free.includes(name)))(
    "%s with a hidden character is refused by its name, or read as if it were not there",
    (name) => {
      const clean = simulated[name];
      const middle = Math.floor(clean.length / 2);
      const read = (value: string) => readSettings(names, { ...simulated, [name]: value })[name];
      for (const character of hiddenCharacters) {
        for (const at of [0, middle, clean.length]) {
          const value = clean.slice(0, at) + character + clean.slice(at);
          const message = complaint({ ...simulated, [name]: value });
          if (message === "") expect(read(value), JSON.stringify(value)).toEqual(read(clean));
          else expect(message).toContain(name);
          // A word to choose from stands in the message by itself.
          if (!message.includes(clean)) expect(message).not.toContain(value);
        }
      }
    },
  );

  test.each(
    names.filter(
      (name) =>
        /_(ID|SECRET|KEY|TOKEN)$|_RULE_ID_/.test(name) && name !== "AUTH_SECRET" && name !== "MASTER_KEY",
    ),
  )("%s, which travels in a header, an address or a signature, never takes one inside", (name) => {
    const clean = simulated[name];
    for (const character of [...hiddenCharacters, "密", "é"]) {
      const message = complaint({ ...simulated, [name]: clean.slice(0, 4) + character + clean.slice(4) });
      expect(message).toMatch(new RegExp(`\\b${name} must`));
      expect(message).not.toContain(clean.slice(4));
    }
  });

  test("name everything that is wrong in one error", () => {
    const message = complaint({
      ...simulated,
      DATABASE_URL: "x",
      PUBLIC_URL: "x",
      LIMIT_PER_OWNER: "x",
      MASTER_KEY: "",
    });
    for (const name of [
      "DATABASE_URL must",
      "PUBLIC_URL must",
      "LIMIT_PER_OWNER must",
      "MASTER_KEY is missing",
    ]) {
      expect(message).toContain(name);
    }
  });

  test("become what they mean", () => {
    const read = readSettings(names, { ...simulated, PUBLIC_URL: "https://zr.example/base/" });
    expect(read.LIMIT_PER_PERSON).toEqual([
      { count: 15, seconds: 60 },
      { count: 30, seconds: 86_400 },
    ]);
    expect(read.RETURN_URL_ORIGINS).toEqual(new Set(["https://shop.example"]));
    expect(read.MASTER_KEY.current.id).toBe("k1");
    expect(read.PUBLIC_URL).toBe("https://zr.example/base");
    // To the letter: redirects are not followed, so a slash more or less is another address.
    expect(read.WEBHOOK_URL).toBe("https://shop.example/hook/");
    expect(readSettings(["ARCHIVE_EVIDENCE"], { ARCHIVE_EVIDENCE: "none" }).ARCHIVE_EVIDENCE.size).toBe(0);
  });

  test("without limits have the vendor's own", () => {
    const { LIMIT_PER_OWNER, LIMIT_PER_PERSON } = readSettings(["LIMIT_PER_OWNER", "LIMIT_PER_PERSON"], {});
    expect(LIMIT_PER_OWNER).toEqual([{ count: 20, seconds: 86_400 }]);
    expect(LIMIT_PER_PERSON).toEqual([
      { count: 15, seconds: 60 },
      { count: 30, seconds: 86_400 },
    ]);
  });
});

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
