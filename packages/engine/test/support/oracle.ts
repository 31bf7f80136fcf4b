// The engine's answers once more, the slow and plain way: one object a flow, maps with keys of text, rules sorted and
// tried one by one at the instant of each packet. Written from DESIGN and DOMAIN; it shares no code with the engine.

import type { PacketText } from "./packets.js";
import type { World, WorldGroup, WorldInterface, WorldInterfaceState, WorldRule } from "./small-world.js";

type Access = "allow" | "deny" | "unknown";
type Way = "inbound" | "outbound";

export type OracleFlow = {
  readonly place: string;
  readonly interface: string | null;
  readonly direction: Way | null;
  readonly protocol: number;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly openedAt: number;
  readonly openedBy: string;
  readonly midStream: boolean;
  readonly decision: string;
  readonly gates: string;
  state: string;
  lastSeen: number;
  endsAt: number;
  endsBy: string;
  readonly packets: [number, number];
  readonly bytes: [number, number];
  readonly payload: [number, number];
};

export type OracleVerdict = {
  readonly packet: string;
  readonly interface: string | null;
  readonly direction: Way | null;
  readonly verdict: string;
  readonly reason: string;
  readonly gates: string;
  readonly flow: OracleFlow | null;
};

export type OracleAnswer = {
  readonly verdicts: readonly OracleVerdict[];
  readonly flows: readonly OracleFlow[];
  /** Rows as text, with first, last and count. */
  readonly denied: readonly string[];
};

type Seen = { readonly source: string; readonly place: string; readonly packet: PacketText };
/** Who sends to whom, with the ports of the first fragment where this is a later one. */
type Ends = Pick<PacketText, "protocol" | "source" | "sourcePort" | "destination" | "destinationPort"> & {
  readonly icmp: number;
  readonly portsKnown: boolean;
  /** Of a ping or its answer: who asks. */
  readonly asker: string;
};

const seconds = 1_000_000;
const idle = 240 * seconds;
const linger = 15 * seconds;
const [ICMP, TCP, UDP, SCTP] = [1, 6, 17, 132];

export function askOracle(world: World): OracleAnswer {
  const seen = world.sources.flatMap(({ name, place, packets }) =>
    packets.map((packet): Seen => ({ source: name, place, packet })),
  );
  seen.sort(
    (a, b) =>
      a.packet.time - b.packet.time ||
      (a.source < b.source ? -1 : a.source > b.source ? 1 : 0) ||
      a.packet.frame - b.packet.frame,
  );
  return new Oracle(world).answer(seen);
}

class Oracle {
  readonly #finished = new WeakMap<OracleFlow, Set<boolean>>();
  readonly #live = new Map<string, OracleFlow>();
  readonly #ended: OracleFlow[] = [];
  readonly #verdicts: OracleVerdict[] = [];
  readonly #denied = new Map<string, { first: number; last: number; count: number }>();
  readonly #firstFragments = new Map<string, { readonly ends: Ends; readonly time: number }>();

  constructor(private readonly world: World) {}

  answer(seen: readonly Seen[]): OracleAnswer {
    for (const each of seen) this.#see(each);
    const denied = [...this.#denied].map(([key, { first, last, count }]) => `${key} ${first} ${last} ${count}`);
    return { verdicts: this.#verdicts, flows: [...this.#ended, ...this.#live.values()], denied: denied.sort() };
  }

  #see(seen: Seen): void {
    const { packet } = seen;
    const ends = this.#endsOf(seen);
    const senders = this.#holders(packet.source, packet.time);
    const receivers = this.#holders(packet.destination, packet.time);
    if (seen.place.startsWith("interface:")) this.#seeAtNamed(seen, ends);
    else if (senders.length > 1 || receivers.length > 1) this.#unjudged(seen, ends, true);
    else if (senders.length + receivers.length === 0) this.#unjudged(seen, ends, false);
    else {
      const sender = senders[0];
      const receiver = receivers[0];
      if (sender !== undefined && this.#judge(seen, ends, sender, "outbound") === "deny") return;
      if (receiver !== undefined && receiver !== sender) this.#judge(seen, ends, receiver, "inbound");
    }
  }

  #seeAtNamed(seen: Seen, ends: Ends): void {
    const name = seen.place.slice("interface:".length);
    const nic = this.world.interfaces.find((candidate) => candidate.name === name);
    const own = nic === undefined ? [] : stateAt(nic, seen.packet.time).addresses;
    if (nic !== undefined && own.includes(seen.packet.source)) this.#judge(seen, ends, nic, "outbound");
    else if (nic !== undefined && own.includes(seen.packet.destination)) this.#judge(seen, ends, nic, "inbound");
    else this.#unjudged(seen, ends, false);
  }

  #holders(address: string, time: number): WorldInterface[] {
    return this.world.interfaces.filter((nic) => stateAt(nic, time).addresses.includes(address));
  }

