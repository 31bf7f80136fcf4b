// What each semantics makes of the same packets, as state tables: one line a packet, `>` from the outside to port 22 of
// the machine, `<` back. Times are seconds; the last table column is the reason.

import { describe, expect, it } from "vitest";
import {
  type Admission,
  aws,
  azure,
  azureFlush,
  buildNetworkHistory,
  buildPolicyHistory,
  type ControlChange,
  type ControlEvent,
  type Decision,
  type FlowRecord,
  type GateOutcome,
  joined,
  linux,
  microsPerMinute,
  type NetworkHistory,
  Projector,
  packetFilter,
  protocolNumber,
  type Semantics,
  semanticsNamed,
  semanticsNames,
  type Topology,
  withoutTcpState,
  withReevaluation,
  withTcpEstablished,
  withTcpIdle,
  withUdp,
} from "../src/index.js";
import {
  associated,
  factAt,
  flowsFlushed,
  groupSeen,
  interfaceSeen,
  networkSeen,
  rule,
  ruleDeleted,
  ruleWritten,
} from "./support/control-events.js";
import { second } from "./support/instants.js";
import { answer, batchOf, echoReply, echoRequest, flagsOf, type PacketText, packet } from "./support/packets.js";
import { type ProjectionMore, project, tellFlow } from "./support/projection.js";
import { rowsOf } from "./support/table.js";

const ssh = "100 ssh inbound allow tcp * * -> * 22";
const noOut = "4000 no-out outbound deny * * * -> * *";

function world(...rules: readonly string[]): ControlEvent[] {
  return [groupSeen("08:00", rules), interfaceSeen("08:00", "nic-1", { group: "web" }), networkSeen("08:00", "vnet")];
}

function packetsOf(table: string, base: Partial<PacketText> = {}): PacketText[] {
  return rowsOf(table).map(({ time, way, flags = ".", seq = "0", ack = "0", len = "0", win = "1" }, index) => {
    const more = {
      sequence: Number(seq),
      acknowledgement: Number(ack),
      payloadLength: Number(len),
      zeroWindow: win === "0",
    };
    const there = packet({ time: second(Number(time)), frame: index + 1, flags: flagsOf(flags), ...more, ...base });
    return way === ">" ? there : answer(there, {});
  });
}

type Case = {
  readonly semantics: Semantics;
  readonly events?: readonly ControlEvent[];
  readonly base?: Partial<PacketText>;
  readonly more?: ProjectionMore;
};

/** Verdict and reason of each packet, and the records with when they end. */
function outcome(table: string, { semantics, events = world(ssh, noOut), base, more }: Case) {
  const packets = packetsOf(table, base);
  const { verdicts, flows } = project(events, [batchOf(packets)], { semantics, ...more });
  return {
    verdicts: verdicts.map(({ verdict, reason }) => `${verdict} ${reason.type}`),
    ends: flows.map((flow) => `${tellFlow(flow).split(" ").slice(3).join(" ")} at ${(flow.endsAt - second(0)) / 1e6}`),
  };
}

function specify(name: string, about: Case, table: string, ends: readonly string[]): void {
  it(name, () => {
    const told = outcome(table, about);
    expect(told.verdicts).toEqual(rowsOf(table).map(({ verdict, reason }) => `${verdict} ${reason}`));
    expect(told.ends).toEqual(ends);
  });
}

const controlChanges: readonly ControlChange[] = ["rules", "associations", "memberships", "address-lists"];
const { udp, icmp, icmp6, gre, esp } = protocolNumber;
const handshake = `time    way  flags  seq  ack  verdict  reason
       0       >    S      99   0    allow    opened
       0.1     <    SA     499  100  allow    flow-record
       0.2     >    A      100  500  allow    flow-record`;

