/** Web pages: what all of them share. */
import { ZhenrenError } from "../error.ts";
import type { Platform } from "../platform.ts";
import type { WebLike } from "./web.ts";

declare const window: WebLike;

/** The page's own window. */
export const nativeWindow = (): WebLike => window;

const REQUEST_TIMEOUT_MS = 30_000;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Everything but the vendor's part. */
export function webPage(
  web: WebLike,
): Pick<Platform, "send" | "loginCode" | "storage" | "confirm" | "onShow" | "returnedFrom"> {
  const send: Platform["send"] = async ({ method, url, headers, body }) => {
    const init = { method, headers, ...(body !== undefined && { body }) };
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error("No answer in time")), REQUEST_TIMEOUT_MS);
    });
    const response = await Promise.race([web.fetch(url, init), late]);
    const all: Record<string, string> = {};
    response.headers.forEach((value, name) => {
      all[name.toLowerCase()] = value;
    });
    return {
      status: response.status,
      headers: all,
      body: parsed(await Promise.race([response.text(), late])),
    };
  };
  /** A browser may refuse to store anything; the page then forgets with its end. */
  const stored = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch {
      return undefined;
    }
  };
  return {
    send,
    loginCode: () => Promise.reject(new ZhenrenError("The option `login` is missing", "usage")),
    storage: {
      get: (key) => stored(() => web.localStorage.getItem(key)) ?? undefined,
      set: (key, value) => stored(() => web.localStorage.setItem(key, value)),
      remove: (key) => stored(() => web.localStorage.removeItem(key)),
    },
    confirm: async (title, content) => web.confirm(`${title}\n\n${content}`),
    onShow(callback) {
      web.document.addEventListener("visibilitychange", () => {
        if (web.document.visibilityState === "visible") callback();
      });
    },
    // Put there by the landing page. Anybody can write such an address: it is only a reason to ask.
    returnedFrom: () => /[?&]verification=(ver_[\w-]+)/.exec(web.location.search)?.[1],
  };
}
