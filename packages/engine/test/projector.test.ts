import { describe, expect, it } from "vitest";
import {
  type ControlEvent,
  parseAddress,
  placeOfInterface,
  protocolNumber,
  standingOf,
  type TrafficBatch,
} from "../src/index.js";
import {
  factAt,
  groupSeen,
  groupWritten,
  interfaceSeen,
  networkSeen,
  ruleDeleted,
  ruleWritten,
} from "./support/control-events.js";
import { second } from "./support/instants.js";
import {
  answer,
  batchOf,
  echoReply,
  echoRequest,
  flagsOf,
  type PacketText,
  packet,
  portUnreachable,
  timeExceeded,
} from "./support/packets.js";
import { type ProjectionMore, project, tellDenied, tellFlow, tellVerdict } from "./support/projection.js";
import { rowsOf } from "./support/table.js";

const outside = "203.0.113.7";
const ssh = "100 ssh inbound allow tcp * * -> * 22";
const noOut = "4000 no-out outbound deny * * * -> * *";

/** One interface `nic-1` with 10.0.0.4 behind the group `web` at its own gate, and an open subnet. */
function world(...rules: readonly string[]): ControlEvent[] {
  return [groupSeen("08:00", rules), interfaceSeen("08:00", "nic-1", { group: "web" }), networkSeen("08:00", "vnet")];
}

function verdicts(
  events: readonly ControlEvent[],
  packets: readonly PacketText[],
  more: ProjectionMore = {},
): string[] {
  return project(events, [batchOf(packets)], more).verdicts.map(tellVerdict);
}

function flows(events: readonly ControlEvent[], packets: readonly PacketText[]): string[] {
  return project(events, [batchOf(packets)]).flows.map(tellFlow);
}

const { tcp, udp, icmp, esp } = protocolNumber;

/** Packets of one conversation from a table: `>` from the outside to the machine, `<` back. */
function packetsOf(table: string, base: Partial<PacketText> = {}): PacketText[] {
  return rowsOf(table).map(({ time, way, flags = "." }, index) => {
    const there = packet({ time: second(Number(time)), frame: index + 1, flags: flagsOf(flags), ...base });
    return way === ">" ? there : answer(there, {});
  });
}

/** A state table: what the packets of one connection to port 22 come to. */
function specify(name: string, events: readonly ControlEvent[], table: string, ended: readonly string[]): void {
  it(name, () => {
    const packets = packetsOf(table);
    const { verdicts: judged, flows: kept } = project(events, [batchOf(packets)]);
    const told = judged.map(({ verdict, reason }) => `${verdict} ${reason.type}`);
    expect(told).toEqual(rowsOf(table).map(({ verdict, reason }) => `${verdict} ${reason}`));
    expect(kept.map((flow) => `${tellFlow(flow)} at ${(flow.endsAt - second(0)) / 1_000_000}`)).toEqual(ended);
  });
}

describe("a new edition of an address list", () => {
  const listSeen = (when: string, ...prefixes: string[]): ControlEvent =>
    factAt(when, {
      type: "address-list-seen",
      data: { list: "Storage", prefixes, edition: null, instant: "stated" },
    });
  const editions = [listSeen("08:00", "20.0.0.0/24"), listSeen("12:00:05", "20.0.1.0/24")];
  const events = [...world("100 storage inbound allow tcp Storage * -> * 22"), ...editions];

  it("counts from its instant on, also for packets of a flow that was denied in the same batch", () => {
    const tries = [0, 5, 6].map((seconds, index) =>
      packet({ time: second(seconds), frame: index + 1, flags: flagsOf("S"), source: "20.0.1.7" }),
    );
    expect(verdicts(events, tries)).toEqual([
      "1 inbound at nic-1: deny denied DenyAllInBound",
      "2 inbound at nic-1: allow opened storage",
      "3 inbound at nic-1: allow flow-record storage",
    ]);
  });
});

