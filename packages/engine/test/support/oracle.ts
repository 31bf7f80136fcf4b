// The engine's answers once more, the slow and plain way: one object a flow, maps with keys of text, rules sorted and
// tried one by one at the instant of each packet. Written from DESIGN and DOMAIN; it shares no code with the engine.

import { type OracleSegment, OracleTcp } from "./oracle-tcp.js";
import type { PacketText } from "./packets.js";
import type {
  World,
  WorldConnection,
  WorldGroup,
  WorldInterface,
  WorldInterfaceState,
  WorldRule,
} from "./small-world.js";

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
  decision: string;
  gates: string;
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
const [ICMP, TCP, UDP, SCTP] = [1, 6, 17, 132];

/** What the oracle knows of each semantics; times in seconds. */
const azure = { untracked: false, flushes: false, linux: false };
const profiles: { readonly [name: string]: typeof azure } = {
  azure,
  "azure-flush": { ...azure, flushes: true },
  packet: { ...azure, untracked: true },
  linux: { ...azure, linux: true },
};

const linuxTcp: { readonly [state: string]: number } = {
  SYN_SENT: 120,
  SYN_RECV: 60,
  ESTABLISHED: 432_000,
  FIN_WAIT: 120,
  CLOSE_WAIT: 60,
  LAST_ACK: 30,
  TIME_WAIT: 120,
  CLOSE: 10,
  SYN_SENT2: 120,
};

export function askOracle(world: World, semantics = "azure"): OracleAnswer {
  const seen = world.sources.flatMap(({ name, place, packets }) =>
    packets.map((packet): Seen => ({ source: name, place, packet })),
  );
  seen.sort(
    (a, b) =>
      a.packet.time - b.packet.time ||
      (a.source < b.source ? -1 : a.source > b.source ? 1 : 0) ||
      a.packet.frame - b.packet.frame,
  );
  return new Oracle(world, profiles[semantics]!).answer(seen);
}

/** A verdict before it is told, and the row that a deny adds to. */
type Ruling = Omit<OracleVerdict, "packet"> & { readonly deniedKey: string | null; readonly counts: OracleFlow | null };
type Asked = { readonly decision: string; readonly told: string; readonly doubts: string; readonly deniedBy: string };
type Change = { readonly time: number; readonly rank: number; readonly happens: () => void };
type Later = { readonly seen: Seen; readonly key: string };

class Oracle {
  readonly #live = new Map<string, OracleFlow>();
  readonly #tcp = new WeakMap<OracleFlow, OracleTcp>();
  readonly #nics = new WeakMap<OracleFlow, WorldInterface>();
  readonly #ended: OracleFlow[] = [];
  readonly #verdicts: OracleVerdict[] = [];
  readonly #denied = new Map<string, { first: number; last: number; count: number }>();
  readonly #firsts = new Map<string, { readonly ends: Ends; readonly time: number; readonly rulings: Ruling[] }>();
  readonly #changes: Change[];
  #waiting: Later[] = [];

