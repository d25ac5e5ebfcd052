import { createHmac, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer } from "node:http";
import { decodeJwt, decodeProtectedHeader, exportJWK, type JWTPayload, SignJWT } from "jose";
import { describe, expect, onTestFinished, test } from "vitest";
import { readSettings } from "../../shared/config/read.ts";
import { authenticator, authSettings, canSee, ownerFor, signUserToken } from "../../shared/http/auth.ts";
import { readRequest } from "../../shared/http/request.ts";
import { functionUrlEvent } from "./events.ts";

const secret = "sim-auth-secret-with-32-characters";
const bytes = new TextEncoder().encode(secret);
const issuer = generateKeyPairSync("rsa", { modulusLength: 2048 });
const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 });
const inAnHour = () => Math.floor(Date.now() / 1000) + 3_600;
const user = (over: JWTPayload = {}): JWTPayload => ({
  sub: "user-1",
  scope: "user",
  iss: "https://accounts.shop.example",
  aud: "https://zr.example",
  exp: inAnHour(),
  ...over,
});

const hs256 = (claims: JWTPayload, key = bytes) =>
  new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(key);
const rs256 = (claims: JWTPayload, key: KeyObject = issuer.privateKey, kid = "k1") =>
  new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid }).sign(key);

/** A token that no library would make. */
function forged(header: unknown, claims: unknown, sign: (input: string) => string = () => ""): string {
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${sign(input)}`;
}

const withHeader = (authorization: string | undefined) =>
  readRequest(functionUrlEvent({ headers: authorization === undefined ? {} : { authorization } }));
const bearer = (token: string) => withHeader(`Bearer ${token}`);

/** An issuer's JWKS on this machine; `status` other than 200 is an issuer in trouble. */
async function jwks(
  status = 200,
  body?: string,
  { publicKey = issuer.publicKey, alg = "RS256" } = {},
): Promise<string> {
  const key = { ...(await exportJWK(publicKey)), kid: "k1", alg, use: "sig" };
  const server = createServer((_, response) =>
    response
      .writeHead(status, { "content-type": "application/json" })
      .end(body ?? JSON.stringify({ keys: [key] })),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("no address");
  return `http://127.0.0.1:${address.port}/jwks.json`;
}

/** The issuer as the merchant configures it; every token that {@link user} makes is from it and for us. */
const issuerSettings = { AUTH_ISSUER: "https://accounts.shop.example", AUTH_AUDIENCE: "https://zr.example" };
const noIssuer = { AUTH_JWKS_URL: undefined, AUTH_ISSUER: undefined, AUTH_AUDIENCE: undefined };

const ours = authenticator({ ...noIssuer, AUTH_SECRET: secret });
const theirs = async (over: Partial<Record<keyof typeof issuerSettings, string | undefined>> = {}) =>
  authenticator({ AUTH_SECRET: undefined, AUTH_JWKS_URL: await jwks(), ...issuerSettings, ...over });

