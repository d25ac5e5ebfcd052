import { expect, test } from "vitest";
import { readPushMessage } from "../../../../shared/providers/wechat/push/message.ts";
import { writeFlatXml } from "../../../../shared/providers/wechat/push/write.ts";

const read = (text: string) => ({ ...readPushMessage(Buffer.from(text)) });
const refused = expect.objectContaining({ name: "PushError", reason: "body" });

test("JSON gives strings and numbers", () => {
  expect(read(' { "Event" : "face_identify", "CreateTime":1703657835 , "n":-1.5e3,"e":""}\n')).toEqual({
    Event: "face_identify",
    CreateTime: 1703657835,
    n: -1500,
    e: "",
  });
  expect(read("{}")).toEqual({});
  expect(read(String.raw`{"A":"\u5f20\"\\\/\n","B":"张"}`)).toEqual({ A: '张"\\/\n', B: "张" });
});

test("XML gives strings out of text, CDATA, the five named and the numeric references", () => {
  const xml = `\uFEFF<?xml version="1.0" encoding="UTF-8"?>
<xml>
  <ToUserName><![CDATA[gh_1]]></ToUserName>
  <CreateTime>1703657835</CreateTime>
  <Text>a &lt;b&gt; &amp;&quot;&apos; &#24352;&#x5F20;&#128512;&#xD7FF;&#xE000;&#x10FFFF;</Text>
  <Mixed>x<![CDATA[<&]]>y<![CDATA[]]></Mixed>
  <Empty></Empty><None/>
</xml>
`;
  expect(read(xml)).toEqual({
    ToUserName: "gh_1",
    CreateTime: "1703657835",
    Text: "a <b> &\"' 张张😀\ud7ff\ue000\u{10ffff}",
    Mixed: "x<&y",
    Empty: "",
    None: "",
  });
});

test.each<[string, string]>([
  ["null", "null"],
  ["true", "true"],
  ["false", "false"],
  ["an object", '{"a":"x","b":{"a":"y"}}'],
  ["an array", '["a","b",{"c":null}]'],
  ["brackets and quotes in a text inside", String.raw`[{"x":"}]\",\"b\":"}]`],
  ["nothing", "{}"],
  ["much depth", `${"[".repeat(20_000)}${"]".repeat(20_000)}`],
])("a JSON field that is %s is as good as absent, and spoils none beside it", (_case, value) => {
  expect(read(`{"b":"1","extra":${value},"c":2}`)).toEqual({ b: "1", c: 2 });
  expect(read(`{"extra":${value}}`)).toEqual({});
});

test.each([
  ["an element", "<b>c</b>"],
  ["elements", "\n <PicList><item><Md5><![CDATA[x]]></Md5></item></PicList>\n<Count>1</Count> "],
  ["an empty element", "<b/>"],
  ["a text around an element", "x<b>y</b>z"],
  ["much depth", `${"<b>".repeat(5_000)}${"</b>".repeat(5_000)}`],
])("an XML field that holds %s is as good as absent, and spoils none beside it", (_case, value) => {
  expect(read(`<xml><b>1</b><extra>${value}</extra><c>2</c></xml>`)).toEqual({ b: "1", c: "2" });
});

test("what is written is read again, CDATA ends included", () => {
  const fields = { A: "a]]>b]]]>>", B: "<x>&amp;", C: 5 };
  expect(read(writeFlatXml(fields))).toEqual({ A: "a]]>b]]]>>", B: "<x>&amp;", C: "5" });
});

test("fields have no prototype to fall back on", () => {
  const fields = readPushMessage(Buffer.from('{"a":"b"}'));
  expect(Object.getPrototypeOf(fields)).toBeNull();
  expect(fields["constructor"]).toBeUndefined();
});

test.each([
  ["nothing", ""],
  ["spaces", "   "],
  ["half", '{"a":"b"'],
  ["more behind it", '{"a":"b"} {}'],
  ["a comma too many", '{"a":"b",}'],
  ["no comma", '{"a":"b" "c":"d"}'],
  ["an array", '["a"]'],
  ["a string", '"a"'],
  ["a key twice", '{"a":"b","a":"c"}'],
  ["a key twice, once null", '{"a":null,"a":"c"}'],
  ["a key twice, once nested", '{"a":"b","a":{"c":"d"}}'],
  ["a key twice, around something nested", '{"a":"b","n":[{"x":[1,"]}"]}],"a":"c"}'],
  ["a name inside that is none outside", '{"n":{"a b":1},"__proto__":"x"}'],
  ["a key twice, once escaped", String.raw`{"a":"b","\u0061":"c"}`],
  ["__proto__", '{"__proto__":"x"}'],
  ["__proto__, escaped", String.raw`{"_\u005fproto__":"x"}`],
  ["an empty key", '{"":"x"}'],
  ["a key with spaces", '{"a b":"x"}'],
  ["a control character", '{"a":"\u0001"}'],
  ["a bad escape", String.raw`{"a":"\x41"}`],
  ["a leading zero", '{"a":01}'],
  ["a number beyond all", '{"a":1e999}'],
  ["NaN", '{"a":NaN}'],
  ["single quotes", "{'a':'b'}"],
  ["a comment", '{/**/"a":"b"}'],
  ["a million braces", "{".repeat(60_000)],
])("JSON with %s is refused", (_case, text) => {
  expect(() => read(text)).toThrow(refused);
});

