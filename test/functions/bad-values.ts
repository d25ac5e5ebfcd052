/** What callers get wrong, or try: tables for the tests of bad input. */
import { withCheckDigit } from "../support/people.ts";

/** A body that must be refused, and what the refusal has to name. */
export interface BadBody {
  readonly what: string;
  /** Text and bytes go as they are, anything else as JSON. */
  readonly body: unknown;
  readonly says: RegExp;
  readonly by?: "user" | "backend";
  readonly status?: number;
  readonly code?: string;
}

const person = { name: "张三", idCardNumber: "11010119900307002X" };
const notUtf8 = (before: string, after: string) =>
  Buffer.concat([Buffer.from(before), Buffer.from([0xff, 0xc0]), Buffer.from(after)]);

/** Bodies of token requests. */
export const badTokenBodies: readonly BadBody[] = [
  { what: "half a document", body: '{"identity":', says: /not JSON/ },
  { what: "words", body: "identity=me", says: /not JSON/ },
  { what: "two documents", body: "{}{}", says: /not JSON/ },
  { what: "a list", body: [], says: /^body: must be object/ },
  { what: "null", body: "null", says: /^body: must be object/ },
  { what: "a number", body: "7", says: /^body: must be object/ },
  { what: "an identity that is text", body: { identity: "张三" }, says: /^identity: must be object/ },
  { what: "an identity that is a list", body: { identity: [person] }, says: /^identity: must be object/ },
  { what: "an identity that is null", body: { identity: null }, says: /^identity: must be object/ },
  {
    what: "an empty identity",
    body: { identity: {} },
    says: /identity\.name: is missing.*identity\.idCardNumber: is missing/,
  },
  {
    what: "a name that is a number",
    body: { identity: { ...person, name: 5 } },
    says: /^identity\.name: must be string/,
  },
  {
    what: "an ID number that is a number",
    body: { identity: { ...person, idCardNumber: 110_101_199_003 } },
    says: /^identity\.idCardNumber: must be string/,
  },
  {
    what: "an ID number that is missing",
    body: { identity: { name: "张三" } },
    says: /^identity\.idCardNumber: is missing/,
  },
  { what: "a reference that is a number", body: { reference: 7 }, says: /^reference: must be string/ },
  { what: "an empty reference", body: { reference: "" }, says: /^reference:/ },
  { what: "a reference of 129 characters", body: { reference: "r".repeat(129) }, says: /^reference:/ },
  { what: "a reference that no database takes", body: '{"reference":"a\\u0000b"}', says: /^reference:/ },
  { what: "a returnUrl that is an object", body: { returnUrl: {} }, says: /^returnUrl: must be string/ },
  { what: "a field that there is not", body: { openid: "o1" }, says: /^unknown field: openid$/ },
  {
    what: "a field inside that there is not",
    body: { identity: { ...person, phone: "1" } },
    says: /^identity: unknown field: phone$/,
  },
  {
    what: "a field that looks like an ID number",
    body: { "110101199003070070": 1 },
    says: /^unknown field$/,
  },
  { what: "a prototype", body: '{"__proto__":{"subject":"lin"}}', says: /^unknown field/ },
  { what: "a constructor", body: { constructor: { prototype: {} } }, says: /^unknown field: constructor$/ },
  {
    what: "a name with the character that stands for lost bytes",
    body: '{"identity":{"name":"张三\\ufffd","idCardNumber":"11010119900307002X"}}',
    says: /^identity\.name:/,
  },
  {
    what: "bytes that are not UTF-8 in a name",
    body: notUtf8('{"identity":{"name":"', '","idCardNumber":"11010119900307002X"}}'),
    says: /not JSON in UTF-8/,
  },
  {
    what: "bytes that are not UTF-8 in a reference",
    body: notUtf8('{"reference":"', '"}'),
    says: /not JSON in UTF-8/,
  },
  { what: "1 MB", body: `{"reference":"${"r".repeat(1_048_576)}"}`, says: /65536 bytes/, status: 413 },
  {
    what: "a subject named by a user",
    body: { subject: "lin" },
    says: /backend/,
    status: 403,
    code: "forbidden",
  },
  {
    what: "a user's own name as the subject",
    body: { subject: "mei" },
    says: /backend/,
    status: 403,
    code: "forbidden",
  },
  { what: "an empty subject", body: { subject: "" }, says: /^subject:/, by: "backend" },
  {
    what: "a subject of 257 characters",
    body: { subject: "s".repeat(257) },
    says: /^subject:/,
    by: "backend",
  },
  {
    what: "a subject that no database takes",
    body: '{"subject":"a\\u0000b"}',
    says: /^subject:/,
    by: "backend",
  },
  {
    what: "a subject that is a list",
    body: { subject: ["lin"] },
    says: /^subject: must be string/,
    by: "backend",
  },
];