describe("the profiles", () => {
  it("have names, whatever the case", () => {
    expect(semanticsNames).toEqual(["azure", "azure-flush", "aws", "linux", "packet"]);
    expect(semanticsNames.map((name) => semanticsNamed(name.toUpperCase())?.name)).toEqual(semanticsNames);
    expect(semanticsNamed("cisco")).toBeNull();
  });

  it("[A8] Azure's flow timeout is one for all states of a live connection, and leaves the lingering", () => {
    const { tcpMicros } = withTcpIdle(azure, 30 * microsPerMinute);
    expect(new Set(Object.values({ ...tcpMicros, TIME_WAIT: 0, CLOSE: 0 }))).toEqual(
      new Set([0, 30 * microsPerMinute]),
    );
    expect(tcpMicros.CLOSE).toBe(azure.tcpMicros.CLOSE);
  });
});

describe("under linux, TCP", () => {
  const about = { semantics: linux };
  specify(
    "is established for five days [L1]",
    about,
    `${handshake}
       432000.2  <    A      500  100  deny     denied`,
    ["ESTABLISHED 2/1 idle at 432000.2"],
  );
  specify(
    "is asked of the rules until an answer came, and a SYN sent again puts nothing off",
    { semantics: linux, events: [...world(ssh, noOut), ruleDeleted(second(2), "ssh")] },
    `time  way  flags  verdict  reason
     0     >    S      allow    opened
     1     >    S      allow    passed
     3     >    S      deny     denied
     4     <    SA     allow    flow-record
     5     >    A      allow    flow-record`,
    ["ESTABLISHED 3/1 idle at 432005"],
  );
  specify(
    "leaves nothing behind when it is refused at once",
    about,
    `time  way  flags  ack  verdict  reason
     0     >    S      0    allow    opened
     1     <    RA     1    allow    flow-record
     1     <    A      1    deny     denied`,
    ["CLOSE 1/1 rst at 1"],
  );
  specify(
    "keeps an established record at a RST beside the mark, for 10 s, and what comes then puts that off to 300 s",
    about,
    `${handshake}
       0.3     >    A      100  500  allow    flow-record
       1       <    R      777  0    allow    flow-record
       5       >    A      100  500  allow    flow-record`,
    ["ESTABLISHED 4/2 idle at 305"],
  );
  specify(
    "asks the rules about a RST below what was acknowledged, and about flags that are no set",
    about,
    `${handshake}
       1       <    R      400  0    deny     denied
       2       >    R      1    0    allow    passed
       3       >    .      100  500  allow    passed
       3       >    SF     100  500  allow    passed
       3       >    SR     100  500  allow    passed
       4       <    .      500  100  deny     denied`,
    ["ESTABLISHED 2/1 idle at 432000.2"],
  );
  specify(
    "is closing for 120, 60, 30 and 120 s, and each packet that fits puts that off",
    about,
    `${handshake}
       1       >    FA     100  500  allow    flow-record
       120.9   <    A      500  101  allow    flow-record
       180.8   <    FA     500  101  allow    flow-record
       210.7   >    A      101  501  allow    flow-record
       330.6   <    A      501  101  allow    flow-record
       450.6   <    A      501  101  deny     denied`,
    ["TIME_WAIT 4/4 fin at 450.6"],
  );
  specify(
    "is deleted and judged anew by a SYN in TIME_WAIT, from either side",
    about,
    `${handshake}
       1       >    FA     100  500  allow    flow-record
       2       <    FA     500  101  allow    flow-record
       3       >    A      101  501  allow    flow-record
       4       >    S      900  0    allow    opened
       5       <    RA     0    901  allow    flow-record
       6       >    S      950  0    allow    opened`,
    ["TIME_WAIT 4/2 fin at 4", "CLOSE 1/1 rst at 5", "SYN_SENT 1/0 idle at 126"],
  );
  specify(
    "that the other side reset passes a SYN over, which puts nothing off",
    about,
    `${handshake}
       1       <    R      500  0    allow    flow-record
       2       >    S      900  0    allow    flow-record
       11      <    SA     1    901  deny     denied`,
    ["CLOSE 3/2 rst at 11"],
  );
  specify(
    "is picked up in mid-stream by an ACK, for 300 s until both sides were heard",
    about,
    `time  way  flags  seq  ack  verdict  reason
     0     >    PA     100  500  allow    opened
     299   <    A      500  100  allow    flow-record
     598   >    A      100  500  allow    flow-record`,
    ["ESTABLISHED 2/1 idle at 432598"],
  );
  specify(
    "is opened by nothing else: SYN-ACK, FIN, RST and null are judged by the rules, and leave no record",
    { semantics: linux, events: world(ssh) },
    `time  way  flags  verdict  reason
     0     >    SA     allow    passed
     1     >    FA     allow    passed
     2     >    RA     allow    passed
     3     >    .      allow    passed
     4     >    FPU    allow    passed
     5     <    SA     allow    passed`,
    [],
  );
});

