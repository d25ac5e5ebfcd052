/** Requests to a stack, with all that a test looks at in an answer. */

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; throws when it is none. */
  json(): unknown;
}

/** What to send. */
export interface Sent {
  readonly bearer?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes and text go as they are, anything else as JSON. */
  readonly body?: unknown;
}

/** Sends a request and reads the answer. Redirects are not followed. */
export async function send(method: string, url: string, sent: Sent = {}): Promise<Answer> {
  const { bearer, body, headers = {} } = sent;
  const raw = typeof body === "string" || body instanceof Uint8Array || body === undefined;
  const response = await fetch(url, {
    method,
    redirect: "manual",
    headers: {
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: raw ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
}
