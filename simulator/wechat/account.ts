/** The AppId of the simulated mini-program. Its secrets look simulated, so that nobody takes them for real ones. */
export const APP_ID = "wxsim00000000000001";
/** The AppSecret. */
export const APP_SECRET = "sim-app-secret";
/** The original id: the receiver of pushes. */
export const ORIGINAL_ID = "gh_sim000000001";
/** The Token that signs pushes. */
export const PUSH_TOKEN = "simpushtoken";
/** The EncodingAESKey of pushes, 43 characters. */
export const ENCODING_AES_KEY = "simAESKEY0123456789simAESKEY0123456789simAE";

/** Whether a text has the form of an openid. */
export function isOpenid(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(text);
}