const dtd = (inner: string) => `<?xml version="1.0"?><!DOCTYPE xml [${inner}]><xml><a>&x;</a></xml>`;
test.each([
  ["an external entity", dtd('<!ENTITY x SYSTEM "file:///etc/passwd">')],
  ["an address to fetch", dtd('<!ENTITY x SYSTEM "http://127.0.0.1:9/">')],
  ["an entity bomb", dtd('<!ENTITY y "zzzz"><!ENTITY x "&y;&y;&y;&y;&y;&y;&y;&y;">')],
  ["a parameter entity", dtd('<!ENTITY % p SYSTEM "file:///dev/zero"> %p;')],
  ["an external document type", '<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/x.dtd"><xml></xml>'],
  ["an entity nobody declared", "<xml><a>&x;</a></xml>"],
  ["an HTML entity", "<xml><a>&nbsp;</a></xml>"],
  ["a bare ampersand", "<xml><a>a & b</a></xml>"],
  ["a reference to nothing", "<xml><a>&#0;</a></xml>"],
  ["a reference to a control character", "<xml><a>&#8;</a></xml>"],
  ["a reference to half a character", "<xml><a>&#xD800;</a></xml>"],
  ["a reference to the last half of a character", "<xml><a>&#xDFFF;</a></xml>"],
  ["a reference to what is no character", "<xml><a>&#xFFFE;</a></xml>"],
  ["a reference to what is no character either", "<xml><a>&#xFFFF;</a></xml>"],
  ["a reference beyond Unicode", "<xml><a>&#x110000;</a></xml>"],
  ["an empty reference", "<xml><a>&#;</a></xml>"],
  ["deep nesting", "<xml>".repeat(9_000)],
  ["deep nesting, closed", `${"<a>".repeat(6_000)}${"</a>".repeat(6_000)}`],
  ["an attribute", '<xml><a b="c">d</a></xml>'],
  ["an attribute at the root", '<xml xmlns="urn:x"><a>d</a></xml>'],
  ["a comment", "<xml><!-- c --><a>d</a></xml>"],
  ["a comment in a value", "<xml><a>d<!-- c --></a></xml>"],
  ["a processing instruction", "<xml><?php x ?><a>d</a></xml>"],
  ["text in the root", "<xml>t<a>d</a></xml>"],
  ["another root", "<root><a>d</a></root>"],
  ["two roots", "<xml></xml><xml></xml>"],
  ["text behind the root", "<xml></xml>x"],
  ["a field twice", "<xml><a>b</a><a>c</a></xml>"],
  ["a field twice, once nested", "<xml><a><b>x</b></a><a>c</a></xml>"],
  ["crossed tags inside", "<xml><a><b>x</a></b></xml>"],
  ["an attribute inside", '<xml><a><b c="d">x</b></a></xml>'],
  ["an entity inside", "<xml><a><b>&x;</b></a></xml>"],
  ["a control character inside", "<xml><a><b>\u0000</b></a></xml>"],
  ["a field twice, once empty", "<xml><a/><a>c</a></xml>"],
  ["__proto__", "<xml><__proto__>x</__proto__></xml>"],
  ["crossed tags", "<xml><a>b</c></xml>"],
  ["an open tag", "<xml><a>b</xml>"],
  ["an open CDATA", "<xml><a><![CDATA[b</a></xml>"],
  ["the end of a CDATA without its start", "<xml><a>b]]></a></xml>"],
  ["no end", "<xml><a>b</a>"],
  ["a control character", "<xml><a>\u0000</a></xml>"],
  ["a control character in CDATA", "<xml><a><![CDATA[\u0007]]></a></xml>"],
  ["UTF-16 declared and sent", Buffer.from("\uFEFF<xml></xml>", "utf16le")],
])("XML with %s is refused", (_case, text) => {
  expect(() => readPushMessage(Buffer.from(text))).toThrow(refused);
});

test("bytes that are not UTF-8 are refused", () => {
  expect(() => readPushMessage(Buffer.from("7b2261223a22ff227d", "hex"))).toThrow(refused);
});

test("64 KiB are read and a byte more is refused, in no time", () => {
  const of = (size: number) => `{"a":"${"x".repeat(size - 8)}"}`;
  expect(read(of(65_536))["a"]).toHaveLength(65_528);
  expect(() => read(of(65_537))).toThrow(refused);
  const inXml = (size: number) => `<xml><a><![CDATA[${"]".repeat(size - 28)}]]></a></xml>`;
  const started = performance.now();
  expect(read(inXml(65_000))["a"]).toHaveLength(64_972);
  for (const hostile of ["<![CDATA[", "&#", '"\\', "<a", "]]", "\\u00", " "]) {
    for (const wrap of [`<xml><a>${hostile.repeat(9_000)}`, `{"a":"${hostile.repeat(9_000)}`]) {
      expect(() => read(wrap)).toThrow(refused);
    }
  }
  expect(performance.now() - started).toBeLessThan(1_000);
});