describe("a token signed with AUTH_SECRET", () => {
  test("says who calls", async () => {
    expect(await ours(bearer(await hs256(user())))).toEqual({ subject: "user-1", scope: "user" });
    expect(await ours(bearer(await hs256(user({ sub: "shop", scope: "backend" }))))).toEqual({
      subject: "shop",
      scope: "backend",
    });
    expect(await ours(withHeader(`bearer  ${signUserToken(secret, "openid-1", 60)}`))).toEqual({
      subject: "openid-1",
      scope: "user",
    });
  });

  const none = { alg: "none", typ: "JWT" };
  const forgeries: [string, () => string | Promise<string>][] = [
    ["no signature (alg none)", () => forged(none, user())],
    ["no signature, alg in capitals", () => forged({ alg: "NONE" }, user())],
    ["no signature under HS256", () => forged({ alg: "HS256" }, user())],
    [
      "no alg",
      () => forged({}, user(), (input) => createHmac("sha256", bytes).update(input).digest("base64url")),
    ],
    ["another secret", () => hs256(user(), new TextEncoder().encode(`${secret}!`))],
    [
      "an empty secret",
      () =>
        forged({ alg: "HS256" }, user(), (input) =>
          createHmac("sha256", "").update(input).digest("base64url"),
        ),
    ],
    [
      "HS512 with the right secret",
      () => new SignJWT(user()).setProtectedHeader({ alg: "HS512" }).sign(bytes),
    ],
    ["RS256 of anybody", () => rs256(user(), stranger.privateKey)],
    ["its time over", () => hs256(user({ exp: Math.floor(Date.now() / 1000) - 6 }))],
    ["its time not come", () => hs256(user({ nbf: inAnHour() }))],
    ["no exp", () => hs256({ sub: "user-1", scope: "user" })],
    [
      "an exp that is text",
      () =>
        forged({ alg: "HS256" }, user({ exp: "9999999999" as never }), (input) =>
          createHmac("sha256", bytes).update(input).digest("base64url"),
        ),
    ],
    ...["none", "HS512", "RS256", "hs256", ["HS256"]].map((alg): [string, () => string] => [
      `alg ${JSON.stringify(alg)} over a signature of HS256`,
      () => forged({ alg }, user(), (input) => createHmac("sha256", bytes).update(input).digest("base64url")),
    ]),
    [
      "an nbf that is text",
      () =>
        forged({ alg: "HS256" }, user({ nbf: "0" as never }), (input) =>
          createHmac("sha256", bytes).update(input).digest("base64url"),
        ),
    ],
    [
      "claims that are no object",
      () =>
        forged({ alg: "HS256" }, [user()], (input) =>
          createHmac("sha256", bytes).update(input).digest("base64url"),
        ),
    ],
    ["a fourth part", async () => `${await hs256(user())}.x`],
    ["no sub", () => hs256({ scope: "user", exp: inAnHour() })],
    ["an empty sub", () => hs256(user({ sub: "" }))],
    ["a sub of 257 characters", () => hs256(user({ sub: "u".repeat(257) }))],
    ["a NUL in its sub", () => hs256(user({ sub: "a\u0000b" }))],
    ["no scope", () => hs256({ sub: "user-1", exp: inAnHour() })],
    ["scope admin", () => hs256(user({ scope: "admin" }))],
    ["two scopes in one", () => hs256(user({ scope: "user backend" }))],
    ["scopes in a list", () => hs256(user({ scope: ["backend"] }))],
    [
      "a critical extension nobody knows",
      () =>
        forged({ alg: "HS256", crit: ["x"], x: 1 }, user(), (input) =>
          createHmac("sha256", bytes).update(input).digest("base64url"),
        ),
    ],
    [
      "its payload changed",
      async () =>
        (await hs256(user())).replace(
          /\.[^.]+\./,
          `.${Buffer.from(JSON.stringify(user({ scope: "backend" }))).toString("base64url")}.`,
        ),
    ],
    ["its last letter cut", async () => (await hs256(user())).slice(0, -1)],
    ["two dots only", () => ".."],
    ["five parts, as an encrypted one", () => "a.b.c.d.e"],
  ];
  test.each(forgeries)("is refused with %s", async (_, make) => {
    await expect(ours(bearer(await make()))).rejects.toMatchObject({ code: "unauthenticated" });
  });

  test.each([undefined, "", "Bearer", "Bearer ", "Basic dTpw", "Bearer a b", "Bearer é.é.é", "token"])(
    "is wanted, not %j",
    async (header) => {
      await expect(ours(withHeader(header))).rejects.toMatchObject({ code: "unauthenticated" });
    },
  );

  test("is refused when it comes twice, even if one of the two is right", async () => {
    const token = `Bearer ${await hs256(user())}`;
    const event = functionUrlEvent({ headers: { Authorization: "Bearer x.y.z", authorization: token } });
    await expect(ours(readRequest(event))).rejects.toMatchObject({ code: "unauthenticated" });
  });

  test("never repeats the token in the refusal", async () => {
    const token = await hs256(user({ scope: "admin" }));
    await expect(ours(bearer(token))).rejects.toSatisfy(
      (error) => !String(error).includes(token.slice(0, 20)),
    );
  });
});