const named = (what: string, name: string) => ({
  what,
  identity: { ...person, name },
  says: /^identity\.name: /,
});
const numbered = (what: string, idCardNumber: string, says = /18 characters/) => ({
  what,
  identity: { ...person, idCardNumber },
  says,
});

/** People whom no provider should be asked about. */
export const badIdentities = [
  named("an empty name", ""),
  named("a name of spaces", "   "),
  named("a name of 33 characters", "测".repeat(33)),
  named("a name with a line break", "张\n三丰"),
  named("a name with a NUL", "张三\u0000丰"),
  named("a name with a line separator", "张\u2028三丰"),
  named("half a character of a name", "张三\ud840"),
  numbered("a wrong check digit", "11010119900307001X", /wrong check digit/),
  numbered("a birthday to come", withCheckDigit("11010120990101001"), /date of birth/),
  numbered("the 30th of February", withCheckDigit("11010119900230001"), /date of birth/),
  numbered("an ID number of the first generation", "110101900307007"),
  numbered("a short ID number", "11010119900307007"),
  numbered("an ID number that begins with 0", "010101199003070070"),
  numbered("an ID number with an X inside", "1101011990X3070070"),
  numbered("an ID number in full-width digits", "１１０１０１１９９００３０７００７０"),
  numbered("an ID number with something behind it", "110101199003070070 OR 1=1"),
];

/** Addresses that must never be taken for one at https://shop.example (THREATS 16). */
export const foreignReturnUrls = [
  "https://evil.example/",
  "HTTPS://EVIL.EXAMPLE",
  "http://shop.example/done",
  "//shop.example/done",
  "///shop.example",
  "https:shop.example",
  "https:/shop.example",
  "https:///shop.example",
  "https:\\\\shop.example\\done",
  "https://evil.example\\@shop.example/",
  "https://evil.example\\.shop.example/",
  "https://shop.example@evil.example/",
  "https://shop.example:443@evil.example/",
  "https://mei@shop.example/",
  "https://:secret@shop.example/",
  "https://shop.example.evil.example/",
  "https://evilshop.example/",
  "https://www.shop.example/",
  "https://shop.example./",
  "https://shop.example:8443/",
  "https://shop.example%2eevil.example/",
  "https://shop.example%00.evil.example/",
  "https://evil.example%2f@shop.example",
  "https://evil.example#@shop.example/",
  "https://evil.example?@shop.example/",
  "https://sh\u043ep.example/",
  "javascript:alert(1)//https://shop.example",
  "javascript://shop.example/%0aalert(1)",
  "data:text/html,https://shop.example",
  "blob:https://shop.example/1",
  "view-source:https://shop.example/",
  "/done",
  "shop.example/done",
  "",
  "https://",
  " https://shop.example/",
  "https://shop.example/ ",
  "https://shop.example/\r\nlocation: https://evil.example",
  "https://shop.\texample/",
  "\u0000https://shop.example/",
  `https://shop.example/${"d".repeat(2_048)}`,
];
