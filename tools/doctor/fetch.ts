/** Plain requests to addresses of the configuration: what came back, or in words why nothing did. */

/** Milliseconds. */
const patienceMs = 5_000;

/** An answer with its text, or the trouble that there was in place of one. */
export type Fetched =
  | { readonly response: Response; readonly text: string; readonly trouble?: undefined }
  | { readonly response?: undefined; readonly text?: undefined; readonly trouble: Trouble };

/** Why there was no answer, and what to do about it. */
export interface Trouble {
  readonly why: string;
  readonly remedy: string;
}

/** Asks within five seconds, without following redirects; certificates are checked as every client checks them. */
export async function fetchWithin(url: string, options: RequestInit = {}): Promise<Fetched> {
  try {
    const signal = AbortSignal.timeout(patienceMs);
    const response = await fetch(url, { redirect: "manual", ...options, signal });
    return { response, text: await response.text() };
  } catch (error) {
    return { trouble: troubleOf(error) };
  }
}

function troubleOf(error: unknown): Trouble {
  const code = codeOf(error);
  if (error instanceof Error && error.name === "TimeoutError") {
    return { why: "No answer came within five seconds.", remedy: "Look whether something listens there." };
  }
  if (/^(ENOTFOUND|EAI_)/.test(code)) {
    return {
      why: `Its name is not known to DNS (${code}).`,
      remedy: "Correct the name, or add its DNS record.",
    };
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/.test(code)) {
    return {
      why: `Its certificate is not valid (${code}).`,
      remedy:
        "Install a certificate for this name with its whole chain, from an authority that browsers trust.",
    };
  }
  return {
    why: `It cannot be reached (${code || "no connection"}).`,
    remedy: "Look whether it is running and whether a firewall is in between.",
  };
}

/** The code of the system or of TLS, which `fetch` wraps in a cause. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : undefined;
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
}