  constructor(
    private readonly world: World,
    private readonly profile: typeof azure,
  ) {
    const flushes = world.flushes.map((flush) => ({ time: flush.time, rank: 0, happens: () => this.#flush(flush) }));
    const edits = world.groups.flatMap(({ name, edits }) =>
      edits.map(({ time }) => ({
        time,
        rank: 2,
        happens: () => this.#judgeAnew(time, (nic) => groupsBefore(this.world, nic, time).includes(name)),
      })),
    );
    const moves = world.interfaces.flatMap((nic) =>
      nic.states.slice(1).map(({ time }) => ({ time, rank: 1, happens: () => this.#moveTo(nic, time) })),
    );
    this.#changes = [...flushes, ...moves, ...edits].sort((a, b) => a.time - b.time || a.rank - b.rank);
  }

  answer(seen: readonly Seen[]): OracleAnswer {
    for (const each of seen) {
      this.#giveUpBefore(each.packet.time);
      this.#changeUntil(each.packet.time);
      this.#see(each);
    }
    this.#giveUpBefore(Number.POSITIVE_INFINITY);
    this.#changeUntil(Number.POSITIVE_INFINITY);
    const denied = [...this.#denied].map(([key, { first, last, count }]) => `${key} ${first} ${last} ${count}`);
    return { verdicts: this.#verdicts, flows: [...this.#ended, ...this.#live.values()], denied: denied.sort() };
  }

  #changeUntil(time: number): void {
    while (this.#changes.length > 0 && this.#changes[0]!.time <= time) this.#changes.shift()!.happens();
  }

  #flush({ time, interface: nic, connection }: World["flushes"][number]): void {
    for (const [key, flow] of this.#liveAt(time)) {
      if (flow.interface === null || (nic !== null && flow.interface !== nic)) continue;
      if (connection !== null && !isBetween(flow, connection)) continue;
      this.#end(key, flow, time, "flushed");
    }
  }

  /** Other groups stand before it: what no record protects is judged anew. */
  #moveTo(nic: WorldInterface, time: number): void {
    const [before, after] = [time - 1, time].map((instant) => groupsBefore(this.world, nic, instant).join());
    if (this.profile.untracked && before !== after) this.#judgeAnew(time, (other) => other === nic);
  }

  #judgeAnew(time: number, concerns: (nic: WorldInterface) => boolean): void {
    if (!this.profile.flushes && !this.profile.untracked) return;
    for (const [key, flow] of this.#liveAt(time)) {
      const nic = this.#nics.get(flow);
      if (nic === undefined || !concerns(nic)) continue;
      const state = stateAt(nic, time);
      const icmp = flow.protocol === ICMP ? 8 * 256 : 0;
      const asked = this.#askGates(time, { ...flow, icmp, portsKnown: true, asker: "" }, state, flow.direction!);
      if (asked.decision === "deny") this.#end(key, flow, time, "re-evaluated");
      if (asked.decision === "unknown" && flow.decision !== "unknown") {
        flow.decision = "unknown";
        flow.gates = `${flow.gates}, ${asked.doubts}`;
      }
    }
  }

  #liveAt(time: number): [string, OracleFlow][] {
    return [...this.#live].filter(([key]) => this.#alive(key, time) !== null);
  }

  #end(key: string, flow: OracleFlow, time: number, endsBy: string): void {
    flow.endsAt = time;
    flow.endsBy = endsBy;
    this.#ended.push(flow);
    this.#live.delete(key);
  }

  #see(seen: Seen): void {
    const { packet, place } = seen;
    const own = endsOf(packet);
    if (packet.fragment === null) {
      this.#tellAll(seen, this.#rule(seen, own));
      return;
    }
    const key = [place, packet.source, packet.destination, packet.protocol, packet.fragment.id].join();
    if (!packet.fragment.later) {
      const rulings = this.#rule(seen, own);
      this.#tellAll(seen, rulings);
      this.#firsts.set(key, { ends: own, time: packet.time, rulings });
      const early = this.#waiting.filter((later) => later.key === key);
      this.#waiting = this.#waiting.filter((later) => later.key !== key);
      for (const later of early) this.#follow(later.seen, key, packet.time);
      return;
    }
    const first = this.#firsts.get(key);
    if (first !== undefined && packet.time - first.time <= 30 * seconds) this.#follow(seen, key, packet.time);
    else this.#waiting.push({ seen, key });
  }

  /** A later fragment is judged as its first was, and counts where that counted, if that is still there. */
  #follow(seen: Seen, key: string, time: number): void {
    const { ends, rulings } = this.#firsts.get(key)!;
    const told = rulings.map((ruling) => {
      const { counts } = ruling;
      if (counts !== null && counts.endsAt > time && [...this.#live.values()].includes(counts)) {
        this.#count(counts, { ...seen.packet, time: time as PacketText["time"] }, ends);
      }
      return { ...ruling, reason: ruling.reason === "opened" ? "flow-record" : ruling.reason };
    });
    this.#tellAll({ ...seen, packet: { ...seen.packet, time: time as PacketText["time"] } }, told);
  }

  /** Fragments whose first did not come within 30 s are judged by what they show, and open nothing. */
  #giveUpBefore(time: number): void {
    const alone = this.#waiting.filter(({ seen }) => seen.packet.time + 30 * seconds < time);
    this.#waiting = this.#waiting.filter((later) => !alone.includes(later));
    for (const { seen } of alone) this.#tellAll(seen, this.#ruleAlone(seen));
  }

  #ruleAlone(seen: Seen): Ruling[] {
    const ends = { ...endsOf(seen.packet), sourcePort: 0, destinationPort: 0, icmp: 0, portsKnown: false, asker: "" };
    const judges = this.#judgesOf(seen);
    if (judges === "nobody" || judges === "several") return [unjudged(judges, null)];
    const rulings: Ruling[] = [];
    for (const { nic, direction } of judges) {
      const asked = this.#askGates(seen.packet.time, ends, stateAt(nic, seen.packet.time), direction);
      rulings.push(passedBy(nic, direction, ends, asked, null));
      if (asked.decision === "deny") break;
    }
    return rulings;
  }

  #tellAll(seen: Seen, rulings: readonly Ruling[]): void {
    for (const { deniedKey, counts: _, ...ruling } of rulings) {
      if (deniedKey !== null) this.#deny(deniedKey, seen.packet.time);
      this.#verdicts.push({ packet: nameOf(seen), ...ruling });
    }
  }

