/** Calls api.weixin.qq.com's twin and reads the answer as text first, since it does not call itself JSON. */
export async function weChat(
  origin: string,
  path: string,
  query: Record<string, string>,
  body?: unknown,
): Promise<Record<string, unknown>> {
  const response = await fetch(`${origin}${path}?${new URLSearchParams(query)}`, {
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });
  return JSON.parse(await response.text());
}

export const APP = {
  appid: "wxsim00000000000001",
  secret: "sim-app-secret",
  grant_type: "client_credential",
};

/** A usable access token. */
export async function stableToken(origin: string): Promise<string> {
  return String((await weChat(origin, "/cgi-bin/stable_token", {}, APP))["access_token"]);
}

/** A face call with a usable token. */
export async function face(origin: string, name: string, body: unknown, token?: string) {
  const access_token = token ?? (await stableToken(origin));
  return weChat(origin, `/cityservice/face/identify/${name}`, { access_token }, body);
}