describe("a token of the merchant's own issuer", () => {
  test("is checked against its JWKS", async () => {
    expect(await (await theirs())(bearer(await rs256(user())))).toEqual({ subject: "user-1", scope: "user" });
  });

  test.each([
    ["RS384", () => issuer],
    ["RS512", () => issuer],
    ["PS256", () => issuer],
    ["ES256", () => generateKeyPairSync("ec", { namedCurve: "P-256" })],
    ["ES384", () => generateKeyPairSync("ec", { namedCurve: "P-384" })],
    ["ES512", () => generateKeyPairSync("ec", { namedCurve: "P-521" })],
    ["EdDSA", () => generateKeyPairSync("ed25519")],
  ] as const)("may be signed with %s (RFC 7518, RFC 8037)", async (alg, makeKeys) => {
    const { publicKey, privateKey } = makeKeys();
    const url = await jwks(200, undefined, { publicKey, alg });
    const check = authenticator({ ...issuerSettings, AUTH_SECRET: undefined, AUTH_JWKS_URL: url });
    const token = await new SignJWT(user()).setProtectedHeader({ alg, kid: "k1" }).sign(privateKey);
    expect(await check(bearer(token))).toEqual({ subject: "user-1", scope: "user" });
  });

  test("is refused with another key, an unknown kid, or HS256 made with the public key", async () => {
    const check = await theirs();
    const pem = issuer.publicKey.export({ type: "spki", format: "pem" }).toString();
    const der = issuer.publicKey.export({ type: "spki", format: "der" });
    const hmac = (key: string | Buffer) =>
      forged({ alg: "HS256", kid: "k1" }, user(), (input) =>
        createHmac("sha256", key).update(input).digest("base64url"),
      );
    const embedded = { alg: "RS256", jwk: await exportJWK(stranger.publicKey) };
    const forgeries = [
      await rs256(user(), stranger.privateKey),
      await rs256(user(), issuer.privateKey, "k2"),
      hmac(pem),
      hmac(pem.trim()),
      hmac(der),
      await hs256(user()),
      forged({ alg: "none", kid: "k1" }, user()),
      await new SignJWT(user()).setProtectedHeader(embedded).sign(stranger.privateKey),
    ];
    for (const token of forgeries) {
      await expect(check(bearer(token))).rejects.toMatchObject({ code: "unauthenticated" });
    }
  });

  test.each<[string, JWTPayload]>([
    ["for another service", { aud: "https://other.shop.example" }],
    ["for several others", { aud: ["https://other.shop.example", "https://zr.example.evil.example"] }],
    ["for nobody", { aud: [] }],
    ["for us in another spelling", { aud: "https://ZR.example" }],
    ["of another issuer", { iss: "https://evil.example" }],
    ["of an issuer without a name", { iss: "" }],
  ])("is refused %s, though its signature is right", async (_, claims) => {
    const token = bearer(await rs256(user(claims)));
    await expect((await theirs())(token)).rejects.toMatchObject({ code: "unauthenticated" });
  });

  test("may be for others too", async () => {
    const token = await rs256(user({ aud: ["https://other.shop.example", "https://zr.example"] }));
    expect(await (await theirs())(bearer(token))).toMatchObject({ subject: "user-1" });
  });

  test("may be of any issuer where AUTH_ISSUER is not set, and is never taken without AUTH_AUDIENCE", async () => {
    const token = bearer(await rs256(user({ iss: "https://accounts.example" })));
    expect(await (await theirs({ AUTH_ISSUER: undefined }))(token)).toMatchObject({ subject: "user-1" });
    const open = await theirs({ AUTH_AUDIENCE: undefined });
    await expect(open(token)).rejects.toMatchObject({
      code: "misconfigured",
      problems: [{ setting: "AUTH_AUDIENCE" }],
    });
  });

  test("stands beside our own: each is checked by its own key alone", async () => {
    const both = authenticator({ AUTH_SECRET: secret, AUTH_JWKS_URL: await jwks(), ...issuerSettings });
    expect(await both(bearer(await hs256(user())))).toMatchObject({ subject: "user-1" });
    expect(await both(bearer(await rs256(user({ sub: "shop", scope: "backend" }))))).toMatchObject({
      scope: "backend",
    });
    await expect(both(bearer(await rs256(user(), stranger.privateKey)))).rejects.toMatchObject({
      code: "unauthenticated",
    });
    await expect(both(bearer(forged({ alg: "none" }, user())))).rejects.toMatchObject({
      code: "unauthenticated",
    });
  });

  test.each<[string, () => Promise<string>]>([
    ["is gone", async () => "http://127.0.0.1:4596/jwks.json"],
    ["answers 500", () => jwks(500)],
    ["answers HTML", () => jwks(200, "<html>")],
    ["answers no key set", () => jwks(200, '{"keys":5}')],
  ])("cannot be checked while the issuer %s: unavailable, not the caller's fault", async (_, url) => {
    const check = authenticator({
      AUTH_SECRET: undefined,
      AUTH_JWKS_URL: await url(),
      ...issuerSettings,
    });
    await expect(check(bearer(await rs256(user())))).rejects.toMatchObject({
      code: "provider_unavailable",
      retryAfterSeconds: 5,
    });
  });
});