describe("a TCP connection that a rule allows", () => {
  specify(
    "is asked for once, and lives by its record",
    world(ssh),
    `time  way  flags  verdict  reason
     0     >    S      allow    opened
     0.01  <    SA     allow    flow-record
     0.02  >    A      allow    flow-record
     1     >    PA     allow    flow-record
     2     <    PA     allow    flow-record`,
    ["203.0.113.7:50000 -> 10.0.0.4:22 ESTABLISHED 3/2 idle at 242"],
  );
  specify(
    "ends by its timeout at that very instant, and what comes then is a new flow",
    world(ssh, noOut),
    `time        way  flags  verdict  reason
     0           >    S      allow    opened
     240         <    SA     deny     denied
     300         >    A      allow    opened
     539.999999  <    PA     allow    flow-record
     779.999999  <    PA     deny     denied`,
    [
      "203.0.113.7:50000 -> 10.0.0.4:22 SYN_SENT 1/0 idle at 240",
      "203.0.113.7:50000 -> 10.0.0.4:22 ESTABLISHED 1/1 idle at 779.999999",
    ],
  );
  specify(
    "lingers 15 s after the last FIN's acknowledgement, and late packets do not renew that",
    world(ssh, noOut),
    `time       way  flags  verdict  reason
     0          >    S      allow    opened
     0.1        <    SA     allow    flow-record
     0.2        >    A      allow    flow-record
     1          >    FA     allow    flow-record
     1.1        <    A      allow    flow-record
     2          <    FA     allow    flow-record
     3          >    A      allow    flow-record
     10         <    FA     allow    flow-record
     17.999999  >    A      allow    flow-record
     18         <    A      deny     denied`,
    ["203.0.113.7:50000 -> 10.0.0.4:22 TIME_WAIT 5/4 fin at 18"],
  );
  specify(
    "goes on in one direction after a FIN that only one side has sent, however often",
    world(ssh, noOut),
    `time  way  flags  verdict  reason
     0     >    S      allow    opened
     0.1   <    SA     allow    flow-record
     0.2   >    A      allow    flow-record
     1     >    FA     allow    flow-record
     1.5   >    FA     allow    flow-record
     1.6   <    A      allow    flow-record
     60    <    PA     allow    flow-record
     60.1  >    A      allow    flow-record
     61    <    FA     allow    flow-record
     62    >    A      allow    flow-record
     77    <    A      deny     denied`,
    ["203.0.113.7:50000 -> 10.0.0.4:22 TIME_WAIT 6/4 fin at 77"],
  );
  specify(
    "lingers 15 s after a RST",
    world(ssh, noOut),
    `time  way  flags  verdict  reason
     0     >    S      allow    opened
     1     <    RA     allow    flow-record
     15    >    A      allow    flow-record
     16    <    A      deny     denied`,
    ["203.0.113.7:50000 -> 10.0.0.4:22 CLOSE 2/1 rst at 16"],
  );
  specify(
    "is another one after a SYN while it lingers",
    world(ssh),
    `time  way  flags  verdict  reason
     0     >    S      allow    opened
     1     <    RA     allow    flow-record
     5     >    S      allow    opened
     6     <    SA     allow    flow-record`,
    [
      "203.0.113.7:50000 -> 10.0.0.4:22 CLOSE 1/1 rst at 5",
      "203.0.113.7:50000 -> 10.0.0.4:22 SYN_RECV 1/1 idle at 246",
    ],
  );
  specify(
    "is the same one after a SYN while it lives",
    world(ssh),
    `time  way  flags  verdict  reason
     0     >    S      allow    opened
     1     <    SA     allow    flow-record
     2     >    A      allow    flow-record
     3     >    S      allow    flow-record`,
    ["203.0.113.7:50000 -> 10.0.0.4:22 ESTABLISHED 3/1 idle at 243"],
  );
  specify(
    "is picked up in mid-stream by the rules",
    world(ssh, noOut),
    `time  way  flags  verdict  reason
     0     <    PA     deny     denied
     1     >    A      allow    opened
     2     <    PA     allow    flow-record`,
    ["203.0.113.7:50000 -> 10.0.0.4:22 ESTABLISHED 1/1 idle at 242"],
  );
  specify(
    "is picked up from either side, and then the machine is its originator",
    world(),
    `time  way  flags  verdict  reason
     0     >    PA     deny     denied
     1     <    PA     allow    opened
     2     >    A      allow    flow-record`,
    ["10.0.0.4:22 -> 203.0.113.7:50000 ESTABLISHED 1/1 idle at 242"],
  );
});

describe("NS: while a connection lingers", () => {
  it("a SYN is judged by the rules now in force, and ends it even when they deny", () => {
    const events = [...world(ssh), ruleDeleted(second(3), "ssh")];
    const table = `
      time  way  flags
      0     >    S
      1     <    RA
      5     >    S
      6     >    A`;
    expect(verdicts(events, packetsOf(table))).toEqual([
      "1 inbound at nic-1: allow opened ssh",
      "2 outbound at nic-1: allow flow-record ssh",
      "3 inbound at nic-1: deny denied DenyAllInBound",
      "4 inbound at nic-1: deny denied DenyAllInBound",
    ]);
  });
});

describe("a rule that is deleted", () => {
  const events = [...world(ssh), ruleDeleted(second(10), "ssh", { who: "defender" })];
  const table = `
    time  way  flags
    0     >    S
    0.1   <    SA
    0.2   >    A
    20    >    PA
    200   <    PA
    439   >    PA
    679   >    PA`;

  it("[A1] does not cut a flow that it admitted, until that is idle for the timeout", () => {
    expect(verdicts(events, packetsOf(table)).slice(-3)).toEqual([
      "5 outbound at nic-1: allow flow-record ssh",
      "6 inbound at nic-1: allow flow-record ssh",
      "7 inbound at nic-1: deny denied DenyAllInBound",
    ]);
  });

  it("[A1] does not admit new ones, from its very instant", () => {
    const attempt = (time: number) => packet({ time: second(time), flags: flagsOf("S"), sourcePort: 50_000 + time });
    expect(verdicts(events, [attempt(9), attempt(10)])).toEqual([
      "1 inbound at nic-1: allow opened ssh",
      "1 inbound at nic-1: deny denied DenyAllInBound",
    ]);
  });
});

describe("UDP", () => {
  it("NS: has a record that both sides renew, for four minutes", () => {
    const table = `
      time  way
      0     >
      100   <
      339   >
      579   <
      700   >`;
    const dns = world("100 dns inbound allow udp * * -> * 53", noOut);
    const { verdicts: judged, flows: kept } = project(dns, [
      batchOf(packetsOf(table, { protocol: udp, destinationPort: 53 })),
    ]);
    expect(judged.map(({ reason }) => reason.type)).toEqual([
      "opened",
      "flow-record",
      "flow-record",
      "denied",
      "opened",
    ]);
    expect(kept.map(tellFlow)).toEqual([
      "203.0.113.7:50000 -> 10.0.0.4:53 REPLIED 2/1 idle",
      "203.0.113.7:50000 -> 10.0.0.4:53 UNREPLIED 1/0 idle",
    ]);
  });
});