  #endsOf({ packet, place }: Seen): Ends {
    const withPorts = [TCP, UDP, SCTP].includes(packet.protocol);
    const type = packet.flags >> 8;
    const query = packet.protocol === ICMP && (type === 8 || type === 0);
    const own: Ends = {
      protocol: packet.protocol,
      source: packet.source,
      destination: packet.destination,
      sourcePort: withPorts || query ? packet.sourcePort : 0,
      destinationPort: withPorts || query ? packet.destinationPort : 0,
      icmp: packet.protocol === ICMP ? (query ? 8 * 256 : packet.flags) : 0,
      portsKnown: true,
      asker: query && type === 8 ? packet.source : query ? packet.destination : "",
    };
    if (packet.fragment === null) return own;
    const key = [place, packet.source, packet.destination, packet.protocol, packet.fragment.id].join();
    if (!packet.fragment.later) {
      this.#firstFragments.set(key, { ends: own, time: packet.time });
      return own;
    }
    const first = this.#firstFragments.get(key);
    if (first !== undefined && packet.time - first.time <= 30 * seconds) return first.ends;
    return { ...own, sourcePort: 0, destinationPort: 0, icmp: 0, portsKnown: false, asker: "" };
  }

  #unjudged(seen: Seen, ends: Ends, several: boolean): void {
    const key = keyOf(seen.place, null, ends);
    let flow = this.#covering(key, seen);
    if (flow === null) flow = this.#open(key, seen, ends, null, null, { decision: "none", told: "" });
    else this.#pass(flow, seen, ends);
    const rest = several
      ? { verdict: "unknown", reason: "several-interfaces", flow: null }
      : { verdict: "none", reason: "no-known-interface", flow };
    this.#verdicts.push({ packet: nameOf(seen), interface: null, direction: null, gates: "", ...rest });
  }

  #judge(seen: Seen, ends: Ends, nic: WorldInterface, direction: Way): string {
    const base = { packet: nameOf(seen), interface: nic.name, direction };
    const key = keyOf(seen.place, nic.name, ends);
    const flow = this.#covering(key, seen);
    if (flow !== null) {
      this.#pass(flow, seen, ends);
      return this.#told({ ...base, ...byRecord(flow, "flow-record") });
    }
    const about = this.#quoted(seen, nic);
    if (about !== null) return this.#told({ ...base, ...byRecord(about, "related") });
    const asked = this.#askGates(seen.packet.time, ends, stateAt(nic, seen.packet.time), direction);
    if (asked.decision === "deny") {
      const target = [ends.source, ends.destination, portOf(ends), ends.protocol];
      this.#deny([nic.name, direction, ...target, asked.deniedBy].join(" "), seen);
      return this.#told({ ...base, verdict: "deny", reason: "denied", gates: asked.told, flow: null });
    }
    const opened = this.#open(key, seen, ends, nic, direction, asked);
    const reason = asked.decision === "allow" ? "opened" : "unknown";
    return this.#told({ ...base, verdict: asked.decision, reason, gates: asked.told, flow: opened });
  }

  #told(verdict: OracleVerdict): string {
    this.#verdicts.push(verdict);
    return verdict.verdict;
  }

  #deny(key: string, { packet }: Seen): void {
    const row = this.#denied.get(key) ?? { first: packet.time, last: packet.time, count: 0 };
    this.#denied.set(key, { first: row.first, last: packet.time, count: row.count + 1 });
  }

  #quoted({ packet, place }: Seen, nic: WorldInterface): OracleFlow | null {
    if (packet.quoted === null || packet.fragment?.later) return null;
    const { protocol, source, sourcePort, destination, destinationPort, flags } = packet.quoted;
    if (packet.destination !== source) return null;
    const icmp = protocol === ICMP ? ([0, 8].includes(flags >> 8) ? 8 * 256 : flags) : 0;
    const withPorts = [TCP, UDP, SCTP].includes(protocol) || icmp === 8 * 256;
    const ports = withPorts ? { sourcePort, destinationPort } : { sourcePort: 0, destinationPort: 0 };
    const ends = { protocol, source, destination, ...ports, icmp, portsKnown: true };
    const askers = icmp === 8 * 256 ? [source, destination] : [""];
    const found = askers.map((asker) => this.#alive(keyOf(place, nic.name, { ...ends, asker }), packet.time));
    return found.find((flow) => flow !== null) ?? null;
  }

  #alive(key: string, time: number): OracleFlow | null {
    const flow = this.#live.get(key) ?? null;
    if (flow === null || flow.endsAt > time) return flow;
    this.#ended.push(flow);
    this.#live.delete(key);
    return null;
  }

  /** The live flow; a SYN ends one whose connection is over. */
  #covering(key: string, { packet }: Seen): OracleFlow | null {
    const flow = this.#alive(key, packet.time);
    if (flow === null || flow.protocol !== TCP || flow.endsBy === "idle" || letters(packet) !== "S") return flow;
    flow.endsAt = packet.time;
    return this.#alive(key, packet.time);
  }

  #open(
    key: string,
    seen: Seen,
    ends: Ends,
    nic: WorldInterface | null,
    direction: Way | null,
    asked: { readonly decision: string; readonly told: string },
  ): OracleFlow {
    const { packet } = seen;
    const kind = letters(packet);
    const later = packet.fragment?.later === true;
    const isReply =
      !later && ((ends.protocol === TCP && kind === "SA") || (ends.protocol === ICMP && packet.flags >> 8 === 0));
    const turned = direction === "inbound" ? "outbound" : "inbound";
    const flow: OracleFlow = {
      place: seen.place,
      interface: nic?.name ?? null,
      direction: direction !== null && isReply ? turned : direction,
      protocol: ends.protocol,
      source: isReply ? ends.destination : ends.source,
      sourcePort: isReply ? ends.destinationPort : ends.sourcePort,
      destination: isReply ? ends.source : ends.destination,
      destinationPort: isReply ? ends.sourcePort : ends.destinationPort,
      openedAt: packet.time,
      openedBy: nameOf(seen),
      midStream: isReply || later || (ends.protocol === TCP && kind !== "S"),
      decision: asked.decision,
      gates: asked.told,
      state: ends.protocol === TCP ? beginning(kind) : "UNREPLIED",
      lastSeen: packet.time,
      endsAt: 0,
      endsBy: "idle",
      packets: [0, 0],
      bytes: [0, 0],
      payload: [0, 0],
    };
    this.#live.set(key, flow);
    if (kind === "F" && ends.protocol === TCP) this.#finished.set(flow, new Set([!isReply]));
    this.#renew(flow, packet.time);
    this.#count(flow, packet, ends);
    return flow;
  }

  #pass(flow: OracleFlow, { packet }: Seen, ends: Ends): void {
    const wasOver = flow.endsBy !== "idle";
    const fromOriginator = isForward(flow, ends);
    if (flow.protocol === TCP) this.#track(flow, fromOriginator, letters(packet));
    else if (!fromOriginator) flow.state = "REPLIED";
    if (!wasOver) this.#renew(flow, packet.time);
    flow.endsBy = endOf(flow.state);
    this.#count(flow, packet, ends);
  }

  /** A FIN again from the only side that has sent one is no second FIN. */
  #track(flow: OracleFlow, fromOriginator: boolean, kind: string): void {
    const finished = this.#finished.get(flow) ?? new Set();
    const again = kind === "F" && finished.size === 1 && finished.has(fromOriginator);
    if (!again) flow.state = nextState(flow.state, fromOriginator, kind);
    if (kind === "F") this.#finished.set(flow, finished.add(fromOriginator));
  }

  #renew(flow: OracleFlow, time: number): void {
    flow.endsBy = endOf(flow.state);
    flow.endsAt = time + (flow.endsBy === "idle" ? idle : linger);
  }

  #count(flow: OracleFlow, packet: PacketText, ends: Ends): void {
    const side = isForward(flow, ends) ? 0 : 1;
    flow.packets[side] += 1;
    flow.bytes[side] += packet.ipLength;
    flow.payload[side] += packet.payloadLength;
    flow.lastSeen = packet.time;
  }

  #askGates(time: number, ends: Ends, nic: WorldInterfaceState, direction: Way) {
    const subnetGroup = this.world.subnets[nic.subnet];
    const subnet: readonly [string, string | null | undefined] = ["subnet", subnetGroup];
    const own: readonly [string, string | null | undefined] = ["interface", nic.group];
    const told: string[] = [];
    let decision: Access = "allow";
    for (const [gate, name] of direction === "inbound" ? [subnet, own] : [own, subnet]) {
      const answer = this.#askGate(name, time, ends, direction, nic.subnet in this.world.subnets);
      told.push(`${gate} ${answer.access} ${answer.by}`);
      if (answer.access === "deny")
        return { decision: "deny", told: told.join(", "), deniedBy: `${name}/${answer.by}` };
      if (answer.access === "unknown") decision = "unknown";
    }
    return { decision, told: told.join(", "), deniedBy: "" };
  }

  #askGate(name: string | null | undefined, time: number, ends: Ends, direction: Way, spaceKnown: boolean): Answer {
    if (name === null) return { access: "allow", by: "-" };
    const group = this.world.groups.find((candidate) => candidate.name === name);
    if (group === undefined) return { access: "unknown", by: "-" };
    return this.#tryRules(rulesAt(group, time), time, ends, direction, spaceKnown);
  }

  /** What the rules may say, over everything that is not known: one answer, or several, which is unknown. */
  #tryRules(rules: readonly WorldRule[], time: number, ends: Ends, direction: Way, spaceKnown: boolean): Answer {
    const possible = new Set<Access>();
    const sorted = [...rules, ...defaults].filter((rule) => rule.direction === direction);
    for (const rule of sorted.sort((a, b) => a.priority - b.priority)) {
      const match = this.#matches(rule, time, ends, spaceKnown);
      if (match === false) continue;
      possible.add(rule.access);
      if (match === true)
        return possible.size === 1 ? { access: rule.access, by: rule.name } : { access: "unknown", by: "-" };
    }
    throw new Error("the last default rule matches everything");
  }

  /** Null: it may match. */
  #matches(rule: WorldRule, time: number, ends: Ends, spaceKnown: boolean): boolean | null {
    const numbers: { readonly [name: string]: number } = { tcp: TCP, udp: UDP, icmp: ICMP, esp: 50 };
    if (rule.protocol !== "*" && numbers[rule.protocol] !== ends.protocol) return false;
    return every(
      this.#inPorts(rule, ends),
      this.#isNamed(rule.from, ends.source, time, spaceKnown),
      this.#isNamed(rule.to, ends.destination, time, spaceKnown),
    );
  }

  #inPorts(rule: WorldRule, ends: Ends): boolean | null {
    if (rule.toPorts === "*") return true;
    if (![TCP, UDP, SCTP].includes(ends.protocol)) return rule.protocol !== "*";
    if (!ends.portsKnown) return null;
    const [first = 0, last = first] = rule.toPorts.split("-").map(Number);
    return first <= ends.destinationPort && ends.destinationPort <= last;
  }

  #isNamed(name: string, address: string, time: number, spaceKnown: boolean): boolean | null {
    if (name === "*") return true;
    const inSpace = spaceKnown ? within(address, this.world.space) : null;
    if (name === "VirtualNetwork") return inSpace;
    if (name === "Internet") return within(address, "10.0.0.0/8") ? false : inSpace === null ? null : !inSpace;
    if (name === "AzureLoadBalancer") return address === "168.63.129.16";
    if (name.startsWith("asg:")) return this.#isMember(name.slice(4), address, time, inSpace);
    return /^\d/.test(name) ? within(address, name) : null;
  }

  #isMember(group: string, address: string, time: number, inSpace: boolean | null): boolean | null {
    const holders = this.#holders(address, time).map((nic) => stateAt(nic, time));
    if (holders.some((nic) => nic.applicationSecurityGroups.includes(group))) return true;
    return holders.length > 0 || inSpace === false ? false : null;
  }
}