describe("under linux, an established connection has 300 s", () => {
  const start = `time  way  flags  seq  ack  len  win  verdict  reason
     0     >    S      99   0    0    1    allow    opened
     0.1   <    SA     499  100  0    1    allow    flow-record
     0.2   >    A      100  500  0    1    allow    flow-record`;
  const about = { semantics: linux };

  specify("while data is not acknowledged", about, `${start}\n1 > PA 100 500 10 1 allow flow-record`, [
    "ESTABLISHED 3/1 idle at 301",
  ]);
  specify(
    "no more once it is",
    about,
    `${start}
     1     >    PA     100  500  10   1    allow    flow-record
     2     <    A      500  110  0    1    allow    flow-record`,
    ["ESTABLISHED 3/2 idle at 432002"],
  );
  specify("while the window is closed", about, `${start}\n1 > A 100 500 0 0 allow flow-record`, [
    "ESTABLISHED 3/1 idle at 301",
  ]);
  specify(
    "after the same segment came again three times",
    about,
    `${start}
     1     >    A      100  500  0    1    allow    flow-record
     2     >    A      100  500  0    1    allow    flow-record
     3     >    A      100  500  0    1    allow    flow-record`,
    ["ESTABLISHED 5/1 idle at 303"],
  );
});

describe("under linux", () => {
  const open = world("100 all inbound allow * * * -> * *", noOut);

  specify(
    "UDP has 30 s, and 120 s once it is answered and older than 2 s [L3]",
    { semantics: linux, events: open, base: { protocol: udp } },
    `time      way  verdict  reason
     0         >    allow    opened
     1         <    allow    flow-record
     2         >    allow    flow-record
     31.9      >    allow    flow-record
     151.8     <    allow    flow-record
     271.8     <    deny     denied`,
    ["REPLIED 3/2 idle at 271.8"],
  );
  specify(
    "UDP is asked of the rules until it is answered, and a denied packet puts the end off like any other",
    {
      semantics: linux,
      base: { protocol: udp },
      events: [...world("100 udp inbound allow udp * * -> * 22", noOut), ruleDeleted(second(5), "udp")],
    },
    `time  way  verdict  reason
     0     >    allow    opened
     20    >    deny     denied
     49    <    allow    flow-record
     50    >    allow    flow-record`,
    ["REPLIED 2/1 idle at 170"],
  );
  it.each([
    ["[L1] GRE has 30 s, and 180 s once it is answered", gre, 180],
    ["[L1] other protocols have 600 s", esp, 600],
  ])("%s", (_, protocol, stream) => {
    const table = "time way\n0 >\n1 <\n2 >";
    const base = { protocol, sourcePort: 0, destinationPort: 0 };
    expect(outcome(table, { semantics: linux, events: open, base }).ends).toEqual([
      `REPLIED 2/1 idle at ${stream + 2}`,
    ]);
  });

  it("ICMP is opened by queries alone, for 30 s, and a code of its own is a flow of its own", () => {
    const ping = packet({ time: second(0), protocol: icmp, flags: echoRequest, sourcePort: 7, destinationPort: 7 });
    const packets = [
      ping,
      answer(ping, { time: second(1), flags: echoReply }),
      { ...ping, time: second(2), flags: echoRequest + 1 },
      { ...ping, time: second(3), flags: 9 * 256, sourcePort: 0, destinationPort: 0 },
      answer(ping, { time: second(31), flags: echoReply }),
    ];
    const { verdicts, flows } = project(open, [batchOf(packets)], { semantics: linux });
    expect(verdicts.map(({ verdict, reason }) => `${verdict} ${reason.type}`)).toEqual([
      "allow opened",
      "allow flow-record",
      "allow opened",
      "allow passed",
      "deny denied",
    ]);
    expect(flows.map(({ endsAt }) => (endsAt - second(0)) / 1e6)).toEqual([31, 32]);
  });

  it("neighbour discovery and multicast listeners are untracked, so nothing opens a record", () => {
    const events = [
      groupSeen("08:00", ["100 all inbound allow * * * -> * *"]),
      interfaceSeen("08:00", "nic-1", { group: "web", addresses: ["fd00:1::4"] }),
      networkSeen("08:00", "vnet"),
    ];
    const base = { protocol: icmp6, source: "fe80::7", destination: "fd00:1::4", sourcePort: 0, destinationPort: 0 };
    const types = [130, 131, 132, 133, 134, 135, 136, 137, 143];
    const packets = types.map((type, index) => packet({ ...base, time: second(index), flags: type * 256 }));
    const { verdicts, flows } = project(events, [batchOf(packets)], { semantics: linux });
    expect(new Set(verdicts.map(({ verdict, reason }) => `${verdict} ${reason.type}`))).toEqual(
      new Set(["allow passed"]),
    );
    expect(flows).toEqual([]);
  });
});

