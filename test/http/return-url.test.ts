import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkReturnUrl, withResult } from "../../shared/http/return-url.ts";
import { InvalidRequestError } from "../../shared/runtime/errors.ts";

const origins = new Set(["https://shop.example", "https://app.shop.example:8443"]);
const check = (text: string) => checkReturnUrl(text, { origins, allowLoopback: false });
const result = { verificationId: "ver_1", status: "passed", attemptFailed: false };

describe("a returnUrl", () => {
  test.each([
    "https://shop.example",
    "https://shop.example/done?order=7#top",
    "HTTPS://SHOP.EXAMPLE/a",
    "https://shop.example:443/a",
    "https://app.shop.example:8443/a/../b",
    "https://shop.example/订单",
    "https://shop.example/?next=https://evil.example/",
    "https://shop.example/p?title=a%20b&sig=(x)*~&flag",
    "https://shop.example/%e4%ba%ba?a=b+c&&=#",
  ])("%s may be used, byte for byte", (text) => {
    expect(check(text)).toBe(text);
  });

  test.each([
    "",
    "/done",
    "//shop.example/done",
    "//evil.example/",
    "https:shop.example",
    "https:/shop.example",
    "https:///shop.example/",
    "https:////evil.example/",
    "http://shop.example/",
    "ftp://shop.example/",
    "javascript:alert(1)//https://shop.example/",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "https://evil.example/",
    "https://evil.example/https://shop.example/",
    "https://evil.example/?x=https://shop.example/",
    "https://evil.example#https://shop.example/",
    "https://shop.example.evil.example/",
    "https://evilshop.example/",
    "https://sub.shop.example/",
    "https://shop.example.",
    "https://shop.example:444/",
    "https://app.shop.example/",
    "https://shop.example@evil.example/",
    "https://shop.example:x@evil.example/",
    "https://user@shop.example/",
    "https://:password@shop.example/",
    "https://evil.example\\@shop.example/",
    "https://shop.example\\@evil.example/",
    "https:\\\\evil.example/",
    "https://evil.example\\.shop.example/",
    "https://shop.example%2f@evil.example/",
    "https://shop.example%00.evil.example/",
    "https://evil.example%2F.shop.example/",
    "https://evil.example%5C.shop.example/",
    "https://shop.example%09.evil.example/",
    " https://shop.example/",
    "https://shop.example/ ",
    "https://shop.exa\tmple/",
    "https://shop.example/\n",
    "java\nscript:alert(1)",
    "https://shop.example/\u0000",
    "https://shop.example/\u0085",
    "https://shop.example/\u2028x",
    "https://[::1]/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://shоp.example/", // a Cyrillic о
    "https://ｓhop.example/",
    "https://shop。example/",
    "https://sh%6fp.example/",
    "https://@shop.example/",
    "https://shop.example:0443/",
    "null",
    "https://",
    "https://?",
    "https://#",
  ])("%j is refused, and not repeated (THREAT 16)", (text) => {
    expect(() => check(text)).toThrow(InvalidRequestError);
    expect(() => check(text)).toThrow(/^returnUrl: (holds|must|its)/);
  });

  test("is refused whatever it is while no origin is allowed", () => {
    expect(() =>
      checkReturnUrl("https://shop.example/", { origins: new Set(), allowLoopback: false }),
    ).toThrow(InvalidRequestError);
  });

  /** RFC 3986 appendix B, and a host from the authority: a reader of URLs that shares nothing with the parser in use. */
  function originByRfc(url: string): string | undefined {
    const [, scheme, authority = ""] = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?/.exec(url) ?? [];
    const [, port] = /:(\d+)$/.exec(authority) ?? [];
    if (authority.includes("@") || authority.includes("%")) return undefined;
    const host = authority.replace(/:\d*$/, "");
    return `${scheme}://${host}${port === undefined || port === "443" ? "" : `:${port}`}`.toLowerCase();
  }

  test("that is accepted leads to an allowed origin, by another reading of URLs than the parser's", () => {
    const bit = fc.oneof(
      fc.constantFrom(
        ...[
          "https",
          "http",
          ":",
          "/",
          "//",
          "\\",
          "@",
          "#",
          "?",
          "%2f",
          "%5c",
          "%00",
          "%40",
          ".",
          "\t",
          "\n",
          " ",
          "。",
          "％",
        ],
        ...[
          "shop.example",
          "SHOP.example",
          "evil.example",
          "app.shop.example",
          ":443",
          ":8443",
          ":80",
          "javascript",
          "ｓhop.example",
        ],
      ),
      fc.string({ maxLength: 3, unit: "binary" }),
    );
    const attack = fc.array(bit, { maxLength: 10 }).map((bits) => bits.join(""));
    const start = fc.constantFrom(
      "",
      "https://",
      "https://shop.example",
      "https://shop.example/",
      "https://app.shop.example:8443",
    );
    let accepted = 0;
    fc.assert(
      fc.property(start, attack, (head, tail) => {
        let href: string;
        try {
          href = check(head + tail);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidRequestError);
          return;
        }
        accepted += 1;
        expect([...origins]).toContain(originByRfc(href));
        expect(check(href)).toBe(href);
        const onward = withResult(href, result);
        expect([...origins]).toContain(originByRfc(onward));
      }),
      { numRuns: 20_000 },
    );
    expect(accepted).toBeGreaterThan(1_000);
  });
});

