/** The simulated mini-program. */
export const APP_ID = "wxsim00000000000001";
/** Its AppSecret; it looks simulated, so that nobody takes it for a real one. */
export const APP_SECRET = "sim-app-secret";