describe("under azure", () => {
  specify(
    "NS: a packet in mid-stream without a record is judged as if it opened a connection",
    { semantics: azure },
    `time  way  flags  verdict  reason
     0     >    PA     allow    opened
     1     <    A      allow    flow-record`,
    ["ESTABLISHED 1/1 idle at 241"],
  );
  specify(
    "NS: what does not fit passes by the record, and puts its end off",
    { semantics: azure },
    `${handshake}
       1       <    R      400  0    allow    flow-record
       2       <    .      500  100  allow    flow-record
       3       <    SF     500  100  allow    flow-record`,
    ["ESTABLISHED 2/4 idle at 243"],
  );
  specify(
    "NS: mid-stream packets can be dropped instead of judged, as a setting",
    { semantics: { ...azure, midStream: "drop" } },
    `time  way  flags  verdict  reason
     0     >    A      deny     not-picked-up
     1     >    FA     deny     not-picked-up
     2     >    S      allow    opened
     3     <    SA     allow    flow-record`,
    ["SYN_RECV 1/1 idle at 243"],
  );
  specify(
    "[A25] without TCP state each packet is judged in its own direction, and the record only counts",
    { semantics: withoutTcpState(azure) },
    `time  way  flags  verdict  reason
     0     >    S      allow    opened
     1     <    SA     deny     denied
     2     >    A      allow    passed
     3     >    PA     allow    passed`,
    ["SYN_SENT 3/0 idle at 243"],
  );
  specify(
    "[A25] without TCP state UDP still has its records",
    {
      semantics: withoutTcpState(azure),
      base: { protocol: udp },
      events: world("100 udp inbound allow udp * * -> * 22", noOut),
    },
    `time  way  verdict  reason
     0     >    allow    opened
     1     <    allow    flow-record`,
    ["REPLIED 1/1 idle at 241"],
  );
});

describe("under packet", () => {
  specify(
    "no packet passes by a record, and an edit counts from its very instant",
    { semantics: packetFilter, events: [...world(ssh), ruleDeleted(second(10), "ssh")] },
    `time  way  flags  verdict  reason
     0     >    S      allow    opened
     1     <    SA     allow    passed
     9     >    A      allow    passed
     10    >    PA     deny     denied
     11    <    PA     allow    opened`,
    ["ESTABLISHED 2/1 re-evaluated at 10", "ESTABLISHED 1/0 idle at 251"],
  );
});