type Answer = { readonly access: Access; readonly by: string };

function every(...parts: readonly (boolean | null)[]): boolean | null {
  if (parts.includes(false)) return false;
  return parts.includes(null) ? null : true;
}

function byRecord(flow: OracleFlow, reason: string) {
  const unknown = flow.decision === "unknown";
  return { verdict: unknown ? "unknown" : "allow", reason: unknown ? "unknown" : reason, gates: flow.gates, flow };
}

function stateAt(nic: WorldInterface, time: number): WorldInterfaceState {
  let state = nic.states[0]!;
  for (const candidate of nic.states) if (candidate.time <= time) state = candidate;
  return state;
}

function rulesAt(group: WorldGroup, time: number): WorldRule[] {
  let rules = [...group.rules];
  for (const edit of group.edits) {
    if (edit.time > time) break;
    if (edit.kind === "replace") rules = [...edit.rules];
    const name = edit.kind === "put" ? edit.rule.name : edit.kind === "delete" ? edit.name : null;
    if (name !== null) rules = rules.filter((rule) => rule.name !== name);
    if (edit.kind === "put") rules.push(edit.rule);
  }
  return rules;
}

/** DOMAIN 1.3. */
const defaults: readonly WorldRule[] = [
  ["AllowVnetInBound", "inbound", "allow", 65_000, "VirtualNetwork", "VirtualNetwork"],
  ["AllowAzureLoadBalancerInBound", "inbound", "allow", 65_001, "AzureLoadBalancer", "*"],
  ["DenyAllInBound", "inbound", "deny", 65_500, "*", "*"],
  ["AllowVnetOutBound", "outbound", "allow", 65_000, "VirtualNetwork", "VirtualNetwork"],
  ["AllowInternetOutBound", "outbound", "allow", 65_001, "*", "Internet"],
  ["DenyAllOutBound", "outbound", "deny", 65_500, "*", "*"],
].map(([name, direction, access, priority, from, to]) => {
  return { name, direction, access, priority, from, to, protocol: "*", toPorts: "*" } as WorldRule;
});