  #deny(key: string, time: number): void {
    const row = this.#denied.get(key) ?? { first: time, last: time, count: 0 };
    const [first, last] = [Math.min(row.first, time), Math.max(row.last, time)];
    this.#denied.set(key, { first, last, count: row.count + 1 });
  }

  #judgesOf({ packet, place }: Seen): "nobody" | "several" | { nic: WorldInterface; direction: Way }[] {
    const senders = this.#holders(packet.source, packet.time);
    const receivers = this.#holders(packet.destination, packet.time);
    if (place.startsWith("interface:")) {
      const name = place.slice("interface:".length);
      const nic = this.world.interfaces.find((candidate) => candidate.name === name);
      if (nic === undefined) return "nobody";
      const own = stateAt(nic, packet.time).addresses;
      if (own.includes(packet.source)) return [{ nic, direction: "outbound" }];
      return own.includes(packet.destination) ? [{ nic, direction: "inbound" }] : "nobody";
    }
    if (senders.length > 1 || receivers.length > 1) return "several";
    const out = senders.map((nic) => ({ nic, direction: "outbound" as const }));
    const into = receivers.filter((nic) => nic !== senders[0]).map((nic) => ({ nic, direction: "inbound" as const }));
    return out.length + into.length === 0 ? "nobody" : [...out, ...into];
  }

  #holders(address: string, time: number): WorldInterface[] {
    return this.world.interfaces.filter((nic) => stateAt(nic, time).addresses.includes(address));
  }

  #rule(seen: Seen, ends: Ends): Ruling[] {
    const judges = this.#judgesOf(seen);
    if (judges === "nobody" || judges === "several") return [unjudged(judges, this.#observe(seen, ends))];
    const rulings: Ruling[] = [];
    let doubts = "";
    for (const { nic, direction } of judges) {
      const ruling = this.#judge(seen, ends, { nic, direction, doubts });
      rulings.push(ruling);
      if (ruling.verdict === "deny") break;
      doubts = ruling.verdict === "unknown" ? unknownGates(ruling.gates) : "";
    }
    return rulings;
  }

  #observe(seen: Seen, ends: Ends): OracleFlow | null {
    const key = keyOf(seen.place, null, ends);
    const flow = this.#covering(key, seen, ends);
    if (flow === null) return this.#open(key, seen, ends, null, null, { decision: "none", told: "" });
    this.#meet(flow, seen, ends);
    this.#count(flow, seen.packet, ends);
    return flow;
  }

  #judge(seen: Seen, ends: Ends, at: { nic: WorldInterface; direction: Way; doubts: string }): Ruling {
    const { nic, direction, doubts } = at;
    const { time } = seen.packet;
    const key = keyOf(seen.place, nic.name, ends);
    const asked = () => this.#askGates(time, ends, stateAt(nic, time), direction);
    const flow = this.#covering(key, seen, ends);
    if (flow !== null && this.profile.untracked) {
      const answer = asked();
      if (answer.decision !== "deny") {
        this.#meet(flow, seen, ends);
        this.#count(flow, seen.packet, ends);
      }
      return passedBy(nic, direction, ends, answer, flow);
    }
    if (flow !== null) {
      const met = this.#meet(flow, seen, ends);
      if (met === "stranger") return passedBy(nic, direction, ends, asked(), null);
      if (met === "asks") {
        const answer = asked();
        if (answer.decision !== "deny") this.#count(flow, seen.packet, ends);
        return passedBy(nic, direction, ends, answer, flow);
      }
      this.#count(flow, seen.packet, ends);
      return byRecord(nic, direction, flow, "flow-record");
    }
    const about = this.#quoted(seen, nic);
    if (about !== null) return { ...byRecord(nic, direction, about, "related"), counts: null };
    const answer = asked();
    if (answer.decision === "deny" || !opens(seen.packet)) return passedBy(nic, direction, ends, answer, null);
    const tainted = doubts === "" ? answer : { decision: "unknown", told: `${doubts}, ${answer.told}` };
    const opened = this.#open(key, seen, ends, nic, direction, tainted)!;
    const reason = tainted.decision === "allow" ? "opened" : "unknown";
    const base = { interface: nic.name, direction, verdict: tainted.decision, reason, gates: tainted.told };
    return { ...base, flow: opened, counts: opened, deniedKey: null };
  }

  #quoted({ packet, place }: Seen, nic: WorldInterface): OracleFlow | null {
    if (packet.quoted === null || packet.fragment?.later || this.profile.untracked) return null;
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
  #covering(key: string, { packet }: Seen, ends: Ends): OracleFlow | null {
    const flow = this.#alive(key, packet.time);
    const tcp = flow === null ? undefined : this.#tcp.get(flow);
    if (flow === null || tcp === undefined) return flow;
    const segment = segmentOf(packet, isForward(flow, ends));
    const replaced = this.profile.linux ? tcp.isReplacedBy(segment) : tcp.isClosing && segment.kind === "S";
    if (!replaced) return flow;
    this.#end(key, flow, packet.time, endOf(flow.state));
    return null;
  }

  #open(
    key: string,
    seen: Seen,
    ends: Ends,
    nic: WorldInterface | null,
    direction: Way | null,
    asked: { readonly decision: string; readonly told: string },
  ): OracleFlow | null {
    const { packet } = seen;
    if (!opens(packet)) return null;
    const flow: OracleFlow = {
      place: seen.place,
      interface: nic?.name ?? null,
      direction,
      protocol: ends.protocol,
      source: ends.source,
      sourcePort: ends.sourcePort,
      destination: ends.destination,
      destinationPort: ends.destinationPort,
      openedAt: packet.time,
      openedBy: nameOf(seen),
      midStream: ends.protocol === TCP && classOf(packet.flags) !== "S",
      decision: asked.decision,
      gates: asked.told,
      state: "UNREPLIED",
      lastSeen: packet.time,
      endsAt: 0,
      endsBy: "idle",
      packets: [0, 0],
      bytes: [0, 0],
      payload: [0, 0],
    };
    this.#live.set(key, flow);
    if (nic !== null) this.#nics.set(flow, nic);
    if (ends.protocol === TCP) {
      const segment = segmentOf(packet, true);
      const tcp = new OracleTcp(segment);
      this.#tcp.set(flow, tcp);
      flow.state = tcp.state;
      flow.endsAt = packet.time + this.#tcpTimeout(tcp, "taken", segment.kind) * seconds;
    } else {
      flow.endsAt = packet.time + this.#timeout(flow, packet.time) * seconds;
    }
    flow.endsBy = endOf(flow.state);
    this.#count(flow, packet, ends);
    return flow;
  }

  /** Tells a live flow of a packet: whether that passes by it, or the rules are asked, or it is none of its packets. */
  #meet(flow: OracleFlow, { packet }: Seen, ends: Ends): "decides" | "asks" | "stranger" {
    const { linux } = this.profile;
    const forward = isForward(flow, ends);
    const replied = flow.packets[1] > 0;
    const tcp = this.#tcp.get(flow);
    if (tcp !== undefined) {
      if (this.#meetTcp(flow, tcp, segmentOf(packet, forward), packet.time) === "misfit" && linux) return "stranger";
    } else {
      flow.endsAt = packet.time + this.#timeout(flow, packet.time) * seconds;
      if (!forward) flow.state = "REPLIED";
    }
    flow.endsBy = endOf(flow.state);
    return linux && forward && !replied ? "asks" : "decides";
  }

  #meetTcp(flow: OracleFlow, tcp: OracleTcp, segment: OracleSegment, time: number) {
    const { linux } = this.profile;
    tcp.replied = flow.packets[1] > 0;
    const over = tcp.isClosing;
    const [own, other] = [tcp.sides[segment.from], tcp.sides[segment.from === 0 ? 1 : 0]];
    const finAgain = !linux && segment.kind === "F" && own.fin && !other.fin;
    const outcome = finAgain ? "noted" : tcp.see(segment);
    flow.state = tcp.state;
    const refused = linux && outcome === "taken" && segment.kind === "R" && !tcp.replied;
    if (refused) flow.endsAt = time;
    else if (linux ? outcome === "taken" : !over) {
      flow.endsAt = time + this.#tcpTimeout(tcp, outcome, segment.kind) * seconds;
    }
    return outcome;
  }

  #tcpTimeout(tcp: OracleTcp, outcome: string, kind: string): number {
    if (!this.profile.linux) return tcp.isClosing || (outcome === "taken" && kind === "R") ? 15 : 240;
    const own = linuxTcp[tcp.state]!;
    const capped = Math.min(own, 300);
    if (!tcp.replied && tcp.state === "ESTABLISHED" && kind !== "R") return capped;
    if (tcp.repeats >= 3 && own > 300) return capped;
    if (kind === "R") return 10;
    return tcp.unacknowledged || tcp.closedWindow ? capped : own;
  }

  #timeout(flow: OracleFlow, time: number): number {
    if (!this.profile.linux) return 240;
    if (flow.protocol === ICMP) return 30;
    if (flow.protocol !== UDP) return 600;
    return flow.packets[1] > 0 && time > flow.openedAt + 2 * seconds ? 120 : 30;
  }

  #count(flow: OracleFlow, packet: PacketText, ends: Ends): void {
    const side = isForward(flow, ends) ? 0 : 1;
    flow.packets[side] += 1;
    flow.bytes[side] += packet.ipLength;
    flow.payload[side] += packet.payloadLength;
    flow.lastSeen = packet.time;
  }

  #askGates(time: number, ends: Ends, nic: WorldInterfaceState, direction: Way): Asked {
    const subnetGroup = this.world.subnets[nic.subnet];
    const subnet: readonly [string, string | null | undefined] = ["subnet", subnetGroup];
    const own: readonly [string, string | null | undefined] = ["interface", nic.group];
    const told: string[] = [];
    let decision: Access = "allow";
    for (const [gate, name] of direction === "inbound" ? [subnet, own] : [own, subnet]) {
      const answer = this.#askGate(name, time, ends, direction, nic.subnet in this.world.subnets);
      told.push(`${gate} ${answer.access} ${answer.by}`);
      if (answer.access === "deny")
        return { decision: "deny", told: told.join(", "), doubts: "", deniedBy: `${name}/${answer.by}` };
      if (answer.access === "unknown") decision = "unknown";
    }
    return { decision, told: told.join(", "), doubts: unknownGates(told.join(", ")), deniedBy: "" };
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

