/** Calls the simulated api.weixin.qq.com. The reply is JSON with the content type text/plain. */
export async function wechat(
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
  return String((await wechat(origin, "/cgi-bin/stable_token", {}, APP))["access_token"]);
}

/** A face call with a usable token. */
export async function face(origin: string, name: string, body: unknown, token?: string) {
  const access_token = token ?? (await stableToken(origin));
  return wechat(origin, `/cityservice/face/identify/${name}`, { access_token }, body);
}