describe("under aws", () => {
  specify(
    "[W6] an established connection has five days, or what its interface says",
    { semantics: withTcpEstablished(aws, 350_000_000) },
    handshake,
    ["ESTABLISHED 2/1 idle at 350.2"],
  );
  specify(
    "[W6] UDP has 30 s, and 180 s after more than one request and response",
    {
      semantics: aws,
      base: { protocol: udp },
      events: world("100 udp inbound allow udp * * -> * 22", noOut),
    },
    `time  way  verdict  reason
     0     >    allow    opened
     1     <    allow    flow-record
     2     >    allow    flow-record
     3     <    allow    flow-record
     183   <    deny     denied`,
    ["REPLIED 2/2 idle at 183"],
  );
  it("[W1] answers to an untracked connection are not tracked either, and it ends with the rule that let it in", () => {
    const open = (name: string, way: string, ports: string) => ({
      ...rule(`0 ${name} ${way} allow tcp 0.0.0.0/0 * -> 0.0.0.0/0 ${ports}`),
      priority: 0,
    });
    const subnet = { subnet: "subnet-1", name: "a", addressPrefixes: ["10.0.0.0/24"], group: null, routeTable: null };
    const seen = [open("ssh", "inbound", "22"), open("out", "outbound", "*")];
    const events = [
      groupSeen("08:00", seen, { group: "sg-1", name: "sg-1", kind: "security-group" }),
      interfaceSeen("08:00", "nic-1", { more: { platform: "aws", groups: ["sg-1"], network: "vpc" } }),
      groupSeen("08:00", ["100 all inbound allow * * * -> * *", "100 all-out outbound allow * * * -> * *"], {
        group: "acl-1",
        kind: "network-acl",
        subnets: ["subnet-1"],
      }),
      factAt("08:00", { type: "subnet-seen", data: { ...subnet, network: "vpc", instant: "stated", platform: "aws" } }),
      ruleDeleted(second(10), "ssh", { group: "sg-1" }),
    ];
    const table = `time way flags
      0    >   S
      0.1  <   SA
      0.2  >   A
      9    <   PA
      11   >   PA`;
    expect(outcome(table, { semantics: aws, events })).toEqual({
      verdicts: ["allow opened", "allow passed", "allow passed", "allow passed", "deny denied"],
      ends: ["ESTABLISHED 2/2 re-evaluated at 10"],
    });
  });
  it("[W6] both UDP timeouts are settings of the interface", () => {
    const table = "time way\n0 >";
    const semantics = withUdp(aws, { firstMicros: 60_000_000 });
    const events = world("100 udp inbound allow udp * * -> * 22");
    expect(outcome(table, { semantics, events, base: { protocol: udp } }).ends).toEqual(["UNREPLIED 1/0 idle at 60"]);
  });
});

