import { describe, expect, it } from "vitest";
import { awsOutboundMail, azureOutboundMail, type OutboundMail, parsePrefix } from "../../src/index.js";
import { tuple } from "../support/tuples.js";

const space = { prefixes: [parsePrefix("10.0.0.0/16")!], whole: true };
const told = (mail: OutboundMail) => (mail === null ? "-" : `${mail.decision} ${mail.provenance}`);
const toInternet = "tcp 10.0.0.4 5000 -> 203.0.113.7 25";

describe("mail out of Azure", () => {
  it.each([
    ["[A1] is stopped where the platform does not let it out", false, toInternet, "deny recorded"],
    ["[A1] passes where it does", true, toInternet, "allow recorded"],
    ["passes where no evidence says, as inferred", null, toInternet, "allow inferred"],
    ["[A1] to port 587 is never stopped", false, "tcp 10.0.0.4 5000 -> 203.0.113.7 587", "-"],
    ["within the network is no matter of the platform's", false, "tcp 10.0.0.4 5000 -> 10.0.9.9 25", "-"],
    ["is TCP", false, "udp 10.0.0.4 5000 -> 203.0.113.7 25", "-"],
  ])("%s", (_, allowed, packet, expected) => {
    expect(told(azureOutboundMail({ direction: "outbound", tuple: tuple(packet), allowed }, space))).toBe(expected);
  });

  it("is not told from a fragment on its own", () => {
    const fragment = { ...tuple(toInternet), portsKnown: false };
    expect(azureOutboundMail({ direction: "outbound", tuple: fragment, allowed: false }, space)).toBeNull();
  });

  it("coming in is no matter of the platform's", () => {
    expect(azureOutboundMail({ direction: "inbound", tuple: tuple(toInternet), allowed: false }, space)).toBeNull();
  });
});

describe("mail out of AWS", () => {
  it.each([
    ["[W2] is stopped by default", null, toInternet, "deny inferred"],
    ["[W2] passes once AWS has lifted that", true, toInternet, "allow recorded"],
    ["[W2] is stopped in IPv6 too", null, "tcp 2001:db8::4 5000 -> 2001:db8:9::7 25", "deny inferred"],
    ["to RFC 1918 passes", null, "tcp 10.0.0.4 5000 -> 172.16.9.9 25", "-"],
    ["to RFC 6598 passes", null, "tcp 10.0.0.4 5000 -> 100.64.0.9 25", "-"],
    ["to RFC 4193 passes", null, "tcp fd00::4 5000 -> fd12::9 25", "-"],
    ["to the network's primary prefix passes", null, "tcp 198.51.100.4 5000 -> 198.51.100.9 25", "-"],
  ])("%s", (_, allowed, packet, expected) => {
    const primary = parsePrefix("198.51.100.0/24");
    expect(told(awsOutboundMail({ direction: "outbound", tuple: tuple(packet), allowed }, primary))).toBe(expected);
  });
});
