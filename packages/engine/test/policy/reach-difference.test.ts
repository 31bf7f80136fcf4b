import { describe, expect, it, test } from "vitest";
import {
  AddressSet,
  type Asked,
  type ControlEvent,
  evaluate,
  formatAddress,
  hasPorts,
  type NameContents,
  parsePrefix,
  type Region,
  type Rule,
  reachDifference,
  ruleDifferences,
} from "../../src/index.js";
import { groupSeen, ruleDeleted, ruleWritten } from "../support/control-events.js";
import { historyOf } from "../support/histories.js";
import { at } from "../support/instants.js";
import { Random } from "../support/random.js";
import { noNames, tuple } from "../support/tuples.js";

const setAt = (events: readonly ControlEvent[], time: string) =>
  historyOf(events).groups.get("web")!.ruleSetAt(at(time));

/** Both of one history: a version that is in both is the same. */
function asked(events: readonly ControlEvent[], times: readonly [string, string], names = noNames): [Asked, Asked] {
  const history = historyOf(events).groups.get("web")!;
  const [before, after] = times.map((time) => ({ set: history.ruleSetAt(at(time)), names }));
  return [before!, after!];
}

function addresses(set: AddressSet): string {
  if (set.ranges.length === 1 && set.complement().size === 0) return "any";
  return set.ranges
    .map(({ first, last }) =>
      first.join() === last.join() ? formatAddress(first) : `${formatAddress(first)}-${formatAddress(last)}`,
    )
    .join(",");
}

function ports(ranges: Region["sourcePorts"]): string {
  return ranges?.map(({ first, last }) => (first === last ? first : `${first}-${last}`)).join(",") ?? "any";
}

/** `inbound deny>allow tcp 203.0.113.7 any -> any 22`, as rules are written. */
function told(region: Region): string {
  const { direction, before, after, protocols, icmp } = region;
  const kind = icmp === null ? "" : ` kind ${ports(icmp)}`;
  const ends = `${addresses(region.source)} ${ports(region.sourcePorts)} -> ${addresses(region.destination)} ${ports(region.destinationPorts)}`;
  return `${direction} ${before}>${after} ${protocols?.join(",") ?? "any"}${kind} ${ends}`;
}

function regions(events: readonly ControlEvent[], names = noNames, times: [string, string] = ["09:30", "12:00"]) {
  const { regions: found, leftOut } = reachDifference(...asked(events, times, names));
  expect(leftOut).toBe(0);
  return found.map(told).sort();
}

const ssh = "100 ssh inbound allow tcp 203.0.113.7 * -> * 22";

