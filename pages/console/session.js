/** What this tab remembers: the bearer token, until the tab is closed. It is never written anywhere else. */
const KEY = "zhenren-console-token";

export const session = {
  get token() {
    return sessionStorage.getItem(KEY);
  },
  begin(token) {
    sessionStorage.setItem(KEY, token);
  },
  end() {
    sessionStorage.removeItem(KEY);
  },
};