describe("the settings that know callers", () => {
  test("are both read", () => {
    const given = {
      ...issuerSettings,
      AUTH_SECRET: secret,
      AUTH_JWKS_URL: "https://issuer.example/jwks.json",
    };
    expect(readSettings(authSettings, given)).toEqual(given);
  });

  test("are named when both are missing, which is not the caller's fault", async () => {
    const check = authenticator({ ...noIssuer, AUTH_SECRET: undefined });
    await expect(check(bearer(await hs256(user())))).rejects.toMatchObject({
      code: "misconfigured",
      problems: [expect.objectContaining({ setting: "AUTH_SECRET" })],
    });
  });
});

test("a token that we sign is a JWT for so many seconds from now", async () => {
  const before = Math.floor(Date.now() / 1000);
  const token = signUserToken(secret, "openid-1", 90);
  const after = Math.floor(Date.now() / 1000);
  expect(decodeProtectedHeader(token)).toEqual({ alg: "HS256", typ: "JWT" });
  const { exp, ...claims } = decodeJwt(token);
  expect(claims).toEqual({ sub: "openid-1", scope: "user", iat: expect.any(Number) });
  expect(exp).toBeGreaterThanOrEqual(before + 90);
  expect(exp).toBeLessThanOrEqual(after + 90);
});

describe("what a caller may do (THREATS 1, 7, 67)", () => {
  const one = { subject: "user-1", scope: "user" } as const;
  const shop = { subject: "shop", scope: "backend" } as const;

  test("a user acts for itself alone, a backend for whom it names", () => {
    expect(ownerFor(one, undefined)).toBe("user-1");
    expect(() => ownerFor(one, "user-2")).toThrow("Only a backend may name a subject.");
    expect(() => ownerFor(one, "user-1")).toThrow("Only a backend may name a subject.");
    expect(ownerFor(shop, "user-2")).toBe("user-2");
    expect(ownerFor(shop, undefined)).toBe("shop");
  });

  test("a user sees its own alone, a backend all", () => {
    expect([
      canSee(one, "user-1"),
      canSee(one, "user-2"),
      canSee(one, "USER-1"),
      canSee(one, "user-12"),
      canSee(one, "user-10"),
      canSee(one, "user"),
      canSee(one, ""),
      canSee(shop, "user-2"),
    ]).toEqual([true, false, false, false, false, false, false, true]);
  });
});