function unjudged(why: "nobody" | "several", flow: OracleFlow | null): Ruling {
  const base = { interface: null, direction: null, gates: "", deniedKey: null, counts: flow };
  if (why === "several") return { ...base, verdict: "unknown", reason: "several-interfaces", flow: null };
  return { ...base, verdict: "none", reason: "no-known-interface", flow };
}

function byRecord(nic: WorldInterface, direction: Way, flow: OracleFlow, reason: string): Ruling {
  const unknown = flow.decision === "unknown";
  const verdict = { verdict: unknown ? "unknown" : "allow", reason: unknown ? "unknown" : reason, gates: flow.gates };
  return { interface: nic.name, direction, ...verdict, flow, counts: flow, deniedKey: null };
}

/** By the rules alone. */
function passedBy(nic: WorldInterface, direction: Way, ends: Ends, asked: Asked, flow: OracleFlow | null): Ruling {
  const base = { interface: nic.name, direction, verdict: asked.decision, gates: asked.told };
  if (asked.decision === "deny") {
    const target = [ends.source, ends.destination, portOf(ends), ends.protocol];
    const deniedKey = [nic.name, direction, ...target, asked.deniedBy].join(" ");
    return { ...base, reason: "denied", flow: null, counts: null, deniedKey };
  }
  const reason = asked.decision === "allow" ? "passed" : "unknown";
  return { ...base, reason, flow, counts: flow, deniedKey: null };
}