describe("ICMP", () => {
  const ping = packet({ time: second(0), protocol: icmp, flags: echoRequest, sourcePort: 77, destinationPort: 77 });
  const pong = answer(ping, { time: second(1), frame: 2, flags: echoReply });
  const allowsPing = world("100 ping inbound allow icmp * * -> * *");

  it("pairs a reply with its request", () => {
    expect(verdicts(allowsPing, [ping, pong])).toEqual([
      "1 inbound at nic-1: allow opened ping",
      "2 outbound at nic-1: allow flow-record ping",
    ]);
    expect(flows(allowsPing, [ping, pong])).toEqual(["203.0.113.7:77 -> 10.0.0.4:77 REPLIED 1/1 idle"]);
  });

  it("pairs no request of the other side with it, though the identifier is the same", () => {
    const back = answer(ping, { time: second(1), frame: 2, flags: echoRequest });
    expect(
      verdicts(world("100 ping inbound allow icmp * * -> * *", "100 no outbound deny * * * -> * *"), [ping, back]),
    ).toEqual(["1 inbound at nic-1: allow opened ping", "2 outbound at nic-1: deny denied no"]);
  });

  it("of another identifier is another flow", () => {
    const other = { ...pong, sourcePort: 78, destinationPort: 78, destination: "192.168.0.1" };
    expect(verdicts(allowsPing, [ping, other]).at(-1)).toBe("2 outbound at nic-1: deny denied DenyAllOutBound");
  });

  it("of a reply alone is judged by the rules, and opens nothing", () => {
    expect(verdicts(world(), [pong])).toEqual(["2 outbound at nic-1: allow passed AllowInternetOutBound"]);
    expect(flows(world(), [pong])).toEqual([]);
  });

  it("of version 6 does the same", () => {
    const events = [
      groupSeen("08:00", ["100 ping inbound allow icmp * * -> * *"]),
      interfaceSeen("08:00", "nic-1", { group: "web", addresses: ["fd00:1::4"] }),
      networkSeen("08:00", "vnet"),
    ];
    const request = { ...ping, protocol: protocolNumber.icmp6, source: "2001:db8::7", destination: "fd00:1::4" };
    const packets = [
      { ...request, flags: 128 * 256 },
      answer(request, { time: second(1), frame: 2, flags: 129 * 256 }),
    ];
    expect(verdicts(events, packets)).toEqual([
      "1 inbound at nic-1: allow opened ping",
      "2 outbound at nic-1: allow flow-record ping",
    ]);
  });

  describe("errors", () => {
    const query = packet({ time: second(0), protocol: udp, destinationPort: 53 });
    const dns = world("100 dns inbound allow udp * * -> * 53");
    const error = (time: number, about: PacketText, more: Partial<PacketText> = {}) =>
      answer(about, { time: second(time), frame: 9, protocol: icmp, flags: portUnreachable, quoted: about, ...more });

    it("about a packet of a live flow pass with it, whoever sends them, and renew nothing", () => {
      const router = { source: "198.51.100.1", destination: "10.0.0.4", flags: timeExceeded };
      const reply = answer(query, { time: second(1), frame: 2 });
      const { verdicts: judged, flows: kept } = project(dns, [
        batchOf([query, reply, error(2, query), error(3, reply, router)]),
      ]);
      expect(judged.slice(2).map(tellVerdict)).toEqual([
        "9 outbound at nic-1: allow related dns",
        "9 inbound at nic-1: allow related dns",
      ]);
      expect(kept.map((flow) => [tellFlow(flow), flow.endsAt])).toEqual([
        ["203.0.113.7:50000 -> 10.0.0.4:53 REPLIED 1/1 idle", second(241)],
      ]);
    });

    it("to anybody but the sender of the quoted packet are judged by the rules", () => {
      const packets = [query, error(2, query, { destination: "192.168.0.9" })];
      expect(verdicts(dns, packets).at(-1)).toBe("9 outbound at nic-1: deny denied DenyAllOutBound");
    });

    it("about nothing alive are judged by the rules", () => {
      const packets = [query, error(240, query, { destination: "192.168.0.9" })];
      expect(verdicts(dns, packets).at(-1)).toBe("9 outbound at nic-1: deny denied DenyAllOutBound");
    });
  });
});

describe("other protocols", () => {
  it("have one flow between two addresses", () => {
    const there = packet({ time: second(0), protocol: esp, sourcePort: 0, destinationPort: 0 });
    const back = answer(there, { time: second(1), frame: 2 });
    const events = world("100 vpn inbound allow esp * * -> * *");
    expect(verdicts(events, [there, back])).toEqual([
      "1 inbound at nic-1: allow opened vpn",
      "2 outbound at nic-1: allow flow-record vpn",
    ]);
    expect(flows(events, [there, back])).toEqual(["203.0.113.7:0 -> 10.0.0.4:0 REPLIED 1/1 idle"]);
  });
});