describe("re-evaluation", () => {
  const live = `${handshake}
       9       >    PA     100  500  allow    flow-record`;
  const gone = [...world(ssh, noOut), ruleDeleted(second(10), "ssh")];
  const records = (semantics: Semantics, events: readonly ControlEvent[], more: ProjectionMore = {}) =>
    outcome(live, { semantics, events, more }).ends;

  it("[A6] ends a record at the very instant of the edit, where the group flushes, and not where it keeps [A1]", () => {
    expect(records(azureFlush, gone)).toEqual(["ESTABLISHED 3/1 re-evaluated at 10"]);
    expect(records(azure, gone)).toEqual(["ESTABLISHED 3/1 idle at 249"]);
    expect(records(linux, gone)).toEqual(["ESTABLISHED 3/1 idle at 432009"]);
  });

  it("comes before the traffic of the same microsecond", () => {
    const told = outcome(`${live}\n10 > PA 100 500 deny denied`, { semantics: azureFlush, events: gone });
    expect(told.verdicts.at(-1)).toBe("deny denied");
  });

  it("ends nothing that another rule still allows, nor at an edit of another group", () => {
    const still = [...gone, ruleWritten(second(10), "200 any inbound allow * * * -> * *", { effect: "created" })];
    expect(records(azureFlush, still)).toEqual(["ESTABLISHED 3/1 idle at 249"]);
    const other = [...world(ssh, noOut), groupSeen("08:00", [], { group: "db", name: "db" })];
    const edit = ruleWritten(second(10), "100 no inbound deny * * * -> * *", { group: "db", effect: "created" });
    expect(records(azureFlush, [...other, edit])).toEqual(["ESTABLISHED 3/1 idle at 249"]);
  });

  it("makes a record doubtful where the rules may allow it still, and keeps what admitted it", () => {
    const doubtful = ruleWritten(second(10), "100 ssh inbound allow tcp Storage * -> * 22", { effect: "updated" });
    const packets = packetsOf(`${live}\n11 > PA 100 500 unknown unknown`);
    const { verdicts, flows } = project([...world(ssh, noOut), doubtful], [batchOf(packets)], {
      semantics: azureFlush,
    });
    expect(verdicts.at(-1)).toMatchObject({ verdict: "unknown", reason: { type: "unknown", flow: flows[0]!.id } });
    const { decision, gates } = flows[0]!.admission;
    expect([decision, ...gates.map((gate) => `${gate.gate} ${gate.decision}`)]).toEqual([
      "unknown",
      "subnet allow",
      "interface allow",
      "interface unknown",
    ]);
  });

  it("finds no record that had ended before", () => {
    const late = [...world(ssh, noOut), ruleDeleted(second(249), "ssh")];
    expect(records(azureFlush, late)).toEqual(["ESTABLISHED 3/1 idle at 249"]);
  });

  it("follows other changes where a setting says so", () => {
    const change = { time: second(20), change: "address-lists", interfaces: ["NIC-1"] } as const;
    const more = { reevaluations: [change] };
    expect(records(azure, gone, more)).toEqual(["ESTABLISHED 3/1 idle at 249"]);
    expect(records(withReevaluation(azure, "address-lists"), gone, more)).toEqual([
      "ESTABLISHED 3/1 re-evaluated at 20",
    ]);
    const elsewhere = { reevaluations: [{ ...change, interfaces: ["nic-9"] }] };
    expect(records(withReevaluation(azure, "address-lists"), gone, elsewhere)).toEqual(["ESTABLISHED 3/1 idle at 249"]);
  });

  const closed = groupSeen("08:00", [], { group: "closed", name: "closed" });
  const member = (when: Parameters<typeof interfaceSeen>[0], ...applicationSecurityGroups: readonly string[]) =>
    interfaceSeen(when, "nic-1", { group: "web", applicationSecurityGroups });
  const listed = (when: Parameters<typeof factAt>[0], prefix: string) =>
    factAt(when, {
      type: "address-list-seen",
      data: { list: "Office", prefixes: [prefix], edition: null, instant: "stated" },
    });
  const peered = (when: Parameters<typeof networkSeen>[0], state: string) =>
    networkSeen(when, "vnet", { peerings: [{ state, remoteAddressPrefixes: ["203.0.113.0/24"] }] });
  const group = (...rules: readonly string[]) => groupSeen("08:00", rules);
  const named = "100 ssh inbound allow tcp * * -> asg:servers 22";
  const fromOffice = "100 ssh inbound allow tcp Office * -> * 22";

  it.each<[string, ControlChange, readonly ControlEvent[]]>([
    [
      "a group is put before the interface",
      "associations",
      [...world(ssh, noOut), closed, associated(second(30), "interface", "nic-1", ["closed"])],
    ],
    [
      "a group is put before the subnet",
      "associations",
      [...world(ssh, noOut), closed, associated(second(30), "subnet", "subnet-1", ["closed"])],
    ],
    [
      "an address leaves an application security group",
      "memberships",
      [group(named, noOut), member("08:00", "servers"), member(second(30)), networkSeen("08:00", "vnet")],
    ],
    [
      "a service tag has another edition",
      "address-lists",
      [...world(fromOffice, noOut), listed("08:00", "203.0.113.0/24"), listed(second(30), "198.51.100.0/24")],
    ],
    [
      "a peering ends",
      "address-lists",
      [group(noOut), member("08:00"), peered("08:00", "Connected"), peered(second(30), "Disconnected")],
    ],
  ])("NS: %s, and records are kept; as a setting they are judged anew", (_, change, events) => {
    expect(records(azure, events)).toEqual(["ESTABLISHED 3/1 idle at 249"]);
    expect(records(withReevaluation(azure, change), events)).toEqual(["ESTABLISHED 3/1 re-evaluated at 30"]);
    const whatElse = controlChanges.filter((other) => other !== change);
    expect(records(withReevaluation(azure, ...whatElse), events)).toEqual(["ESTABLISHED 3/1 idle at 249"]);
  });

  it("NS: a group that is taken away leaves records to the rules that admitted them", () => {
    const events = [...world(ssh, noOut), associated(second(30), "interface", "nic-1", [])];
    const { flows } = project(events, [batchOf(packetsOf(live))], {});
    expect(records(azure, events)).toEqual(["ESTABLISHED 3/1 idle at 249"]);
    expect(flows[0]!.admission.gates.map((gate) => "decidedBy" in gate && gate.decidedBy?.rule)).toContain("ssh");
  });

  it("[A4] a new edition of a service tag counts for every packet that no record covers, from its very instant", () => {
    const events = [...world(fromOffice), listed("08:00", "203.0.113.0/24"), listed(second(10), "198.51.100.0/24")];
    const table = `time way flags\n0 > S\n9 > A\n10 > A`;
    expect(outcome(table, { semantics: packetFilter, events }).verdicts).toEqual([
      "allow opened",
      "allow passed",
      "deny denied",
    ]);
  });

  it("is left out of a question until an instant before it", () => {
    expect(records(azureFlush, gone, { until: second(9.999999) })).toEqual(["ESTABLISHED 3/1 idle at 249"]);
    expect(records(azureFlush, gone, { until: second(10) })).toEqual(["ESTABLISHED 3/1 re-evaluated at 10"]);
  });
});

