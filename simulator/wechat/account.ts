/** The simulated mini-program; all its secrets look simulated, so that nobody takes them for real ones. */
export const APP_ID = "wxsim00000000000001";
/** Its AppSecret. */
export const APP_SECRET = "sim-app-secret";
/** The original id, which pushes are addressed to. */
export const ORIGINAL_ID = "gh_sim000000001";
/** The Token that signs pushes. */
export const PUSH_TOKEN = "simpushtoken";
/** The EncodingAESKey of pushes, 43 characters. */
export const ENCODING_AES_KEY = "simAESKEY0123456789simAESKEY0123456789simAE";

/** Whether a text can be an openid of this mini-program. */
export function isOpenid(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(text);
}