describe("a flow record", () => {
  it("counts packets and bytes for each side", () => {
    const sizes = [
      [">", "S", 60, 0],
      ["<", "SA", 60, 0],
      [">", "PA", 1500, 1448],
      ["<", "PA", 152, 100],
      ["<", "PA", 252, 200],
    ] as const;
    const packets = sizes.map(([way, flags, ipLength, payloadLength], index) => {
      const there = packet({ time: second(index), frame: index + 1, flags: flagsOf(flags), ipLength, payloadLength });
      return way === ">" ? there : answer(there, {});
    });
    expect(project(world(ssh), [batchOf(packets)]).flows[0]).toMatchObject({
      openedAt: second(0),
      lastSeen: second(4),
      openedBy: { sha256: "aa", frame: 1 },
      direction: "inbound",
      interface: "nic-1",
      place: "capture",
      protocol: tcp,
      midStream: false,
      forward: { packets: 2, bytes: 1560, payloadBytes: 1448 },
      backward: { packets: 3, bytes: 464, payloadBytes: 300 },
    });
  });

  it("names the version of the rule that admitted it", () => {
    const events = [
      ...world(ssh),
      ruleWritten(second(10), "100 ssh inbound allow tcp 203.0.113.0/24 * -> * 22", { effect: "updated" }),
    ];
    const open = (time: number) => packet({ time: second(time), sourcePort: 50_000 + time, flags: flagsOf("S") });
    const versions = project(events, [batchOf([open(9), open(10)])]).flows.map(({ admission }) => {
      return admission.gates.map((gate) => ("decidedBy" in gate ? gate.decidedBy?.version : null));
    });
    expect(versions).toEqual([
      [undefined, 1],
      [undefined, 2],
    ]);
  });

  it("tells a rule from the default one of the same name", () => {
    const events = [
      ...world("100 AllowVnetInBound inbound allow tcp * * -> * 22"),
      ruleDeleted(second(10), "AllowVnetInBound"),
    ];
    const open = (time: number) =>
      packet({ time: second(time), source: "10.0.0.9", sourcePort: 50_000 + time, flags: flagsOf("S") });
    const defaults = project(events, [batchOf([open(9), open(10)])]).flows.map(({ admission }) => {
      const gate = admission.gates.at(-1)!;
      return "decidedBy" in gate && gate.decidedBy?.isDefault;
    });
    expect(defaults).toEqual([false, true]);
  });

  it("has an id that depends on its opening alone", () => {
    const opening = packet({ time: second(0), flags: flagsOf("S") });
    const rest = packetsOf("time way flags\n1 < SA\n2 > A");
    const id = (packets: readonly PacketText[], sha256 = "aa", place = "capture") =>
      project(world(ssh), [batchOf(packets, { sha256, place })]).flows[0]!.id;
    expect(id([opening, ...rest])).toBe(id([opening]));
    const others = [
      id([opening], "bb"),
      id([opening], "aa", "other"),
      id([{ ...opening, frame: 2 }]),
      id([{ ...opening, time: second(1) }]),
      id([{ ...opening, sourcePort: 50_001 }]),
    ];
    expect(new Set([id([opening]), ...others]).size).toBe(6);
  });
});

describe("the gates", () => {
  const nic = interfaceSeen("08:00", "nic-1", { group: "nic-group" });
  const network = networkSeen("08:00", "vnet", { subnets: { "subnet-1": "subnet-group" } });
  const group = (name: string, ...rules: readonly string[]) => groupSeen("08:00", rules, { group: name, name });
  const deny = "100 no inbound deny * * * -> * *";
  const allow = "100 yes inbound allow * * * -> * *";
  const syn = [packet({ time: second(0), flags: flagsOf("S") })];

  /** `subnet: allow yes, interface: deny no`. */
  function gatesOf(events: readonly ControlEvent[], packets: readonly PacketText[] = syn): string {
    const { reason, verdict } = project(events, [batchOf(packets)]).verdicts[0]!;
    const gates = "admission" in reason ? reason.admission.gates : [];
    const told = gates.map((gate) => {
      const by = "decidedBy" in gate ? ` ${gate.decidedBy?.rule ?? "open"}` : "";
      return `${gate.gate}: ${gate.decision}${by}`;
    });
    return `${verdict}, ${told.join(", ")}`;
  }

  it("[A2] must both allow; inbound the subnet's is first, and one behind a deny is not asked", () => {
    expect(gatesOf([nic, network, group("nic-group", allow), group("subnet-group", allow)])).toBe(
      "allow, subnet: allow yes, interface: allow yes",
    );
    expect(gatesOf([nic, network, group("nic-group", deny), group("subnet-group", allow)])).toBe(
      "deny, subnet: allow yes, interface: deny no",
    );
    expect(gatesOf([nic, network, group("nic-group", deny), group("subnet-group", deny)])).toBe(
      "deny, subnet: deny no",
    );
  });

  it("[A2] stand the other way round outbound", () => {
    const out = [packet({ time: second(0), flags: flagsOf("S"), source: "10.0.0.4", destination: outside })];
    expect(gatesOf([nic, network, group("nic-group"), group("subnet-group")], out)).toBe(
      "allow, interface: allow AllowInternetOutBound, subnet: allow AllowInternetOutBound",
    );
  });

  it("[A2] are open where there is no group", () => {
    expect(gatesOf([interfaceSeen("08:00", "nic-1"), networkSeen("08:00", "vnet")])).toBe(
      "allow, subnet: allow open, interface: allow open",
    );
  });

  it.each([
    ["allow", "allow", "allow"],
    ["allow", "deny", "deny"],
    ["deny", "allow", "deny"],
    ["deny", "deny", "deny"],
  ])("[A8] interface %s, subnet %s: %s, whichever of them is asked first", (own, edge, expected) => {
    const both = (access: string) =>
      ["inbound", "outbound"].map((direction) => `100 ${access}-${direction} ${direction} ${access} * * * -> * *`);
    const events = [nic, network, group("nic-group", ...both(own)), group("subnet-group", ...both(edge))];
    const out = packet({ time: second(0), flags: flagsOf("S"), source: "10.0.0.4", destination: outside });
    expect([syn, [out]].map((packets) => gatesOf(events, packets).split(",")[0])).toEqual([expected, expected]);
  });

  it("are unknown where the group or the subnet was never seen, unless the other denies", () => {
    expect(gatesOf([nic, network, group("nic-group", allow)])).toBe("unknown, subnet: unknown, interface: allow yes");
    expect(gatesOf([nic, network, group("nic-group", deny)])).toBe("deny, subnet: unknown, interface: deny no");
    expect(gatesOf([nic, group("nic-group", allow)])).toBe("unknown, subnet: unknown, interface: allow yes");
  });

  it("make an answer no firmer than the evidence for them", () => {
    const standing = (events: readonly ControlEvent[], time: number) => {
      const { reason } = project(events, [batchOf([packet({ time: second(time), flags: flagsOf("S") })])]).verdicts[0]!;
      return "admission" in reason ? standingOf(reason.admission, second(time)) : null;
    };
    const early = world(ssh);
    expect(standing(early, 0)).toBe("proven");
    const late = [
      groupSeen(second(100), [ssh]),
      interfaceSeen(second(10), "nic-1", { group: "web" }),
      networkSeen(second(50), "vnet"),
    ];
    expect([0, 20, 60, 100].map((time) => standing(late, time))).toEqual([
      "inferred",
      "inferred",
      "inferred",
      "proven",
    ]);
    expect(standing([...early, groupWritten(second(-10), null)], 0)).toBe("unknown");
  });
});

