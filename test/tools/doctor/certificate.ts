/** A certificate that nobody has signed but its owner, made anew each time, so that no private key lies in the repository. */
import { generateKeyPairSync, sign } from "node:crypto";

/** One DER element (X.690 §8.1): tag, length, content. */
function der(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length = body.length < 0x80 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const [sequence, set, integer, oid, text, time, bits] = [0x30, 0x31, 0x02, 0x06, 0x0c, 0x17, 0x03];
const ecdsaWithSha256 = der(sequence, der(oid, Buffer.from("2a8648ce3d040302", "hex")));
const commonName = Buffer.from("550403", "hex");

/** PEM key and certificate for `name`, valid for years and trusted by nobody. */
export function selfSigned(name: string): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const who = der(sequence, der(set, der(sequence, der(oid, commonName), der(text, Buffer.from(name)))));
  const always = der(
    sequence,
    der(time, Buffer.from("200101000000Z")),
    der(time, Buffer.from("491231235959Z")),
  );
  const spki = publicKey.export({ type: "spki", format: "der" });
  const body = der(sequence, der(integer, Buffer.from([1])), ecdsaWithSha256, who, always, who, spki);
  const signature = der(bits, Buffer.from([0]), sign("sha256", body, privateKey));
  const cert = der(sequence, body, ecdsaWithSha256, signature).toString("base64");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${cert.replaceAll(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`,
  };
}