describe("a returnUrl to this machine", () => {
  const local = (text: string) => checkReturnUrl(text, { origins, allowLoopback: true });

  test.each([
    "http://127.0.0.1:5173/done",
    "http://localhost/done?a=b#c",
    "https://localhost:8443",
    "http://[::1]:3000/",
    "https://shop.example/done",
  ])("%s is free together with the simulator", (url) => {
    expect(local(url)).toBe(url);
  });

  test.each(["http://127.0.0.1:5173/done", "http://localhost/", "https://localhost/", "http://[::1]/"])(
    "%s is refused without it",
    (url) => {
      expect(() => check(url)).toThrow(InvalidRequestError);
    },
  );

  test.each([
    "http://shop.example/",
    "http://localhost.evil.example/",
    "http://127.0.0.1.evil.example/",
    "http://127.0.0.1@evil.example/",
    "http://mei@localhost/",
    "http://10.0.0.7/",
    "ftp://localhost/",
    "https://evil.example/",
  ])("%s is refused even so", (url) => {
    expect(() => local(url)).toThrow(InvalidRequestError);
  });
});

describe("the address that the browser is sent on to", () => {
  test.each([
    ["https://shop.example", "https://shop.example?verification=ver_1&status=passed"],
    ["https://shop.example/", "https://shop.example/?verification=ver_1&status=passed"],
    ["https://shop.example/?", "https://shop.example/?verification=ver_1&status=passed"],
    ["https://shop.example/??", "https://shop.example/??&verification=ver_1&status=passed"],
    ["https://shop.example/?a", "https://shop.example/?a&verification=ver_1&status=passed"],
    ["https://shop.example/?a=1&", "https://shop.example/?a=1&verification=ver_1&status=passed"],
    ["https://shop.example/#top?x", "https://shop.example/?verification=ver_1&status=passed#top?x"],
    [
      "https://shop.example/p?title=a%20b&sig=(x)*~&flag#/route?x#y",
      "https://shop.example/p?title=a%20b&sig=(x)*~&flag&verification=ver_1&status=passed#/route?x#y",
    ],
  ])("%s becomes %s", (returnUrl, expected) => {
    expect(withResult(returnUrl, result)).toBe(expected);
  });

  test("says that a try failed which may be repeated", () => {
    expect(
      withResult("https://shop.example/", {
        verificationId: "ver_1",
        status: "pending",
        attemptFailed: true,
      }),
    ).toBe("https://shop.example/?verification=ver_1&status=pending&attempt=failed");
  });

  test("keeps whatever URL it was, byte for byte, and parses to the same plus our parameters", () => {
    const text = fc.string({
      unit: fc.constantFrom(..."abc/?&=#%20+~*()'!$,;:@[]|^`{}订𠮷\u00e9.-_"),
      maxLength: 40,
    });
    fc.assert(
      fc.property(text, (tail) => {
        const returnUrl = `https://shop.example/${tail}`;
        fc.pre(URL.canParse(returnUrl));
        const kept = check(returnUrl);
        const onward = withResult(kept, result);
        const [before = "", ...fragment] = kept.split("#");
        expect(onward.startsWith(before)).toBe(true);
        expect(onward.endsWith(fragment.length > 0 ? `#${fragment.join("#")}` : "status=passed")).toBe(true);
        const [given, gone] = [new URL(returnUrl), new URL(onward)];
        expect(gone.origin + gone.pathname + gone.hash).toBe(given.origin + given.pathname + given.hash);
        expect([...gone.searchParams].slice(-2)).toEqual([
          ["verification", "ver_1"],
          ["status", "passed"],
        ]);
        expect([...gone.searchParams].slice(0, -2)).toEqual([...given.searchParams]);
      }),
      { numRuns: 5_000 },
    );
  });
});