describe("an application security group", () => {
  const member = interfaceSeen("08:00", "nic-2", { addresses: ["10.0.0.5"], applicationSecurityGroups: ["asg-web"] });
  const events = [...world("100 web inbound allow tcp asg:asg-web * -> * 80"), member];
  const verdict = (source: string, more: readonly ControlEvent[] = []) => {
    const packets = [packet({ time: second(0), flags: flagsOf("S"), source, destinationPort: 80 })];
    const judged = project([...events, ...more], [batchOf(packets)]).verdicts.at(-1)!;
    return `${judged.verdict} ${judged.reason.type}`;
  };

  it("[A3] matches its members, and no interface that is seen outside of it", () => {
    expect(verdict("10.0.0.5")).toBe("allow opened");
    const none = [ruleWritten("08:01", "101 no inbound deny * * * -> * *", { effect: "created" })];
    expect(verdict("10.0.0.6", [...none, interfaceSeen("08:00", "nic-3", { addresses: ["10.0.0.6"] })])).toBe(
      "deny denied",
    );
  });

  it("may have members that nobody has shown, in the network and nowhere else", () => {
    const none = [ruleWritten("08:01", "101 no inbound deny * * * -> * *", { effect: "created" })];
    expect(verdict("10.0.0.9", none)).toBe("unknown unknown");
    expect(verdict("203.0.113.7", none)).toBe("deny denied");
  });
});

describe("between two machines", () => {
  const two = (...rules: readonly string[]) => [
    groupSeen("08:00", rules),
    interfaceSeen("08:00", "nic-1", { group: "web", addresses: ["10.0.0.4"] }),
    interfaceSeen("08:00", "nic-2", { group: "web", addresses: ["10.0.0.5"] }),
    networkSeen("08:00", "vnet"),
  ];
  const packets = packetsOf("time way flags\n0 > S\n1 < SA", { source: "10.0.0.5" });

  it("[A2] a packet is judged at both, outbound at the sender's, then inbound at the receiver's", () => {
    expect(verdicts(two(), packets)).toEqual([
      "1 outbound at nic-2: allow opened AllowVnetOutBound",
      "1 inbound at nic-1: allow opened AllowVnetInBound",
      "2 outbound at nic-1: allow flow-record AllowVnetInBound",
      "2 inbound at nic-2: allow flow-record AllowVnetOutBound",
    ]);
    expect(
      project(two(), [batchOf(packets)])
        .flows.map(({ interface: nic, direction }) => `${nic} ${direction}`)
        .sort(),
    ).toEqual(["nic-1 inbound", "nic-2 outbound"]);
  });

  it("one that is denied outbound does not come to the receiver", () => {
    const events = two("100 no outbound deny tcp * * -> * 22");
    expect(verdicts(events, packets.slice(0, 1))).toEqual(["1 outbound at nic-2: deny denied no"]);
    expect(project(events, [batchOf(packets.slice(0, 1))]).flows).toEqual([]);
  });

  it("one that is denied inbound leaves the sender's record", () => {
    expect(verdicts(two("100 no inbound deny tcp * * -> * 22"), packets.slice(0, 1))).toEqual([
      "1 outbound at nic-2: allow opened AllowVnetOutBound",
      "1 inbound at nic-1: deny denied no",
    ]);
  });

  it("one that is unknown outbound opens a doubtful record at the receiver, which names the sender's gate", () => {
    const events = two("100 maybe outbound deny tcp * * -> Storage *");
    const { verdicts: judged, flows: kept } = project(events, [batchOf(packets)]);
    expect(judged.map(tellVerdict)).toEqual([
      "1 outbound at nic-2: unknown unknown",
      "1 inbound at nic-1: unknown unknown",
      "2 outbound at nic-1: unknown unknown",
      "2 inbound at nic-2: unknown unknown",
    ]);
    const gates = kept.find(({ interface: nic }) => nic === "nic-1")!.admission.gates;
    const told = gates.map((gate) => [gate.gate, gate.decision, "sender" in gate ? gate.sender : null]);
    expect(told).toEqual([
      ["interface", "unknown", "nic-2"],
      ["subnet", "allow", null],
      ["interface", "allow", null],
    ]);
  });

  it("one that is unknown outbound is denied by the receiver's rules all the same", () => {
    const events = two("100 maybe outbound deny tcp * * -> Storage *", "100 no inbound deny * * * -> * *");
    expect(verdicts(events, packets.slice(0, 1)).at(-1)).toBe("1 inbound at nic-1: deny denied no");
  });

  it("at a named place of capture is judged there alone", () => {
    const batch = batchOf(packets, { place: placeOfInterface("NIC-1") });
    expect(project(two(), [batch]).verdicts.map(tellVerdict)).toEqual([
      "1 inbound at nic-1: allow opened AllowVnetInBound",
      "2 outbound at nic-1: allow flow-record AllowVnetInBound",
    ]);
  });
});