describe("what two rule sets let through differently", () => {
  test.each<[string, readonly (string | Rule)[], readonly ControlEvent[], readonly string[]]>([
    ["nothing, where nothing changed", [ssh], [], []],
    ["the region of a new rule", [], [ruleWritten("10:00", ssh)], ["inbound deny>allow 6 203.0.113.7 any -> any 22"]],
    [
      "the region of a deleted rule",
      [ssh],
      [ruleDeleted("10:00", "ssh")],
      ["inbound allow>deny 6 203.0.113.7 any -> any 22"],
    ],
    [
      "only what no other rule says already",
      ["90 all inbound allow tcp 203.0.113.0/24 * -> * 20-30"],
      [ruleWritten("10:00", "100 ssh inbound allow tcp * * -> 10.0.0.4 22")],
      ["inbound deny>allow 6 ::-203.0.112.255,203.0.114.0-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff any -> 10.0.0.4 22"],
    ],
    ["nothing, where a rule is shadowed", ["90 none inbound deny * * * -> * *"], [ruleWritten("10:00", ssh)], []],
    [
      "both, where ports move",
      [ssh],
      [
        ruleWritten("10:00", ssh.replace("22", "22-23"), { effect: "updated" }),
        ruleWritten("11:00", ssh.replace("22", "23-24")),
      ],
      ["inbound allow>deny 6 203.0.113.7 any -> any 22", "inbound deny>allow 6 203.0.113.7 any -> any 23-24"],
    ],
    [
      "what a moved priority lets pass",
      [ssh, "90 none inbound deny * 203.0.113.0/24 * -> * *"],
      [ruleWritten("10:00", ssh.replace("100", "80"))],
      ["inbound deny>allow 6 203.0.113.7 any -> any 22"],
    ],
    [
      "any protocol as one region",
      [],
      [ruleWritten("10:00", "100 all inbound allow * 203.0.113.7 * -> * *")],
      ["inbound deny>allow any 203.0.113.7 any -> any any"],
    ],
    [
      "protocols with ports, where a rule for any protocol names ports",
      [],
      [ruleWritten("10:00", "100 all inbound allow * 203.0.113.7 * -> * 22")],
      ["inbound deny>allow 6,17,132 203.0.113.7 any -> any 22"],
    ],
    [
      "ports that a rule names twice, once",
      [],
      [ruleWritten("10:00", "100 all inbound allow tcp 203.0.113.7 * -> * 20-30,25-40,30")],
      ["inbound deny>allow 6 203.0.113.7 any -> any 20-40"],
    ],
    [
      "a region of the other direction",
      [],
      [ruleWritten("10:00", "100 out outbound deny udp 10.0.0.4 53 -> 192.0.2.0/24 *")],
      ["outbound allow>deny 17 10.0.0.4 53 -> 192.0.2.0-192.0.2.255 any"],
    ],
  ])("%s", (_, rules, edits, expected) => {
    const internet = { ...noNames, serviceTag: everything };
    expect(regions([groupSeen("09:00", rules), ...edits], internet)).toEqual([...expected].sort());
  });

  /** VirtualNetwork stands for nothing, Internet for all. */
  function everything(tag: string) {
    return { inside: tag === "Internet" ? AddressSet.everything : AddressSet.none, doubtful: AddressSet.none };
  }

  it("is what an opaque edit leaves unknown", () => {
    const events = [groupSeen("09:00", [ssh]), ruleWritten("10:00", "ssh")];
    expect(regions(events, { ...noNames, serviceTag: everything })).toContain(
      "inbound allow>unknown 6 203.0.113.7 any -> any 22",
    );
  });

  it("is what a name stands for anew, although no rule changed", () => {
    const events = [groupSeen("09:00", ["100 tag inbound allow tcp Storage * -> * 443"])];
    const named = (text: string): NameContents => ({
      ...noNames,
      serviceTag: (tag) => ({
        inside: tag === "Storage" ? AddressSet.ofPrefixes([parsePrefix(text)!]) : AddressSet.none,
        doubtful: AddressSet.none,
      }),
    });
    const set = setAt(events, "09:00");
    const found = reachDifference({ set, names: named("20.0.0.0/24") }, { set, names: named("20.0.0.0/23") });
    expect(found.regions.map(told)).toEqual(["inbound deny>allow 6 20.0.1.0-20.0.1.255 any -> any 443"]);
  });

  it("counts what is too much to compare", () => {
    const rules = Array.from({ length: 400 }, (_, index) => {
      const [from, to] = [`10.${index >> 8}.${index & 255}.0/24`, `172.16.${index & 255}.${index >> 8}`];
      return `${100 + index} r${index} inbound allow tcp ${from} * -> ${to} ${1000 + index}`;
    });
    const all = ruleWritten("10:00", "4000 all inbound allow * * * -> * *");
    const events = [groupSeen("09:00", rules), all, ruleWritten("10:00", ssh.replace("100", "3000"))];
    const found = reachDifference(...asked(events, ["09:30", "11:00"]));
    expect(found.leftOut).toBeGreaterThan(1_000_000);
    expect(found.regions.map(told)).toEqual(["inbound deny>allow 6 203.0.113.7 any -> any 22"]);
  });

  it("holds for every packet: in a region the verdicts differ as it says, and outside they are the same", () => {
    const random = new Random(7);
    for (let round = 0; round < 60; round++) {
      const events = [groupSeen("09:00", randomRules(random)), ...randomEdits(random)];
      const [before, after] = asked(events, ["09:30", "12:00"]);
      const { regions: found } = reachDifference(before, after);
      for (let packet = 0; packet < 60; packet++) {
        const direction = random.below(2) === 0 ? ("inbound" as const) : ("outbound" as const);
        const five = tuple(
          `${["tcp", "udp", "icmp", "esp"][random.below(4)]} ${randomHost(random)} ${random.below(6)} -> ${randomHost(random)} ${random.below(6)}`,
        );
        const said = [before, after].map(({ set }) => evaluate(set, direction, five, noNames).decision);
        const inside = found.filter((region) => region.direction === direction && holds(region, five));
        expect(inside.map((region) => [region.before, region.after])).toEqual(said[0] === said[1] ? [] : [said]);
      }
    }
  });
});

