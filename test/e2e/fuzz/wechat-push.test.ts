/**
 * The readers and the push under random and nearly right input. `FUZZ_RUNS` sets how many inputs each property sees:
 * `FUZZ_RUNS=1000000 npm run fuzz`.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { decryptPush, encryptPush, pushKey } from "../../../shared/providers/wechat/push/cipher.ts";
import { readPushMessage } from "../../../shared/providers/wechat/push/message.ts";
import { PushError } from "../../../shared/providers/wechat/push/push-error.ts";
import { type PushMode, receivePush } from "../../../shared/providers/wechat/push/receive.ts";
import { pushSignature } from "../../../shared/providers/wechat/push/signed-query.ts";
import { writeFlatXml, writePush } from "../../../shared/providers/wechat/push/write.ts";

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 3_000);
const now = new Date("2027-01-10T00:00:00Z");
const settings = (mode: PushMode) => ({
  mode,
  tokens: ["simpushtoken"],
  aesKeys: ["simAESKEY0123456789simAESKEY0123456789simAE"],
  appId: "wxsim00000000000001",
});
const modes = fc.constantFrom<PushMode>("plain", "compatible", "secure");

/** Runs `work` and lets only a PushError through as an answer. */
function refusedOr<T>(work: () => T): T | PushError {
  try {
    return work();
  } catch (error) {
    if (error instanceof PushError) return error;
    throw error;
  }
}

/** Bits of JSON and XML in any order: far more often nearly right than random text is. */
const fragments = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          "{",
          "}",
          '"',
          ":",
          ",",
          "[",
          "]",
          "\\",
          "\\u0041",
          "\\ud800",
          "1e9",
          "-0",
          "null",
          "true",
          '"a":"b"',
        ],
        ...[
          "<xml>",
          "</xml>",
          "<a>",
          "</a>",
          "<a/>",
          "<![CDATA[",
          "]]>",
          "&lt;",
          "&#65;",
          "&#x41;",
          "&x;",
          "&",
        ],
        ...[
          "<!DOCTYPE xml [",
          '<!ENTITY x "y">',
          "]>",
          "<!--",
          "-->",
          '<?xml version="1.0"?>',
          "__proto__",
          "\uFEFF",
        ],
      ),
      fc.string({ unit: "binary", maxLength: 8 }),
    ),
    { maxLength: 24 },
  )
  .map((parts) => parts.join(""));

const fieldName = fc
  .stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,20}$/)
  .filter((name) => name !== "Encrypt" && name !== "MsgType");
/** Text that XML can say: no control characters, no noncharacters. */
const xmlText = fc
  .string({ unit: "grapheme", maxLength: 40 })
  .filter((text) => !/[\p{Cc}\uFFFE\uFFFF]/u.test(text));
const fields = fc.dictionary(fieldName, fc.oneof(xmlText, fc.integer()), {
  maxKeys: 8,
  noNullPrototype: true,
});

test("the readers give flat strings and numbers, or refuse", () => {
  fc.assert(
    fc.property(fc.oneof(fragments, fc.string({ unit: "binary" }), fc.json()), (text) => {
      const read = refusedOr(() => readPushMessage(Buffer.from(text)));
      if (read instanceof PushError) return read.reason === "body";
      return Object.values(read).every((value) => typeof value === "string" || Number.isFinite(value));
    }),
    { numRuns },
  );
});

test("the readers refuse random bytes or read them, and nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      refusedOr(() => readPushMessage(bytes));
    }),
    { numRuns },
  );
});

test("what the JSON reader takes, JSON.parse reads the same", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fragments,
        fields.map((value) => JSON.stringify(value)),
      ),
      (text) => {
        const read = refusedOr(() => readPushMessage(Buffer.from(text)));
        if (
          read instanceof PushError ||
          !text
            .replace(/^\uFEFF/, "")
            .trimStart()
            .startsWith("{")
        )
          return;
        // The reader's text has gone through UTF-8, as all that comes over a wire.
        expect({ ...read }).toEqual(
          JSON.parse(
            Buffer.from(text)
              .toString()
              .replace(/^\uFEFF/, ""),
          ),
        );
      },
    ),
    { numRuns },
  );
});