describe("where no interface is known", () => {
  const syn = packet({ time: second(0), flags: flagsOf("S"), destination: "10.9.9.9" });

  it("a packet has its flow record and no verdict", () => {
    for (const events of [[], world(ssh)]) {
      const { verdicts: judged, flows: kept } = project(events, [
        batchOf([syn, answer(syn, { time: second(1), frame: 2, flags: flagsOf("SA") })]),
      ]);
      expect(judged.map(tellVerdict)).toEqual([
        "1 nowhere: none no-known-interface",
        "2 nowhere: none no-known-interface",
      ]);
      expect(kept.map(tellFlow)).toEqual(["203.0.113.7:50000 -> 10.9.9.9:22 SYN_RECV 1/1 idle"]);
      expect(kept[0]).toMatchObject({ interface: null, direction: null, admission: { decision: "none" } });
    }
  });

  it("a named place may not be known yet", () => {
    const batch = batchOf([packet({ time: second(0), flags: flagsOf("S") })], { place: placeOfInterface("nic-9") });
    expect(project(world(ssh), [batch]).verdicts.map(tellVerdict)).toEqual(["1 nowhere: none no-known-interface"]);
  });

  it("at a named place, a packet of other addresses is nobody's, and one to all is inbound", () => {
    const place = placeOfInterface("nic-1");
    const told = (more: Partial<PacketText>) =>
      project(world(ssh), [batchOf([packet({ time: second(0), protocol: udp, ...more })], { place })]).verdicts.map(
        tellVerdict,
      );
    expect(told({ destination: "10.0.0.99" })).toEqual(["1 nowhere: none no-known-interface"]);
    expect(told({ source: "10.0.0.9", destination: "224.0.0.251" })).toEqual([
      "1 inbound at nic-1: deny denied DenyAllInBound",
    ]);
  });

  it("an address that several interfaces have makes the verdict unknown", () => {
    const events = [...world(ssh), interfaceSeen("08:00", "nic-2", { addresses: ["10.0.0.4"] })];
    expect(verdicts(events, [packet({ time: second(0), flags: flagsOf("S") })])).toEqual([
      "1 nowhere: unknown several-interfaces",
    ]);
  });

  it("a name that several interfaces have makes the verdict unknown, and an id does not", () => {
    const twin = (id: string) => interfaceSeen("08:00", "twin", { id, group: "web", addresses: ["10.0.0.4"] });
    const events = [groupSeen("08:00", [ssh]), networkSeen("08:00", "vnet"), twin("/a/twin"), twin("/b/twin")];
    const named = (name: string) => {
      const batch = batchOf([packet({ time: second(0), flags: flagsOf("S") })], { place: placeOfInterface(name) });
      return project(events, [batch]).verdicts.map(tellVerdict);
    };
    expect(named("twin")).toEqual(["1 nowhere: unknown several-interfaces"]);
    expect(named("/b/TWIN")).toEqual(["1 inbound at twin: allow opened ssh"]);
  });

  it("places of capture have records of their own", () => {
    const one = batchOf([syn], { place: "one", sha256: "01" });
    const two = batchOf([syn], { place: "two", sha256: "02" });
    expect(project([], [one, two]).flows).toHaveLength(2);
    expect(project([], [one, { ...two, place: "one" }]).flows.map(tellFlow)).toEqual([
      "203.0.113.7:50000 -> 10.9.9.9:22 SYN_SENT 2/0 idle",
    ]);
  });
});

