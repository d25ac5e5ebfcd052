/** What this browser remembers: who is logged in, and the verifications that were started here. */
const stored = (key, fallback) => {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? fallback;
  } catch {
    return fallback;
  }
};

/** The login of the moment. */
export const session = {
  ...stored("zhenren-session", {}),
  begin(name, token) {
    Object.assign(this, { name, token });
    localStorage.setItem("zhenren-session", JSON.stringify({ name, token }));
  },
  end() {
    Object.assign(this, { name: undefined, token: undefined });
    localStorage.removeItem("zhenren-session");
  },
};

/** How many verifications are remembered. */
const most = 20;

/** The verifications that this user started here, newest first: `{id, channel, owner}`. */
export const startedHere = () => stored("zhenren-started", []).filter(({ owner }) => owner === session.name);

/** Remembers one more. */
export function rememberStarted(id, channel) {
  const all = [{ id, channel, owner: session.name }, ...stored("zhenren-started", [])];
  localStorage.setItem("zhenren-started", JSON.stringify(all.slice(0, most)));
}