function within(address: string, prefix: string): boolean {
  const [base = "", bits = "32"] = prefix.split("/");
  const shift = 2 ** (32 - Number(bits));
  const number = (text: string) => text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return Math.floor(number(address) / shift) === Math.floor(number(base) / shift);
}

function keyOf(place: string, nic: string | null, ends: Ends): string {
  const both = [`${ends.source} ${ends.sourcePort}`, `${ends.destination} ${ends.destinationPort}`].sort();
  return [place, nic ?? "", ends.protocol, ...both, ends.icmp, ends.asker].join(" | ");
}

function nameOf({ source, packet }: Seen): string {
  return `${source}#${packet.frame}`;
}

function portOf(ends: Ends): number {
  return [TCP, UDP, SCTP].includes(ends.protocol) ? ends.destinationPort : 0;
}

function isForward(flow: OracleFlow, ends: Ends): boolean {
  return flow.source === ends.source && flow.sourcePort === ends.sourcePort;
}

function letters(packet: PacketText): string {
  return packet.protocol !== TCP || packet.fragment?.later ? "" : classOf(packet.flags);
}

/** The class of a TCP segment: R, S, SA, F, A or none. */
export function classOf(flags: number): string {
  const has = (bit: number) => (flags & bit) !== 0;
  if (has(4)) return "R";
  if (has(2)) return has(16) ? "SA" : "S";
  if (has(1)) return "F";
  return has(16) ? "A" : "";
}