describe("later fragments", () => {
  const dns = world("100 dns inbound allow udp * * -> * 53");
  const first = packet({
    time: second(0),
    protocol: udp,
    destinationPort: 53,
    fragment: { id: 7, later: false },
  });
  const later = (time: number, more: Partial<PacketText> = {}): PacketText => ({
    ...first,
    time: second(time),
    frame: 2,
    fragment: { id: 7, later: true },
    ...more,
  });

  it("belong to their first's flow, for 30 s", () => {
    expect(verdicts(dns, [first, later(30)])).toEqual([
      "1 inbound at nic-1: allow opened dns",
      "2 inbound at nic-1: allow flow-record dns",
    ]);
    expect(flows(dns, [first, later(30)])).toEqual(["203.0.113.7:50000 -> 10.0.0.4:53 UNREPLIED 2/0 idle"]);
    expect(verdicts(dns, [first, later(30.000001)]).at(-1)).toBe("2 inbound at nic-1: unknown unknown");
  });

  it("are denied with their first", () => {
    const packets = [first, later(1)];
    expect(verdicts(world(), packets).at(-1)).toBe("2 inbound at nic-1: deny denied DenyAllInBound");
    expect(project(world(), [batchOf(packets)]).denied.map(tellDenied)).toEqual([
      "203.0.113.7 -> 10.0.0.4:53 by DenyAllInBound, 2 times",
    ]);
  });

  it("alone are unknown where a rule names ports", () => {
    expect(verdicts(dns, [later(0)])).toEqual(["2 inbound at nic-1: unknown unknown"]);
    expect(verdicts(world("100 udp inbound allow udp * * -> * *"), [later(0)])).toEqual([
      "2 inbound at nic-1: allow passed udp",
    ]);
    expect(flows(world("100 udp inbound allow udp * * -> * *"), [later(0)])).toEqual([]);
  });

  it("of another place, packet, direction or protocol are not taken for them", () => {
    const others: readonly Partial<PacketText>[] = [
      { fragment: { id: 8, later: true } },
      { source: "203.0.113.8" },
      { protocol: tcp },
    ];
    for (const more of others) {
      expect(flows(dns, [first, later(1, more)])[0]).toBe("203.0.113.7:50000 -> 10.0.0.4:53 UNREPLIED 1/0 idle");
    }
    const elsewhere = batchOf([later(1)], { place: "other", sha256: "bb" });
    expect(
      project(dns, [batchOf([first]), elsewhere])
        .verdicts.map(tellVerdict)
        .at(-1),
    ).toBe("2 inbound at nic-1: unknown unknown");
  });

  it("of a ping belong to it", () => {
    const ping = packet({
      time: second(0),
      protocol: icmp,
      flags: echoRequest,
      sourcePort: 7,
      destinationPort: 7,
      fragment: { id: 7, later: false },
    });
    expect(flows(world("100 all inbound allow * * * -> * *"), [ping, later(1, { protocol: icmp })])).toEqual([
      "203.0.113.7:7 -> 10.0.0.4:7 UNREPLIED 2/0 idle",
    ]);
  });

  it("find their first in another batch of the same place", () => {
    const batches = [batchOf([first]), batchOf([later(1)])];
    expect(project(dns, batches).flows.map(tellFlow)).toEqual(["203.0.113.7:50000 -> 10.0.0.4:53 UNREPLIED 2/0 idle"]);
  });

  it("find their first also when they come before it, and are told after it", () => {
    const early = { ...later(-30), frame: 1 };
    const { verdicts: judged, flows: kept } = project(dns, [batchOf([early, { ...first, frame: 2 }])]);
    expect(judged.map(tellVerdict)).toEqual([
      "2 inbound at nic-1: allow opened dns",
      "1 inbound at nic-1: allow flow-record dns",
    ]);
    expect(kept.map(tellFlow)).toEqual(["203.0.113.7:50000 -> 10.0.0.4:53 UNREPLIED 2/0 idle"]);
    expect(kept[0]).toMatchObject({ openedAt: second(0), openedBy: { frame: 2 }, lastSeen: second(0) });
  });

  it("that come more than 30 s before their first are alone, and judged by the rules of their own instant", () => {
    const events = [...world("100 udp inbound allow udp * * -> * *"), ruleDeleted(second(10), "udp")];
    expect(verdicts(events, [later(0), { ...first, time: second(30.000001), frame: 3 }])).toEqual([
      "2 inbound at nic-1: allow passed udp",
      "3 inbound at nic-1: deny denied DenyAllInBound",
    ]);
  });

  it("that come before their first are denied with it", () => {
    const { verdicts: judged, denied } = project(world(), [batchOf([later(-1), { ...first, frame: 3 }])]);
    expect(judged.map(tellVerdict)).toEqual([
      "3 inbound at nic-1: deny denied DenyAllInBound",
      "2 inbound at nic-1: deny denied DenyAllInBound",
    ]);
    expect(denied.map(tellDenied)).toEqual(["203.0.113.7 -> 10.0.0.4:53 by DenyAllInBound, 2 times"]);
  });
});

describe("a packet whose transport header was not captured", () => {
  it("is unknown where a rule names ports, and opens nothing", () => {
    const cut = packet({ time: second(0), protocol: udp, destinationPort: 53, cutOff: true });
    expect(verdicts(world("100 dns inbound allow udp * * -> * 53"), [cut])).toEqual([
      "1 inbound at nic-1: unknown unknown",
    ]);
    const open = world("100 udp inbound allow udp * * -> * *");
    expect(verdicts(open, [cut])).toEqual(["1 inbound at nic-1: allow passed udp"]);
    expect(flows(open, [cut])).toEqual([]);
  });
});

describe("denied attempts", () => {
  it("are one row for interface, endpoints, port, protocol and deciding rule version", () => {
    const attempt = (time: number, more: Partial<PacketText> = {}) =>
      packet({ time: second(time), flags: flagsOf("S"), sourcePort: 50_000 + time, ...more });
    const events = [...world(), ruleWritten(second(10), "100 no inbound deny tcp * * -> * 22", { effect: "created" })];
    const { denied } = project(events, [
      batchOf([attempt(0), attempt(1), attempt(2, { destinationPort: 23 }), attempt(11), attempt(12)]),
    ]);
    expect(denied.map((row) => [tellDenied(row), row.first - second(0), row.last - second(0)])).toEqual([
      ["203.0.113.7 -> 10.0.0.4:22 by DenyAllInBound, 2 times", 0, 1_000_000],
      ["203.0.113.7 -> 10.0.0.4:23 by DenyAllInBound, 1 times", 2_000_000, 2_000_000],
      ["203.0.113.7 -> 10.0.0.4:22 by no, 2 times", 11_000_000, 12_000_000],
    ]);
  });

  it("by a rule that has the name of a default one are told from those by the default", () => {
    const own = [...world("100 DenyAllInBound inbound deny tcp * * -> * 22"), ruleDeleted(second(1), "DenyAllInBound")];
    const attempts = [packet({ time: second(0), frame: 1 }), packet({ time: second(1), frame: 2 })];
    expect(project(own, [batchOf(attempts)]).denied).toHaveLength(2);
  });
});