describe("a flush", () => {
  const live = `${handshake}
       9       >    PA     100  500  allow    flow-record`;
  const connection = { protocol: 6, a: "10.0.0.4", b: "203.0.113.7", portA: 22, portB: null };
  const ends = (flush: Parameters<typeof flowsFlushed>[1]) =>
    outcome(live, { semantics: azure, events: [...world(ssh, noOut), flowsFlushed(second(10), flush)] }).ends;

  it.each([
    ["everything", { interface: null, connection: null }, "flushed at 10"],
    ["an interface", { interface: "NIC-1", connection: null }, "flushed at 10"],
    ["another interface", { interface: "nic-2", connection: null }, "idle at 249"],
    ["a connection, either way", { interface: null, connection }, "flushed at 10"],
    ["another connection", { interface: null, connection: { ...connection, portB: 50_001 } }, "idle at 249"],
  ])("of %s", (_, flush, end) => {
    expect(ends(flush)).toEqual([`ESTABLISHED 3/1 ${end}`]);
  });

  it("leaves a connection to be picked up in mid-stream, by the rules of the moment", () => {
    const events = [...world(ssh, noOut), flowsFlushed(second(10), { interface: null, connection: null })];
    const told = outcome(`${live}\n11 > PA 100 500 allow opened`, { semantics: linux, events });
    expect(told.verdicts.at(-1)).toBe("allow opened");
    expect(told.ends).toEqual(["ESTABLISHED 3/1 flushed at 10", "ESTABLISHED 1/0 idle at 311"]);
  });
});