function beginning(kind: string): string {
  switch (kind) {
    case "R":
      return "CLOSE";
    case "S":
      return "SYN_SENT";
    case "SA":
      return "SYN_RECV";
    case "F":
      return "FIN_WAIT";
    default:
      return "ESTABLISHED";
  }
}

/** DOMAIN 5 in its own words: state, packet and side, and what becomes of it; everything else leaves the state. */
export function nextState(state: string, fromOriginator: boolean, kind: string): string {
  if (kind === "R") return "CLOSE";
  if (kind === "S") return state === "SYN_SENT" && !fromOriginator ? "SYN_SENT2" : state;
  if (kind === "SA") {
    const answers = state === "SYN_SENT2" || (state === "SYN_SENT" && !fromOriginator);
    return answers ? "SYN_RECV" : state;
  }
  if (kind === "F") {
    if (state === "SYN_RECV" || state === "ESTABLISHED") return "FIN_WAIT";
    return state === "FIN_WAIT" || state === "CLOSE_WAIT" ? "LAST_ACK" : state;
  }
  if (kind === "A") {
    if (state === "SYN_RECV" && fromOriginator) return "ESTABLISHED";
    if (state === "FIN_WAIT") return "CLOSE_WAIT";
    return state === "LAST_ACK" ? "TIME_WAIT" : state;
  }
  return state;
}

function endOf(state: string): string {
  if (state === "TIME_WAIT") return "fin";
  return state === "CLOSE" ? "rst" : "idle";
}