function unknownGates(told: string): string {
  return told
    .split(", ")
    .filter((gate) => gate.includes(" unknown "))
    .join(", ");
}

/** DOMAIN 5: what can begin a connection, or shows one in mid-stream. */
function opens({ protocol, flags, fragment }: PacketText): boolean {
  if (fragment?.later) return false;
  if (protocol === ICMP) return flags >> 8 === 8;
  return protocol !== TCP || ["S", "A"].includes(classOf(flags));
}

function isBetween(flow: OracleFlow, { protocol, a, b, portA, portB }: WorldConnection): boolean {
  const fits = (x: string, portX: number | null, y: string, portY: number | null) =>
    flow.source === x &&
    flow.destination === y &&
    (portX === null || portX === flow.sourcePort) &&
    (portY === null || portY === flow.destinationPort);
  return flow.protocol === protocol && (fits(a, portA, b, portB) || fits(b, portB, a, portA));
}

function endsOf(packet: PacketText): Ends {
  const withPorts = [TCP, UDP, SCTP].includes(packet.protocol);
  const type = packet.flags >> 8;
  const query = packet.protocol === ICMP && (type === 8 || type === 0);
  return {
    protocol: packet.protocol,
    source: packet.source,
    destination: packet.destination,
    sourcePort: withPorts || query ? packet.sourcePort : 0,
    destinationPort: withPorts || query ? packet.destinationPort : 0,
    icmp: packet.protocol === ICMP ? (query ? 8 * 256 : packet.flags) : 0,
    portsKnown: true,
    asker: query && type === 8 ? packet.source : query ? packet.destination : "",
  };
}

