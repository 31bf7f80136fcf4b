import { describe, expect, it } from "vitest";
import {
  addressLists,
  type ControlEvent,
  type ListsAt,
  type NamedAddresses,
  type NetworkSpace,
  parseAddress,
  parsePrefix,
  serviceTagContents,
  unseenSpace,
} from "../../src/index.js";
import { factAt } from "../support/control-events.js";
import { at } from "../support/instants.js";

function listSeen(when: string, list: string, ...prefixes: string[]): ControlEvent {
  const data = { list, prefixes, edition: null, instant: "stated" } as const;
  return factAt(when, { type: "address-list-seen", data });
}

function says({ inside, doubtful }: NamedAddresses, address: string): string {
  const parsed = parseAddress(address)!;
  if (inside.has(parsed)) return "inside";
  return doubtful.has(parsed) ? "doubtful" : "outside";
}

const prefixes = (...texts: string[]): NetworkSpace => ({
  prefixes: texts.map((text) => parsePrefix(text)!),
  whole: true,
});
const space = prefixes("10.0.0.0/16", "fd00:1::/48");

describe("VirtualNetwork", () => {
  it.each([
    ["[A4] its own space", "10.0.0.4", "inside"],
    ["[A4] of IPv6 too", "fd00:1::4", "inside"],
    ["[A4] the address of the host", "168.63.129.16", "inside"],
    ["[A4] not the Internet", "203.0.113.7", "outside"],
    ["[A4] not other private addresses", "10.1.0.4", "outside"],
  ])("%s", (_, address, expected) => {
    expect(says(serviceTagContents("VirtualNetwork", space), address)).toBe(expected);
    expect(says(serviceTagContents("VIRTUAL_NETWORK", space), address)).toBe(expected);
  });

  it("[A4] with a user-defined default route is everything, and Internet nothing", () => {
    const routed = prefixes("10.0.0.0/16", "0.0.0.0/0");
    expect(says(serviceTagContents("VirtualNetwork", routed), "203.0.113.7")).toBe("inside");
    expect(says(serviceTagContents("Internet", routed), "203.0.113.7")).toBe("outside");
    expect(says(serviceTagContents("Internet", routed), "2001:db8::7")).toBe("inside");
  });

  it("[A4] of which only a part is known holds that part for sure, and may hold anything else", () => {
    const partly = { ...space, whole: false };
    const told = (tag: string) =>
      ["10.0.0.4", "10.1.0.4", "203.0.113.7"].map((address) => says(serviceTagContents(tag, partly), address));
    expect(told("VirtualNetwork")).toEqual(["inside", "doubtful", "doubtful"]);
    expect(told("Internet")).toEqual(["outside", "outside", "doubtful"]);
  });

  it("that nobody saw may be anything", () => {
    expect(says(serviceTagContents("VirtualNetwork", unseenSpace), "203.0.113.7")).toBe("doubtful");
    expect(says(serviceTagContents("Internet", unseenSpace), "203.0.113.7")).toBe("doubtful");
    expect(says(serviceTagContents("Internet", unseenSpace), "10.0.0.4")).toBe("outside");
  });
});

describe("Internet", () => {
  it.each([
    ["[A4] public addresses", "203.0.113.7", "inside"],
    ["[A26] the lowest block that is shown", "1.0.0.0", "inside"],
    ["[A4] IPv6", "2001:db8::7", "inside"],
    ["[A4] not the network", "10.0.0.4", "outside"],
    ["[A4] not RFC 1918", "192.168.1.1", "outside"],
    ["[A4] not RFC 1918", "172.31.255.255", "outside"],
    ["[A4] not RFC 6598", "100.64.0.1", "outside"],
    ["[A4] not loopback", "127.0.0.1", "outside"],
    ["[A4] not link-local", "169.254.1.1", "outside"],
    ["[A4] not multicast", "224.0.0.1", "outside"],
    ["[A4] not class E", "240.0.0.1", "outside"],
    ["[A4] not unique local addresses", "fd00:2::4", "outside"],
    ["[A4] not the address of the host", "168.63.129.16", "outside"],
  ])("%s: %s", (_, address, expected) => {
    expect(says(serviceTagContents("Internet", space), address)).toBe(expected);
    expect(says(serviceTagContents("INTERNET", space), address)).toBe(expected);
  });

  it("[A4] leaves out a public range that the network uses", () => {
    const own = prefixes("203.0.113.0/24");
    expect(says(serviceTagContents("Internet", own), "203.0.113.7")).toBe("outside");
  });
});

describe("the platform's own tags", () => {
  it.each([
    ["[A4]", "AzureLoadBalancer", "168.63.129.16"],
    ["[A4]", "AZURE_LOADBALANCER", "168.63.129.16"],
    ["[A1]", "AzurePlatformDNS", "168.63.129.16"],
    ["[A1]", "AzurePlatformIMDS", "169.254.169.254"],
    ["[A1]", "AzurePlatformLKM", "23.102.135.246"],
  ])("%s %s is %s and no other", (_, tag, address) => {
    expect(says(serviceTagContents(tag, space), address)).toBe("inside");
    expect(says(serviceTagContents(tag, space), "203.0.113.7")).toBe("outside");
  });
});

