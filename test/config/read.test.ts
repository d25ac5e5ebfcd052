import { describe, expect, test } from "vitest";
import { readSettings } from "../../shared/config/read.ts";
import { type Setting, type SettingName, settings } from "../../shared/config/settings.ts";
import { complaint, names } from "./complaint.ts";
import { real, simulated } from "./sample.ts";

describe("settings", () => {
  test("are all right as the simulator's and as the real services' deployment have them", () => {
    expect(complaint(simulated)).toBe("");
    expect(complaint(real)).toBe("");
  });

  test("that are missing are all named at once; an empty one is missing, and what sls deploy writes for one", () => {
    const needed = names.filter((name) => {
      const setting: Setting = settings[name];
      return setting.default === undefined && !setting.optional;
    });
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

  test.each([
    "change-me",
    "Change-Me",
    "2026-11:changemechangemechangemechangemechangeme",
    "https://change-me.example",
  ])(
    "that are placeholders such as %s are refused, also for the simulator, and never repeated",
    (placeholder) => {
      for (const name of names) {
        const message = complaint({ SIMULATOR_URL: "http://127.0.0.1:3100", [name]: placeholder }, [name]);
        expect(message).toContain(`${name} is still the placeholder of .env.example`);
        expect(message).not.toContain(placeholder);
      }
    },
  );

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