function randomHost(random: Random): string {
  return random.below(8) === 0 ? "2001:db8::1" : `10.0.0.${random.below(6)}`;
}

function randomRule(random: Random, name: string, priority: number): string {
  const address = () => ["*", "10.0.0.0/30", `10.0.0.${random.below(6)}`, "::/0"][random.below(4)];
  const port = () => ["*", String(random.below(6)), "2-4"][random.below(3)];
  const direction = random.below(3) === 0 ? "outbound" : "inbound";
  const access = random.below(2) === 0 ? "allow" : "deny";
  const protocol = ["*", "tcp", "udp", "icmp"][random.below(4)];
  return `${priority} ${name} ${direction} ${access} ${protocol} ${address()} ${port()} -> ${address()} ${port()}`;
}

function randomRules(random: Random): string[] {
  return Array.from({ length: random.below(6) }, (_, index) => randomRule(random, `r${index}`, 100 + index));
}

function randomEdits(random: Random): ControlEvent[] {
  return Array.from({ length: 1 + random.below(2) }, (_, index) => {
    const name = `r${random.below(7)}`;
    const minute = `10:0${index}`;
    return random.below(3) === 0
      ? ruleDeleted(minute, name)
      : ruleWritten(minute, randomRule(random, name, 90 + random.below(20)));
  });
}

function holds(region: Region, five: ReturnType<typeof tuple>): boolean {
  const within = (ranges: Region["sourcePorts"], value: number) =>
    ranges === null || ranges.some(({ first, last }) => first <= value && value <= last);
  const withPorts = !hasPorts(five.protocol)
    ? region.sourcePorts === null && region.destinationPorts === null
    : within(region.sourcePorts, five.sourcePort) && within(region.destinationPorts, five.destinationPort);
  return (
    (region.protocols?.includes(five.protocol) ?? true) &&
    region.source.has(five.source) &&
    region.destination.has(five.destination) &&
    withPorts
  );
}

describe("how rules differ", () => {
  const events = [
    groupSeen("09:00", [ssh, "200 web inbound allow tcp * * -> * 443", "300 db inbound allow tcp * * -> * 1433"]),
    ruleWritten("10:00", "110 ssh inbound allow tcp 203.0.113.0/24,198.51.100.7 * -> * 22", { effect: "updated" }),
    ruleDeleted("10:00", "web"),
    ruleWritten("10:00", "400 new inbound deny * * * -> * *", { effect: "created" }),
    ruleWritten("10:00", "db"),
  ];
  const differences = ruleDifferences(...(asked(events, ["09:30", "11:00"]).map(({ set }) => set) as [never, never]));

  it("by name: added, removed, changed field by field, unknown", () => {
    expect(differences.map((difference) => [difference.is, nameOf(difference)])).toEqual([
      ["unknown", "db"],
      ["added", "new"],
      ["changed", "ssh"],
      ["removed", "web"],
    ]);
  });

  it("says of each field what is gone and what has come", () => {
    expect(differences.find(({ is }) => is === "changed")).toMatchObject({
      fields: [
        { field: "priority", gone: ["100"], come: ["110"] },
        { field: "source", gone: ["203.0.113.7"], come: ["203.0.113.0/24", "198.51.100.7"] },
      ],
    });
  });

  it("not at all where only versions between differ", () => {
    const back = [
      groupSeen("09:00", [ssh]),
      ruleWritten("10:00", ssh.replace("22", "23"), { effect: "updated" }),
      ruleWritten("11:00", ssh),
    ];
    expect(ruleDifferences(setAt(back, "09:30"), setAt(back, "12:00"))).toEqual([]);
  });

  function nameOf(difference: (typeof differences)[number]): string {
    return "version" in difference ? difference.version.rule : difference.before.rule;
  }
});