describe("a question", () => {
  const table = `
    time  way  flags
    0     >    S
    1     <    SA
    2     >    A`;

  it("until an instant leaves out what is later, and what is at the instant counts", () => {
    const all = packetsOf(table);
    const until = (time: number) => project(world(ssh), [batchOf(all)], { until: second(time) });
    expect(until(1).packets).toBe(2);
    expect(until(1).flows.map(tellFlow)).toEqual(["203.0.113.7:50000 -> 10.0.0.4:22 SYN_RECV 1/1 idle"]);
    expect(until(0.999999).flows[0]).toMatchObject({ state: "SYN_SENT", endsAt: second(240) });
    expect(until(-1)).toMatchObject({ packets: 0, flows: [], verdicts: [] });
  });

  it("about one conversation sees it from either end, and nothing else", () => {
    const all = [
      ...packetsOf(table),
      ...packetsOf(table, { sourcePort: 50_001 }),
      ...packetsOf(table, { protocol: udp }),
      ...packetsOf(table, { source: "203.0.113.8" }),
    ];
    const [a, b] = [parseAddress(outside)!, parseAddress("10.0.0.4")!];
    const asked = (only: NonNullable<ProjectionMore["only"]>) => project(world(ssh), [batchOf(all)], { only }).packets;
    expect(asked({ protocol: tcp, a, b, portA: 50_000, portB: 22 })).toBe(3);
    expect(asked({ protocol: tcp, a: b, b: a, portA: 22, portB: 50_000 })).toBe(3);
    expect(asked({ protocol: tcp, a: b, b: a, portA: 50_000, portB: 22 })).toBe(0);
    expect(asked({ protocol: tcp, a, b, portA: null, portB: 22 })).toBe(6);
    expect(asked({ protocol: tcp, a, b, portA: null, portB: null })).toBe(6);
    expect(asked({ protocol: udp, a, b, portA: null, portB: null })).toBe(3);
  });
});

describe("packets of overlapping batches", () => {
  const packets = packetsOf("time way flags\n0 > S\n1 < SA\n2 > A\n3 > PA\n4 < FA\n5 > FA\n6 < A\n30 > S");
  const whole = project(world(ssh), [batchOf(packets)]);

  it("come in order of time, source and frame, however they are cut", () => {
    const odd = packets.filter((_, index) => index % 2 === 1);
    const even = packets.filter((_, index) => index % 2 === 0);
    const cut = project(world(ssh), [batchOf(even), batchOf(odd)]);
    expect(cut.verdicts.map(tellVerdict)).toEqual(whole.verdicts.map(tellVerdict));
    expect(cut.flows).toEqual(whole.flows);
  });

  it("may stand out of order in their file", () => {
    const disordered = [3, 0, 1, 7, 2, 5, 4, 6].map((index, place) => ({ ...packets[index]!, frame: place + 1 }));
    const { flows: kept } = project(world(ssh), [batchOf(disordered)]);
    expect(kept.map(tellFlow)).toEqual(whole.flows.map(tellFlow));
  });

  it("of one instant come by source, then frame", () => {
    const same = (frame: number, more: Partial<PacketText>) => packet({ time: second(0), frame, ...more });
    const batches: TrafficBatch[] = [
      batchOf([same(1, { flags: flagsOf("RA") })], { sha256: "bb" }),
      batchOf([same(1, { flags: flagsOf("S") }), same(2, { flags: flagsOf("A") })], { sha256: "aa" }),
    ];
    for (const order of [batches, batches.toReversed()]) {
      const { verdicts: judged } = project(world(ssh), order);
      expect(judged.map(({ traffic, index }) => `${traffic.sha256} ${traffic.batch.frame[index]}`)).toEqual([
        "aa 1",
        "aa 2",
        "bb 1",
      ]);
    }
  });

  it("empty ones are nothing", () => {
    expect(project(world(ssh), [batchOf([])])).toMatchObject({ packets: 0, flows: [] });
  });
});

describe("an interface that is seen elsewhere later", () => {
  it("keeps no record of a machine that its address went to", () => {
    const events = [
      groupSeen("08:00", [ssh]),
      networkSeen("08:00", "vnet"),
      interfaceSeen("08:00", "nic-1", { group: "web" }),
      interfaceSeen(second(1), "nic-1", { group: "web", addresses: ["10.0.0.8"] }),
      interfaceSeen("08:00", "nic-2", { group: "web", addresses: ["10.0.0.9"] }),
      interfaceSeen(second(1), "nic-2", { group: "web", addresses: ["10.0.0.4"] }),
    ];
    expect(verdicts(events, packetsOf("time way flags\n0 > S\n0.5 < SA\n1 > A")).at(-1)).toBe(
      "3 inbound at nic-2: allow opened ssh",
    );
  });
});
