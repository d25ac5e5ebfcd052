import { describe, expect, test } from "vitest";
import { element, elements, numberOf, textOf } from "../../../shared/providers/cos/xml.ts";

describe("XML as COS writes it", () => {
  test.each([
    ["<a>x</a>", "x"],
    ["<a>\n  x\n</a>", "x"],
    ["<a/>", ""],
    ["<a xmlns='n'>x</a>", "x"],
    ["<ab>no</ab><a>x</a><a>y</a>", "x"],
    ["<a>&lt;&gt;&amp;&quot;&apos;</a>", "<>&\"'"],
    ["<a>&amp;lt;</a>", "&lt;"],
    ["<a>&#65;&#x42;&#x1F600;&#x10FFFF;</a>", "AB😀\u{10ffff}"],
    ["<a>&#x110000;&toString;&nbsp;</a>", "&#x110000;&toString;&nbsp;"],
    ["<b>x</b>", undefined],
  ])("%s has the text %j", (xml, text) => {
    expect(textOf(xml, "a")).toBe(text);
  });

  test.each([
    ["<a>30</a>", 30],
    ["<a> 999999999 </a>", 999_999_999],
    ["<a>1000000000</a>", undefined],
    ["<a>-1</a>", undefined],
    ["<a>3.5</a>", undefined],
    ["<a></a>", undefined],
    ["<b>3</b>", undefined],
  ])("%s has the number %j", (xml, number) => {
    expect(numberOf(xml, "a")).toBe(number);
  });

  test("is read back as it was written, and has every element of a name", () => {
    const text = `<&>"'&lt;`;
    expect(textOf(element("a", text), "a")).toBe(text);
    expect(elements(element("a", [element("b", "1"), element("b", "2")]), "b")).toEqual(["1", "2"]);
  });
});
