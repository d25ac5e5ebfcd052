/** Calls of the routes: bearer token, retries of what is temporary, errors with the server's code. */
import type { FinishRequest, LoginResponse, TokenResponse, Verification } from "./contract.ts";
import { ZhenrenError } from "./error.ts";
import type { HttpAnswer, Platform } from "./platform.ts";
import type { CommonOptions, VerifyRequest } from "./types.ts";

const ISSUE_RETRIES = 3;
/** Longer than a person waits for a button. */
const MAX_RETRY_WAIT_S = 10;

/** Waits; `seconds` may be a fraction. */
export const sleep = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1_000));

/** A token with the moment until which it can be used, by the clock of this device. */
export interface IssuedToken {
  token: TokenResponse;
  usableUntil: number;
}

/** The routes. */
export interface Api {
  issue(request: VerifyRequest): Promise<IssuedToken>;
  finish(id: string, body: FinishRequest): Promise<Verification>;
}

/** The JSON body, told by a field that only the real answer has: a hotel's login page answers 200 as well. */
function bodyOf<T>({ body, status }: HttpAnswer, field: keyof T & string): T {
  if (textIn(body, field) !== undefined) return body as T;
  throw new ZhenrenError("The answer is not from the server", "network", status);
}

function textIn(body: unknown, field: string): string | undefined {
  const value: unknown = Object(body)[field];
  return typeof value === "string" ? value : undefined;
}

function errorOf({ status, headers, body }: HttpAnswer): ZhenrenError {
  // A gateway or the platform itself may answer without a problem.
  const temporary = status === 429 ? "rate_limited" : status > 500 ? "provider_unavailable" : "internal";
  const after = Number(headers["retry-after"]);
  return new ZhenrenError(
    textIn(body, "detail") || `HTTP ${status}`,
    textIn(body, "code") || temporary,
    status,
    after || 0,
    textIn(body, "requestId"),
  );
}

/** A token can be started with until a little before its end, whatever this device takes for the time. */
function usableUntil({ headers }: HttpAnswer, expiresAt: string): number {
  const serverNow = Date.parse(String(headers["date"])) || Date.now();
  return Date.now() + Date.parse(expiresAt) - serverNow - 30_000;
}

/** Makes the calls. */
export function createApi(platform: Platform, options: CommonOptions): Api {
  const { api, login, language = "zh" } = options;
  let bearer: Promise<string> | undefined;

  async function send(method: "GET" | "POST", path: string, body: unknown, headers: Record<string, string>) {
    const url = typeof api === "string" ? api.replace(/\/$/, "") + path : api(path);
    const all = { "content-type": "application/json", "accept-language": language, ...headers };
    const answer = await platform
      .send({ method, url, headers: all, body: JSON.stringify(body) })
      .catch((cause) => {
        throw new ZhenrenError(String(cause), "network");
      });
    if (answer.status >= 300 || answer.status < 200) throw errorOf(answer);
    return answer;
  }

  async function logIn(): Promise<string> {
    if (login) return login();
    // A code is used up by the first request that arrives: each try has its own.
    const code = await platform.loginCode();
    return bodyOf<LoginResponse>(await send("POST", "/login", { code }, {}), "accessToken").accessToken;
  }

  async function bearerToken(): Promise<string> {
    bearer = bearer || logIn();
    try {
      return await bearer;
    } catch (error) {
      bearer = undefined;
      throw error;
    }
  }

  async function authorized(path: string, body: unknown, headers: Record<string, string> = {}) {
    for (let isFirst = true; ; isFirst = false) {
      try {
        const authorization = `Bearer ${await bearerToken()}`;
        return await send("POST", path, body, { authorization, ...headers });
      } catch (error) {
        if (!isFirst || !(error instanceof ZhenrenError) || error.status !== 401) throw error;
        bearer = undefined; // expired, or a code of wx.login that was used
      }
    }
  }

  return {
    async issue({ channel, ...body }) {
      // The same key on each try: an answer that was lost does not leave a second verification behind.
      const key = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
      for (let tried = 0; ; tried++) {
        try {
          const answer = await authorized(`/tokens/${channel}`, body, { "idempotency-key": key });
          const token = bodyOf<TokenResponse>(answer, "verificationId");
          return { token, usableUntil: usableUntil(answer, token.expiresAt) };
        } catch (error) {
          if (!(error instanceof ZhenrenError) || !error.isTemporary || tried === ISSUE_RETRIES) throw error;
          const wait = Math.max(2 ** tried, error.retryAfterSeconds);
          if (wait > MAX_RETRY_WAIT_S) throw error;
          await sleep(wait);
        }
      }
    },
    finish: async (id, body) =>
      bodyOf<Verification>(
        await authorized(`/verifications/${encodeURIComponent(id)}/finish`, body),
        "status",
      ),
  };
}
