/** A right value for every setting, as a deployment with the simulator has them; invented. */
import type { SettingName } from "../../shared/config/fields.ts";

const base64 = (bytes: number, fill: number) => Buffer.alloc(bytes, fill).toString("base64");

export const simulated: Readonly<Record<SettingName, string>> = {
  DATABASE_URL: "postgresql://nobody:pass-word-1@127.0.0.1:4595/none",
  MASTER_KEY: `k1:${base64(32, 1)}`,
  AUTH_SECRET: "sim-auth-secret-with-32-characters",
  AUTH_JWKS_URL: "http://127.0.0.1:4594/jwks.json",
  PUBLIC_URL: "https://zr.example",
  RETURN_URL_ORIGINS: "https://shop.example",
  ARCHIVE_URL: "file:/tmp/zhenren-evidence-that-nobody-writes",
  ARCHIVE_EVIDENCE: "text,video",
  FACEID_RULE_ID_MINI_PROGRAM: "sim-rule-mini-program",
  FACEID_RULE_ID_H5: "sim-rule-h5",
  IDENTITY_MINI_PROGRAM: "optional",
  IDENTITY_H5: "required",
  IDENTITY_EID: "optional",
  LIMIT_PER_OWNER: "20/1d",
  LIMIT_PER_PERSON: "15/1m,30/1d",
  EID_MERCHANT_ID: "sim-merchant",
  EID_PRIVATE_KEY: "7446a50d4e79be1549d2015c9621f150f00efd59a543a9c577e65e31805f67e9",
  EID_TOKEN_SECONDS: "600",
  EID_INPUT_TYPE: "1",
  EID_INTENTION: "none",
  EID_INTENTION_TEXT: "我同意开户",
  EID_INTENTION_ANSWERS: "同意|愿意",
  WECHAT_APP_ID: "wxsim00000000000001",
  WECHAT_APP_SECRET: "sim-app-secret",
  WECHAT_FACE_GENERATION: "2",
  WECHAT_FACE_IMAGE: "false",
  WECHAT_PUSH_TOKEN: "simpushtoken",
  WECHAT_PUSH_AES_KEY: "simAESKEY0123456789simAESKEY0123456789simAE",
  WECHAT_PUSH_MODE: "secure",
  WECHAT_ORIGINAL_ID: "gh_sim000000001",
  WEBHOOK_URL: "https://shop.example/hook/",
  WEBHOOK_SECRET: `whsec_${base64(24, 9)}`,
  TENCENT_SECRET_ID: "sim-secret-id",
  TENCENT_SECRET_KEY: "sim-secret-key",
  TENCENT_TOKEN: "sim-token",
  SIMULATOR_URL: "http://127.0.0.1:4593",
};

/** The same for the real services. */
export const real: Readonly<Record<string, string>> = {
  ...simulated,
  FACEID_RULE_ID_MINI_PROGRAM: "1",
  FACEID_RULE_ID_H5: "2",
  EID_MERCHANT_ID: "00001",
  EID_PRIVATE_KEY: "1".repeat(64),
  WECHAT_APP_ID: "wx0000000000000001",
  WECHAT_APP_SECRET: "0123456789abcdef0123456789abcdef",
  WECHAT_PUSH_TOKEN: "pushtoken",
  WECHAT_PUSH_AES_KEY: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
  TENCENT_SECRET_ID: "AKIDdemo",
  TENCENT_SECRET_KEY: "demo-key",
  SIMULATOR_URL: "",
};