test("what is written arrives, in every mode and format", () => {
  fc.assert(
    fc.property(modes, fc.constantFrom("json", "xml"), fields, (mode, format, sent) => {
      const push = writePush({ ...settings(mode), format, now }, sent);
      const received = receivePush(settings(mode), now, push).fields;
      const expected = Object.entries(sent).map(([name, value]) => [
        name,
        format === "xml" ? `${value}` : value,
      ]);
      // −0 is written as 0.
      expect(Object.entries(received).map(([name, value]) => [name, value === 0 ? 0 : value])).toEqual(
        expected.map(([name, value]) => [name, value === 0 ? 0 : value]),
      );
    }),
    { numRuns: Math.min(numRuns, 100_000) },
  );
});

test("a push changed anywhere is refused, or means what it meant", () => {
  const event = { MsgType: "event", Event: "face_identify", openid: "o1", verify_result: "r" };
  fc.assert(
    fc.property(
      fc.constantFrom<PushMode>("compatible", "secure"),
      fc.constantFrom("json", "xml"),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (mode, format, where, change) => {
        const { query, body } = writePush({ ...settings(mode), format, now }, event);
        const changed = Buffer.from(body);
        changed[where % body.length] = (changed[where % body.length] ?? 0) ^ change;
        const received = refusedOr(() => receivePush(settings(mode), now, { query, body: changed }));
        if (!(received instanceof PushError)) {
          expect({ ...received.fields }).toEqual(event);
        }
      },
    ),
    { numRuns },
  );
});

test("any query and any body are refused, or signed with the Token", () => {
  const value = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom("aes", "1799539200", pushSignature(["simpushtoken", "1799539200", "n"]), "n"),
  );
  const name = fc.constantFrom(
    "signature",
    "msg_signature",
    "timestamp",
    "nonce",
    "encrypt_type",
    "echostr",
    "__proto__",
  );
  fc.assert(
    fc.property(modes, fc.array(fc.tuple(name, value), { maxLength: 7 }), fragments, (mode, query, text) => {
      const received = refusedOr(() => receivePush(settings(mode), now, { query, body: Buffer.from(text) }));
      if (received instanceof PushError) return;
      expect(mode).toBe("plain");
      const given = new Map(query);
      expect(received.signature).toBe(
        pushSignature(["simpushtoken", given.get("timestamp") ?? "", given.get("nonce") ?? ""]),
      );
    }),
    { numRuns },
  );
});

test("decryption of anything is refused or exact", () => {
  const { aesKeys, appId } = settings("secure");
  const keys = aesKeys.map(pushKey);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary", maxLength: 200 }),
        fc.uint8Array({ maxLength: 160 }).map((bytes) => Buffer.from(bytes).toString("base64")),
        fc
          .tuple(fc.string({ unit: "binary", maxLength: 64 }), fc.nat(), fc.integer({ min: 1, max: 255 }))
          .map(([message, where, change]) => {
            const bytes = Buffer.from(encryptPush(message, keys[0] ?? Buffer.alloc(32), appId), "base64");
            bytes[where % bytes.length] = (bytes[where % bytes.length] ?? 0) ^ change;
            return bytes.toString("base64");
          }),
      ),
      (encrypt) => {
        const opened = refusedOr(() => decryptPush(encrypt, keys, appId));
        if (opened instanceof PushError) expect(["ciphertext", "appid"]).toContain(opened.reason);
      },
    ),
    { numRuns },
  );
});

test("XML of any text is read back as that text", () => {
  fc.assert(
    fc.property(xmlText, (text) => {
      expect(readPushMessage(Buffer.from(writeFlatXml({ a: text })))["a"]).toBe(text);
    }),
    { numRuns },
  );
});
