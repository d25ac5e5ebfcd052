import { expect, test } from "vitest";
import { returnUrl } from "../../simulator/pages.ts";

test.each([
  ["https://a.example/x", "https://a.example/x?BizToken=T"],
  ["https://a.example", "https://a.example/?BizToken=T"],
  ["https://a.example/x?", "https://a.example/x?BizToken=T"],
  ["https://a.example/x?a=1&a=2", "https://a.example/x?a=1&a=2&BizToken=T"],
  ["https://a.example/x?a=%E4%B8%AD#/route?b=2", "https://a.example/x?a=%E4%B8%AD&BizToken=T#/route?b=2"],
  ["http://127.0.0.1:3000/h5/landing/s", "http://127.0.0.1:3000/h5/landing/s?BizToken=T"],
])("%s becomes %s", (url, expected) => {
  expect(returnUrl(url, [["BizToken", "T"]])).toBe(expected);
});

test.each([undefined, "", "ftp://a.example", "//a.example", "javascript:void 0", "https://"])(
  "%s is not an address to return to",
  (url) => {
    expect(returnUrl(url, [["BizToken", "T"]])).toBeUndefined();
  },
);
