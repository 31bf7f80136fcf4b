import { describe, expect, it } from "vitest";
import {
  AddressSet,
  compileMatcher,
  matchRule,
  type NameContents,
  type NetworkSpace,
  parseAddress,
  parsePrefix,
  serviceTagContents,
  unknownAddresses,
  unseenSpace,
} from "../../src/index.js";
import { rule } from "../support/control-events.js";
import { rowsOf } from "../support/table.js";
import { tuple } from "../support/tuples.js";

const space: NetworkSpace = { prefixes: [parsePrefix("10.0.0.0/16")!, parsePrefix("fd00:1::/48")!], whole: true };
const names: NameContents = {
  serviceTag: (tag) => serviceTagContents(tag, space),
  group: (id) =>
    id === "asg-web"
      ? { inside: AddressSet.ofAddresses([parseAddress("10.0.0.4")!]), doubtful: AddressSet.none }
      : unknownAddresses,
};

function match(ruleText: string, tupleText: string) {
  const [source, sourcePorts, destination, destinationPorts] = ruleText.split(" ").slice(1);
  const text = `100 r inbound allow ${ruleText.split(" ")[0]} ${source} ${sourcePorts} -> ${destination} ${destinationPorts}`;
  return matchRule(compileMatcher(rule(text)), tuple(tupleText), names).is;
}

const toSsh = "tcp 203.0.113.7 50000 -> 10.0.0.4 22";

describe("a rule's protocol and ports", () => {
  const table = `
    protocol  from  to       packet                                  is
    tcp       *     22       tcp_203.0.113.7_50000_->_10.0.0.4_22    yes
    tcp       *     22       udp_203.0.113.7_50000_->_10.0.0.4_22    no
    tcp       *     23       tcp_203.0.113.7_50000_->_10.0.0.4_22    no
    tcp       *     20-22    tcp_203.0.113.7_50000_->_10.0.0.4_22    yes
    tcp       *     20-21,22 tcp_203.0.113.7_50000_->_10.0.0.4_22    yes
    tcp       *     22-80    tcp_203.0.113.7_50000_->_10.0.0.4_80    yes
    tcp       *     22-80    tcp_203.0.113.7_50000_->_10.0.0.4_81    no
    tcp       50000 *        tcp_203.0.113.7_50000_->_10.0.0.4_22    yes
    tcp       50001 *        tcp_203.0.113.7_50000_->_10.0.0.4_22    no
    tcp       50001 22       tcp_203.0.113.7_50000_->_10.0.0.4_22    no
    tcp       *     0-65535  tcp_203.0.113.7_50000_->_10.0.0.4_22    yes
    tcp       *     0        tcp_203.0.113.7_50000_->_10.0.0.4_0     yes
    udp       *     53       udp_203.0.113.7_50000_->_10.0.0.4_53    yes
    *         *     22       tcp_203.0.113.7_50000_->_10.0.0.4_22    yes
    *         *     22       udp_203.0.113.7_50000_->_10.0.0.4_22    yes
    *         *     22       sctp_203.0.113.7_50000_->_10.0.0.4_22   yes
    *         *     22       icmp_203.0.113.7_0_->_10.0.0.4_0        no
    *         *     0        icmp_203.0.113.7_0_->_10.0.0.4_0        no
    *         *     *        icmp_203.0.113.7_0_->_10.0.0.4_0        yes
    *         *     *        gre_203.0.113.7_0_->_10.0.0.4_0         yes
    *         *     0-21,22-65535 icmp_203.0.113.7_0_->_10.0.0.4_0   yes
    *         *     30-65535,0-40 icmp_203.0.113.7_0_->_10.0.0.4_0   yes
    *         *     0-21,23-65535 icmp_203.0.113.7_0_->_10.0.0.4_0   no
    *         *     0-65534       icmp_203.0.113.7_0_->_10.0.0.4_0   no
    icmp      *     *        icmp_203.0.113.7_0_->_10.0.0.4_0        yes
    icmp      *     22       icmp_203.0.113.7_0_->_10.0.0.4_0        yes
    icmp      *     *        icmpv6_2001:db8::1_0_->_fd00:1::4_0     yes
    icmp      *     *        tcp_203.0.113.7_50000_->_10.0.0.4_22    no
    esp       *     *        esp_203.0.113.7_0_->_10.0.0.4_0         yes
    esp       *     *        ah_203.0.113.7_0_->_10.0.0.4_0          no
    ah        *     22       ah_203.0.113.7_0_->_10.0.0.4_0          yes
    tcp       *     22       tcp_203.0.113.7_?_->_10.0.0.4_?         maybe
    tcp       22    *        tcp_203.0.113.7_?_->_10.0.0.4_?         maybe
    tcp       *     *        tcp_203.0.113.7_?_->_10.0.0.4_?         yes
    udp       *     22       tcp_203.0.113.7_?_->_10.0.0.4_?         no
    *         *     22       udp_203.0.113.7_?_->_10.0.0.4_?         maybe`;
  for (const { protocol, from, to, packet, is } of rowsOf(table)) {
    it(`${protocol} ${from} to ${to} on ${packet!.replaceAll("_", " ")}: ${is}`, () => {
      expect(match(`${protocol} * ${from} * ${to}`, packet!.replaceAll("_", " "))).toBe(is);
    });
  }
});