describe("the semantics of an interface", () => {
  /** The interfaces' own, before second 10 and from then on. */
  function switched(events: readonly ControlEvent[], before: Semantics, after: Semantics): NetworkHistory {
    const whole = buildNetworkHistory(events);
    return {
      ...whole,
      boundaries: [...whole.boundaries, second(10)].sort((a, b) => a - b),
      topologyAt: (time) => {
        const topology = whole.topologyAt(time);
        const own = <P extends object>(place: P) => ({ ...place, semantics: time < second(10) ? before : after });
        return {
          ...topology,
          interfaces: topology.interfaces.map(own),
          interfacesOf: (address) => topology.interfacesOf(address).map(own),
        };
      },
    };
  }

  const live = `time  way  flags  verdict  reason
     0     >    S      allow    opened
     1     <    SA     allow    flow-record`;
  const events = world(ssh, noOut);
  const gone = [...events, ruleDeleted(second(20), "ssh")];
  const ends = (network: NetworkHistory, more: Partial<ProjectionMore> = {}) =>
    project(gone, [batchOf(packetsOf(live))], { ...more, network }).flows.map(
      ({ endsBy, endsAt }) => `${endsBy} at ${(endsAt - second(0)) / 1e6}`,
    );

  it("of the instant say what a change does to records that are older", () => {
    expect(ends(switched(gone, azure, azureFlush))).toEqual(["re-evaluated at 20"]);
    expect(ends(switched(gone, azureFlush, azure))).toEqual(["idle at 241"]);
  });

  it("of the opening say how long a record lives", () => {
    expect(ends(switched(gone, withTcpIdle(azure, 10 * microsPerMinute), azure))).toEqual(["idle at 601"]);
  });

  it("can be switched to flush, which judges live records anew where the caller says so", () => {
    const denied = [
      ...world(noOut),
      ruleWritten(second(-1), ssh, { effect: "created" }),
      ruleDeleted(second(5), "ssh"),
    ];
    const on = { time: second(10), change: "rules", interfaces: null } as const;
    const network = switched(denied, azure, azureFlush);
    const { flows } = project(denied, [batchOf(packetsOf(live))], { network, reevaluations: [on] });
    expect(flows[0]).toMatchObject({ endsBy: "re-evaluated", endsAt: second(10) });
  });

  it("give way to those that a question names", () => {
    expect(ends(switched(gone, azureFlush, azureFlush), { semantics: azure })).toEqual(["idle at 241"]);
  });

  it("that begin to track end a record that only counted, and begin another", () => {
    const table = `time  way  flags
     0     >    S
     1     >    PA
     11    >    PA
     12    <    PA`;
    const network = switched(events, withoutTcpState(azure), azure);
    const { verdicts, flows } = project(events, [batchOf(packetsOf(table))], { network });
    expect(verdicts.map(({ verdict, reason }) => `${verdict} ${reason.type}`)).toEqual([
      "allow opened",
      "allow passed",
      "allow opened",
      "allow flow-record",
    ]);
    expect(flows.map((flow) => `${tellFlow(flow).split(" ").slice(3).join(" ")} ${flow.midStream}`)).toEqual([
      "SYN_SENT 2/0 re-evaluated false",
      "ESTABLISHED 1/1 idle true",
    ]);
  });
});

describe("gates without memory", () => {
  const admission = (decision: Decision, topology: Admission["topology"] = "recorded"): Admission => ({
    decision,
    gates: [{ gate: "subnet", decision, group: null, because: [] } as unknown as GateOutcome],
    topology,
  });

  it.each([
    ["allow", "allow", "allow"],
    ["allow", "deny", "deny"],
    ["allow", "unknown", "unknown"],
    ["unknown", "allow", "unknown"],
    ["unknown", "deny", "deny"],
    ["unknown", "unknown", "unknown"],
  ] as const)("that say %s before others that say %s make it %s", (barrier, own, whole) => {
    const made = joined(admission(barrier, "inferred"), admission(own));
    expect([made.decision, made.gates.length, made.topology]).toEqual([whole, 2, "inferred"]);
  });

  it("are nothing where none stands", () => {
    const own = admission("allow");
    expect(joined(null, own)).toBe(own);
  });
});

describe("an interface that is removed", () => {
  it("takes its records with it, at that instant, and none of others", () => {
    const policy = buildPolicyHistory(world(ssh));
    const whole = buildNetworkHistory(world(ssh));
    const gone: Topology = { ...whole.topologyAt(second(0)), interfaces: [] };
    const network: NetworkHistory = {
      ...whole,
      boundaries: [...whole.boundaries, second(10)],
      topologyAt: (time) => (time < second(10) ? whole.topologyAt(time) : gone),
    };
    const flows: FlowRecord[] = [];
    const more = {
      until: null,
      only: null,
      whole: false,
      maxFlows: 10,
      semantics: null,
      onVerdict: null,
      flushes: [],
      reevaluations: [],
    };
    const projector = new Projector({ ...more, policy, network, onFlow: (record) => flows.push(record) });
    const elsewhere = { destination: "10.0.9.9", frame: 2 };
    const packets = [...packetsOf("time way flags\n0 > S"), ...packetsOf("time way flags\n0 > S", elsewhere)];
    projector.push(batchOf(packets));
    projector.finish();
    expect(flows.map(({ interface: at, endsBy, endsAt }) => [at, endsBy, (endsAt - second(0)) / 1e6])).toEqual([
      ["nic-1", "interface-removed", 10],
      [null, "idle", 240],
    ]);
  });
});