function segmentOf({ flags, sequence, acknowledgement, payloadLength, zeroWindow }: PacketText, forward: boolean) {
  const length = payloadLength + (flags & 1) + ((flags >> 1) & 1);
  const end = (sequence + length) % 2 ** 32;
  const kind = classOf(flags);
  const from: 0 | 1 = forward ? 0 : 1;
  return { kind, from, sequence, acknowledgement, end, hasAck: (flags & 16) !== 0, closedWindow: zeroWindow };
}

/** A subnet that the network does not show stands for itself. */
function groupsBefore(world: World, nic: WorldInterface, time: number): (string | null)[] {
  const { group, subnet } = stateAt(nic, time);
  return [group, subnet in world.subnets ? world.subnets[subnet]! : `? ${subnet}`];
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

/** The class of a TCP segment: R, S, SA, F, A; none where its flags are no valid set. */
export function classOf(flags: number): string {
  const counted = flags & ~(8 | 64 | 128);
  const sets: { readonly [name: string]: readonly number[] } = {
    R: [4, 20],
    S: [2, 34],
    SA: [18],
    F: [17, 49],
    A: [16, 48],
  };
  return Object.keys(sets).find((name) => sets[name]!.includes(counted)) ?? "";
}

function endOf(state: string): string {
  if (state === "TIME_WAIT") return "fin";
  return state === "CLOSE" ? "rst" : "idle";
}
