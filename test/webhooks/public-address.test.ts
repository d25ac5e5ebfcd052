/** Which addresses an event may go to; what the addresses are is what RFC 6890, 4193, 4291, 6052 and 3056 say. */
import { describe, expect, test } from "vitest";
import { enqueueEvent } from "../../shared/store/outbox.ts";
import { deliverEvents } from "../../shared/webhooks/deliver.ts";
import { isPublicAddress } from "../../shared/webhooks/public-address.ts";
import { sendMessage } from "../../shared/webhooks/send.ts";
import { sampleVerification } from "../support/contract.ts";
import { makeWorld } from "../verification/world.ts";
import { receiver } from "./receiver.ts";

const secret = `whsec_${Buffer.alloc(24, 9).toString("base64")}`;
const message = { id: "evt_1", type: "ping", createdAt: new Date(), data: {} };

describe("an address", () => {
  test.each([
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "223.255.255.255",
    "2400:3200::1",
    "2606:4700:4700::1111",
  ])("%s is public", (address) => expect(isPublicAddress(address)).toBe(true));

  test.each([
    ["this host", "0.0.0.0"],
    ["this host, IPv6", "::"],
    ["private", "10.1.2.3"],
    ["private", "172.16.0.1"],
    ["private", "172.31.255.255"],
    ["private", "192.168.1.1"],
    ["shared, as in VPCs", "100.64.0.1"],
    ["loopback", "127.0.0.1"],
    ["loopback", "127.255.255.254"],
    ["loopback, IPv6", "::1"],
    ["link-local, where clouds keep credentials", "169.254.0.23"],
    ["link-local, where clouds keep credentials", "169.254.169.254"],
    ["link-local, IPv6", "fe80::1"],
    ["unique local", "fd00::1"],
    ["loopback, mapped into IPv6", "::ffff:127.0.0.1"],
    ["private, mapped into IPv6", "::ffff:a00:1"],
    ["private, behind NAT64", "64:ff9b::a00:1"],
    ["private, behind 6to4", "2002:a00:1::"],
    ["multicast", "224.0.0.1"],
    ["broadcast", "255.255.255.255"],
    ["multicast, IPv6", "ff02::1"],
    ["no IP address", "localhost"],
  ])("that is %s (%s) is not public", (_, address) => expect(isPublicAddress(address)).toBe(false));
});

describe("a deployment's event", () => {
  test.each([
    ["127.0.0.1", "the address itself"],
    ["localhost", "a name that leads there"],
    ["2130706433", "the address as one number"],
    ["0x7f.1", "the address in hex"],
  ])("does not go to %s: %s", async (host) => {
    const { url, received } = await receiver();
    const world = await makeWorld();
    await enqueueEvent(world.db, "verification.passed", sampleVerification(), new Date());
    const to = { url: url.replace("127.0.0.1", host), secret, mayBePrivate: false };
    const troubles: unknown[] = [];
    const report = (_: unknown, reply: unknown) => void troubles.push(reply);
    const options = { report, now: () => new Date() };
    expect(await deliverEvents(world.db, to, () => 100_000, options)).toEqual({
      delivered: 0,
      undelivered: 1,
    });
    expect(troubles).toMatchObject([{ trouble: expect.stringContaining("private, local or reserved") }]);
    expect(received).toEqual([]);
  });

  test.each(["[::1]", "[::ffff:127.0.0.1]"])("does not go to %s", async (host) => {
    const to = { url: `http://${host}:9/`, secret, mayBePrivate: false };
    expect(await sendMessage(to, message)).toMatchObject({
      trouble: expect.stringContaining("private, local or reserved"),
    });
  });

  test("goes to this machine where the simulator is", async () => {
    const { url, received } = await receiver();
    const to = { url: url.replace("127.0.0.1", "localhost"), secret, mayBePrivate: true };
    expect(await sendMessage(to, message)).toEqual({ isTaken: true, status: 200 });
    expect(received).toHaveLength(1);
  });

  test("whose receiver has no name says so, without the address", async () => {
    const to = { url: "https://no-such-host.invalid/secret-path", secret, mayBePrivate: false };
    const reply = await sendMessage(to, message);
    expect(reply).toMatchObject({ isTaken: false });
    expect(JSON.stringify(reply)).not.toContain("secret-path");
  });
});
