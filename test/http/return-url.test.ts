import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkReturnUrl, withResult } from "../../shared/http/return-url.ts";
import { InvalidRequestError } from "../../shared/runtime/errors.ts";

const origins = new Set(["https://shop.example", "https://app.shop.example:8443"]);
const check = (text: string) => checkReturnUrl(text, origins);

describe("a returnUrl", () => {
  test.each([
    ["https://shop.example", "https://shop.example/"],
    ["https://shop.example/done?order=7#top", "https://shop.example/done?order=7#top"],
    ["HTTPS://SHOP.EXAMPLE/a", "https://shop.example/a"],
    ["https://shop.example:443/a", "https://shop.example/a"],
    ["https://app.shop.example:8443/a/../b", "https://app.shop.example:8443/b"],
    ["https://shop.example/订单", "https://shop.example/%E8%AE%A2%E5%8D%95"],
    ["https://shop.example/?next=https://evil.example/", "https://shop.example/?next=https://evil.example/"],
  ])("%s may be used, as %s", (text, expected) => {
    expect(check(text)).toBe(expected);
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
    "null",
    "https://",
    "https://?",
    "https://#",
  ])("%j is refused, and not repeated (THREAT 16)", (text) => {
    expect(() => check(text)).toThrow(InvalidRequestError);
    expect(() => check(text)).toThrow(/^returnUrl: (holds|must|its)/);
  });

  test("is refused whatever it is while no origin is allowed", () => {
    expect(() => checkReturnUrl("https://shop.example/", new Set())).toThrow(InvalidRequestError);
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
        const onward = withResult(href, "ver_1", "passed");
        expect([...origins]).toContain(originByRfc(onward));
      }),
      { numRuns: 20_000 },
    );
    expect(accepted).toBeGreaterThan(1_000);
  });
});

describe("the address that the browser is sent on to", () => {
  test("is the caller's own with our two parameters, whatever it had in their place", () => {
    expect(
      withResult(
        "https://shop.example/done?order=7&status=passed&status=x&verification=ver_9#top",
        "ver_1",
        "failed",
      ),
    ).toBe("https://shop.example/done?order=7&status=failed&verification=ver_1#top");
    expect(withResult("https://shop.example/", "ver_1", "passed")).toBe(
      "https://shop.example/?verification=ver_1&status=passed",
    );
  });
});