describe("a tag from dated lists", () => {
  const storage = [
    listSeen("09:00", "Storage.WestUS", "20.0.0.0/24", "2603:1000::/48"),
    listSeen("10:00", "Storage.WestUS", "20.0.1.0/24"),
  ];
  const listsAt = (events: readonly ControlEvent[], time: string): ListsAt => {
    const [lists, reversed] = [addressLists(events), addressLists(events.toReversed())];
    expect(reversed.boundaries).toEqual(lists.boundaries);
    return lists.listsAt(at(time));
  };
  const tagAt = (events: readonly ControlEvent[], time: string, tag: string, address: string) =>
    says(serviceTagContents(tag, space, listsAt(events, time)), address);

  it("[A4] holds what its latest edition shows", () => {
    expect(["09:00", "09:59", "10:00"].map((time) => tagAt(storage, time, "Storage.WestUS", "20.0.0.7"))).toEqual([
      "inside",
      "inside",
      "outside",
    ]);
    expect(tagAt(storage, "09:00", "Storage.WestUS", "2603:1000::7")).toBe("inside");
  });

  it("held before the first edition what that one shows, inferred", () => {
    expect(tagAt(storage, "08:00", "Storage.WestUS", "20.0.0.7")).toBe("inside");
    const provenance = ["08:00", "09:00"].map((time) => listsAt(storage, time).find("Storage.WestUS")!.provenance);
    expect(provenance).toEqual(["inferred", "recorded"]);
  });

  it("[A4] is named in any case", () => {
    expect(tagAt(storage, "09:00", "storage.westus", "20.0.0.7")).toBe("inside");
  });

  it("that no list shows may be anything", () => {
    expect(tagAt(storage, "09:00", "Sql", "20.0.0.7")).toBe("doubtful");
    expect(tagAt([], "09:00", "Storage.WestUS", "20.0.0.7")).toBe("doubtful");
  });

  it("[A4] of one region is somewhere in the tag of all regions, where only that is shown", () => {
    const whole = [listSeen("09:00", "Storage", "20.0.0.0/16")];
    expect(tagAt(whole, "09:00", "Storage.WestUS", "20.0.0.7")).toBe("doubtful");
    expect(tagAt(whole, "09:00", "Storage.WestUS", "20.1.0.7")).toBe("outside");
  });

  it("[A4] of all regions holds at least the regions that are shown", () => {
    expect(tagAt(storage, "09:00", "Storage", "20.0.0.7")).toBe("inside");
    expect(tagAt(storage, "09:00", "Storage", "20.9.0.7")).toBe("doubtful");
  });

  it("shown twice at one instant holds for sure what both show", () => {
    const both = [listSeen("09:00", "Sql", "20.0.0.0/24", "20.0.1.0/24"), listSeen("09:00", "Sql", "20.0.0.0/24")];
    expect(["20.0.0.7", "20.0.1.7", "20.0.2.7"].map((address) => tagAt(both, "09:00", "Sql", address))).toEqual([
      "inside",
      "doubtful",
      "outside",
    ]);
  });

  it("with a prefix that can't be read may be anything more", () => {
    const odd = [listSeen("09:00", "Sql", "20.0.0.0/24", "20.0.1.0/99")];
    expect(tagAt(odd, "09:00", "Sql", "20.0.0.7")).toBe("inside");
    expect(tagAt(odd, "09:00", "Sql", "20.0.2.7")).toBe("doubtful");
  });

  it("OBS: that no download has is the network's or the platform's own, whatever a list of that name says", () => {
    const names = ["VirtualNetwork", "Internet", "AzureLoadBalancer", "AzurePlatformDNS", "AzurePlatformIMDS"];
    const lists = names.map((name) => listSeen("09:00", name, "198.18.0.0/15"));
    const [first, ...others] = names.map((name) => tagAt(lists, "09:00", name, "198.18.0.7"));
    expect([first, others]).toEqual(["outside", ["inside", "outside", "outside", "outside"]]);
  });

  it("may have become empty", () => {
    const emptied = [...storage, listSeen("11:00", "Storage.WestUS")];
    expect(tagAt(emptied, "11:00", "Storage.WestUS", "20.0.1.7")).toBe("outside");
  });

  it("[W2] a prefix list of AWS is one, too", () => {
    const list = [listSeen("09:00", "pl-63a5400a", "52.219.0.0/16")];
    expect(tagAt(list, "09:00", "pl-63a5400a", "52.219.1.1")).toBe("inside");
    expect(tagAt(list, "09:00", "pl-63a5400a", "52.218.1.1")).toBe("outside");
  });
});