describe("a rule's addresses", () => {
  const table = `
    source                           from            to            is
    *                                203.0.113.7     10.0.0.4      yes
    203.0.113.7                      203.0.113.7     10.0.0.4      yes
    203.0.113.8                      203.0.113.7     10.0.0.4      no
    203.0.113.0/24                   203.0.113.7     10.0.0.4      yes
    203.0.113.99/24                  203.0.113.7     10.0.0.4      yes
    203.0.112.0/23                   203.0.113.255   10.0.0.4      yes
    203.0.112.0/23                   203.0.114.0     10.0.0.4      no
    0.0.0.0/0                        203.0.113.7     10.0.0.4      yes
    0.0.0.0/0                        2001:db8::7     fd00:1::4     no
    ::/0                             2001:db8::7     fd00:1::4     yes
    2001:db8::/32                    2001:db8::7     fd00:1::4     yes
    2001:db8::/32                    2001:db9::7     fd00:1::4     no
    198.51.100.0/24,203.0.113.0/24   203.0.113.7     10.0.0.4      yes
    VirtualNetwork                   10.0.0.9        10.0.0.4      yes
    VIRTUAL_NETWORK                  10.0.0.9        10.0.0.4      yes
    VirtualNetwork                   10.1.0.9        10.0.0.4      no
    VirtualNetwork                   fd00:1::9       fd00:1::4     yes
    VirtualNetwork                   168.63.129.16   10.0.0.4      yes
    Internet                         203.0.113.7     10.0.0.4      yes
    internet                         10.0.0.9        10.0.0.4      no
    Internet                         10.9.0.9        10.0.0.4      no
    Internet                         100.64.0.1      10.0.0.4      no
    Internet                         169.254.169.254 10.0.0.4      no
    Internet                         224.0.0.1       10.0.0.4      no
    Internet                         168.63.129.16   10.0.0.4      no
    Internet                         2001:db8::7     fd00:1::4     yes
    Internet                         fd00:9::7       fd00:1::4     no
    AzureLoadBalancer                168.63.129.16   10.0.0.4      yes
    AzureLoadBalancer                168.63.129.17   10.0.0.4      no
    Storage.WestEurope               203.0.113.7     10.0.0.4      maybe
    Storage,203.0.113.7              203.0.113.7     10.0.0.4      yes
    asg:asg-web                      10.0.0.4        10.0.0.4      yes
    asg:asg-web                      10.0.0.5        10.0.0.4      no
    asg:asg-other                    10.0.0.5        10.0.0.4      maybe
    asg:asg-other,asg:asg-web        10.0.0.4        10.0.0.4      yes`;
  for (const { source, from, to, is } of rowsOf(table)) {
    it(`from ${source} on ${from}: ${is}`, () => {
      expect(match(`* ${source} * * *`, `tcp ${from} 50000 -> ${to} 22`)).toBe(is);
      expect(match(`* * * ${source} *`, `tcp ${to} 50000 -> ${from} 22`)).toBe(is);
    });
  }

  it("in a network that was never seen, VirtualNetwork and Internet are not known, save where they are the same everywhere", () => {
    const inTag = (tag: string, text: string) => {
      const { inside, doubtful } = serviceTagContents(tag, unseenSpace);
      const address = parseAddress(text)!;
      return inside.has(address) || (doubtful.has(address) ? null : false);
    };
    expect(inTag("VirtualNetwork", "10.0.0.4")).toBeNull();
    expect(inTag("VirtualNetwork", "168.63.129.16")).toBe(true);
    expect(inTag("Internet", "10.0.0.4")).toBe(false);
    expect(inTag("Internet", "203.0.113.7")).toBeNull();
    expect(inTag("Internet", "168.63.129.16")).toBe(false);
    expect(inTag("AzureLoadBalancer", "10.0.0.4")).toBe(false);
  });
});

describe("a part of a rule that is not known", () => {
  it("does not matter where another part certainly does not match", () => {
    expect(match("tcp Storage * * 23", toSsh)).toBe("no");
    expect(match("udp Storage * * 22", toSsh)).toBe("no");
    expect(match("tcp Storage * 10.0.0.5 22", toSsh)).toBe("no");
    expect(match("tcp 203.0.113.8 * * 22", "tcp 203.0.113.7 ? -> 10.0.0.4 ?")).toBe("no");
  });

  it("makes the match a maybe where all else matches", () => {
    expect(match("tcp Storage * 10.0.0.4 22", toSsh)).toBe("maybe");
    expect(match("tcp Storage * 10.0.0.4 22", "tcp 203.0.113.7 ? -> 10.0.0.4 ?")).toBe("maybe");
  });

  it("is named in the reason", () => {
    const matcher = compileMatcher(rule("100 r inbound allow tcp Storage.WestEurope * -> * 22"));
    expect(matchRule(matcher, tuple(toSsh), names)).toEqual({
      is: "maybe",
      because: "the contents of service tag `Storage.WestEurope` are not known",
    });
  });
});
