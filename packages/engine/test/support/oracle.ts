// The engine's answers once more, the slow and plain way: one object a flow, maps with keys of text, rules sorted and
// tried one by one at the instant of each packet. Written from DESIGN and DOMAIN; it shares no code with the engine.

import { OracleHistory } from "./oracle-history.js";
import {
  type Asked,
  after,
  OracleRules,
  type Post,
  type Ends as RuleEnds,
  unknownGates,
  type Way,
} from "./oracle-rules.js";
import { type OracleSemantics, semanticsOf } from "./oracle-semantics.js";
import { type OracleSegment, OracleTcp } from "./oracle-tcp.js";
import type { PacketText } from "./packets.js";
import type { World, WorldConnection, WorldInterface } from "./small-world.js";
import { settingAt, stateAt } from "./world-state.js";

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
  history: string;
  connState: string;
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
  /** Place, interface, first, last, packets and flows that found no room. */
  readonly tableFull: readonly string[];
  /** Minute, place, interface, direction, verdict, packets and bytes. */
  readonly traffic: readonly string[];
  /** By a rule's name: first, last, packets and bytes that passed without a record. */
  readonly unrecorded: readonly string[];
};

type Seen = { readonly source: string; readonly place: string; readonly packet: PacketText };
type Ends = RuleEnds & {
  /** Of a ping or its answer: who asks. */
  readonly asker: string;
};
/** Why no packet passes by the record itself. */
type Untracked = "stateless" | "no TCP state" | "open to all" | null;

const seconds = 1_000_000;
const [ICMP, TCP, UDP, SCTP] = [1, 6, 17, 132];

/** Semantics null: as the resources say. */
export function askOracle(
  world: World,
  semantics: string | null = "azure",
  maxFlows = Number.POSITIVE_INFINITY,
): OracleAnswer {
  const seen = world.sources.flatMap(({ name, place, packets }) =>
    packets.map((packet): Seen => ({ source: name, place, packet })),
  );
  seen.sort(
    (a, b) =>
      a.packet.time - b.packet.time ||
      (a.source < b.source ? -1 : a.source > b.source ? 1 : 0) ||
      a.packet.frame - b.packet.frame,
  );
  return new Oracle(world, semantics, maxFlows).answer(seen);
}

/** A verdict before it is told, and the row that a deny adds to. */
type Ruling = Omit<OracleVerdict, "packet"> & { readonly deniedKey: string | null; readonly counts: OracleFlow | null };
type Change = { readonly time: number; readonly rank: number; readonly happens: () => void };
type Later = { readonly seen: Seen; readonly key: string };

class Oracle {
  readonly #live = new Map<string, OracleFlow>();
  /** Connections that the rules, asked anew, have cut, and that did not go on since, with who opened them. */
  readonly #cut = new Map<string, OracleFlow>();
  readonly #tcp = new WeakMap<OracleFlow, OracleTcp>();
  readonly #histories = new WeakMap<OracleFlow, OracleHistory>();
  readonly #nics = new WeakMap<OracleFlow, WorldInterface>();
  readonly #ended: OracleFlow[] = [];
  readonly #verdicts: OracleVerdict[] = [];
  readonly #denied = new Map<string, { first: number; last: number; count: number }>();
  readonly #full = new Map<string, { first: number; last: number; packets: number; flows: number }>();
  readonly #traffic = new Map<string, [packets: number, bytes: number]>();
  readonly #unrecorded = new Map<string, { first: number; last: number; packets: number; bytes: number }>();
  readonly #firsts = new Map<string, { readonly ends: Ends; readonly time: number; readonly rulings: Ruling[] }>();
  readonly #changes: Change[];
  #waiting: Later[] = [];

  readonly #rules: OracleRules;
  readonly #semantics = new WeakMap<OracleFlow, OracleSemantics>();
  readonly #untracked = new WeakMap<OracleFlow, Untracked>();

  constructor(
    private readonly world: World,
    private readonly named: string | null,
    private readonly maxFlows: number,
  ) {
    this.#rules = new OracleRules(world);
    this.#changes = [...this.#flushes(), ...this.#changesOfNetwork(), ...this.#changesOfRules()];
    this.#changes.sort((a, b) => a.time - b.time || a.rank - b.rank);
  }

  #flushes(): Change[] {
    return this.world.flushes.map((flush) => ({ time: flush.time, rank: 0, happens: () => this.#flush(flush) }));
  }

  #changesOfRules(): Change[] {
    return this.world.groups.flatMap(({ name, edits }) =>
      edits.map(({ time }) => ({
        time,
        rank: 2,
        happens: () => this.#judgeAnew(time, this.#followsRules(name, time)),
      })),
    );
  }

  /** Edits have the records of an interface judged anew that its semantics say so of, or the group itself. */
  #followsRules(group: string, time: number): (nic: WorldInterface) => boolean {
    return (nic) => {
      const forced = this.named === null && this.#rules.flushingAt(nic, time).includes(group);
      const stands = this.#rules.standingBefore(nic, time).includes(group);
      return forced || (stands && this.#semanticsAt(nic, time).flushes);
    };
  }

  /** Of these only switching `flushConnection` on concerns records that let packets pass. */
  #changesOfNetwork(): Change[] {
    const { interfaces, associations, memberships, lists, settings } = this.world;
    const moves = [...interfaces.flatMap(({ states }) => states.slice(1)), ...associations, ...memberships, ...lists];
    const plain = moves.map(({ time }) => ({ time, rank: 1, happens: () => this.#judgeAnew(time, () => false) }));
    const switches = settings.map(({ time, resource, setting, value }) => {
      const before = settingAt(this.world, resource, setting, time - 1);
      const on = setting === "flushConnection" && value === true && before !== true && this.named === null;
      const concerns = (nic: WorldInterface) => on && this.#rules.standingBefore(nic, time).includes(resource);
      return { time, rank: 1, happens: () => this.#judgeAnew(time, concerns) };
    });
    return [...plain, ...switches];
  }

  #semanticsAt(nic: WorldInterface | null, time: number): OracleSemantics {
    return semanticsOf(this.named, this.world, nic, time);
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
    const full = [...this.#full].map(([key, row]) => `${key} ${row.first} ${row.last} ${row.packets} ${row.flows}`);
    const flows = [...this.#ended, ...this.#live.values()];
    const traffic = [...this.#traffic].map(([key, [packets, bytes]]) => `${key} ${packets} ${bytes}`).sort();
    const unrecorded = [...this.#unrecorded].map(([rule, row]) => `${rule} ${Object.values(row).join(" ")}`).sort();
    return { verdicts: this.#verdicts, flows, denied: denied.sort(), tableFull: full.sort(), traffic, unrecorded };
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

  /** What no record protects is judged anew at every change; of the others those that the change concerns. */
  #judgeAnew(time: number, concerns: (nic: WorldInterface) => boolean): void {
    for (const [key, flow] of this.#liveAt(time)) {
      const nic = this.#nics.get(flow);
      const untracked = this.#untracked.get(flow) ?? null;
      if (nic === undefined || (untracked === null && !concerns(nic))) continue;
      const ends = { ...flow, icmp: flow.protocol === ICMP ? 8 * 256 : 0, portsKnown: true };
      const post = { nic, direction: flow.direction!, time };
      const asked = this.#rules.ask(ends, post);
      const tracked = untracked !== null && asked.decision === "allow" && this.#untrackedBy(ends, post) === null;
      if (asked.decision === "deny" || tracked) {
        this.#end(key, flow, time, "re-evaluated");
        if (flow.protocol === TCP && (untracked === null || untracked === "open to all")) this.#cut.set(key, flow);
      }
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
      const post = { nic, direction, time: seen.packet.time };
      const barrier = this.#rules.barrier(ends, post);
      const asked = barrier?.decision === "deny" ? barrier : after(barrier, this.#rules.ask(ends, post));
      rulings.push(passedBy(nic, direction, ends, asked, null));
      if (asked.decision === "deny") break;
    }
    return rulings;
  }

  #tellAll(seen: Seen, rulings: readonly Ruling[]): void {
    for (const { deniedKey, counts, ...ruling } of rulings) {
      if (deniedKey !== null) this.#deny(deniedKey, seen.packet.time);
      this.#meter(seen, ruling);
      if (counts === null && ["passed", "table-full"].includes(ruling.reason)) this.#passUnrecorded(seen, ruling);
      this.#verdicts.push({ packet: nameOf(seen), ...ruling });
    }
  }

  #meter({ place, packet }: Seen, ruling: Pick<OracleVerdict, "interface" | "direction" | "verdict">): void {
    const minute = Math.floor(packet.time / (60 * seconds)) * 60 * seconds;
    const key = [minute, place, ruling.interface, ruling.direction, ruling.verdict].join(" ");
    const [packets, bytes] = this.#traffic.get(key) ?? [0, 0];
    this.#traffic.set(key, [packets + 1, bytes + packet.ipLength]);
  }

  #passUnrecorded({ packet: { time, ipLength } }: Seen, { gates }: Pick<OracleVerdict, "gates">): void {
    for (const gate of gates.split(", ")) {
      const rule = gate.split(" ").slice(2).join(" ");
      if (rule === "-" || rule === "") continue;
      const row = this.#unrecorded.get(rule) ?? { first: time, last: time, packets: 0, bytes: 0 };
      const [first, last] = [Math.min(row.first, time), Math.max(row.last, time)];
      this.#unrecorded.set(rule, { first, last, packets: row.packets + 1, bytes: row.bytes + ipLength });
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
    if (flow === null) return this.#open(key, seen, ends, null, { decision: "none", told: "", untracked: null });
    this.#meet(flow, seen, ends);
    this.#count(flow, seen.packet, ends);
    return flow;
  }

  #judge(seen: Seen, ends: Ends, at: { nic: WorldInterface; direction: Way; doubts: string }): Ruling {
    const { nic, direction, doubts } = at;
    const { time } = seen.packet;
    const post = { nic, direction, time };
    const barrier = this.#rules.barrier(ends, post);
    if (barrier?.decision === "deny") return passedBy(nic, direction, ends, barrier, null);
    const key = keyOf(seen.place, nic.name, ends);
    const asked = () => after(barrier, this.#rules.ask(ends, post));
    const flow = this.#covering(key, seen, ends);
    if (flow !== null && this.#untracked.get(flow) !== null) {
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
      return byRecord(post, flow, barrier, "flow-record");
    }
    const about = this.#quoted(seen, nic);
    if (about !== null) return { ...byRecord(post, about, barrier, "related"), counts: null };
    const answer = asked();
    const cut = this.#cut.get(key);
    const revives = cut !== undefined && !isForward(cut, ends) && classOf(seen.packet.flags) !== "S";
    if (answer.decision === "deny" || revives || !opens(seen.packet))
      return passedBy(nic, direction, ends, answer, null);
    const tainted = doubts === "" ? answer : { decision: "unknown", told: `${doubts}, ${answer.told}` };
    const untracked = this.#untrackedBy(ends, post);
    const opened = this.#open(key, seen, ends, post, { ...tainted, untracked });
    const kept = opened === null ? "table-full" : "opened";
    const reason = tainted.decision === "allow" ? kept : "unknown";
    const base = { interface: nic.name, direction, verdict: tainted.decision, reason, gates: tainted.told };
    return { ...base, flow: opened, counts: opened, deniedKey: null };
  }

  #untrackedBy(ends: RuleEnds, post: Post): Untracked {
    const { stateless, tcpState } = this.#semanticsAt(post.nic, post.time);
    if (stateless) return "stateless";
    if (!tcpState && ends.protocol === TCP) return "no TCP state";
    if (this.named !== null && this.named !== "aws") return null;
    return this.#rules.ask(ends, post).decision === "allow" && this.#rules.isOpenToAll(ends, post)
      ? "open to all"
      : null;
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
    return found.find((flow) => flow !== null && this.#untracked.get(flow) === null) ?? null;
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
    const replaced = this.#semantics.get(flow)!.linux
      ? tcp.isReplacedBy(segment)
      : tcp.isClosing && segment.kind === "S";
    if (!replaced) return flow;
    this.#end(key, flow, packet.time, endOf(flow.state));
    return null;
  }

  #open(
    key: string,
    seen: Seen,
    ends: Ends,
    post: Post | null,
    asked: { readonly decision: string; readonly told: string; readonly untracked: Untracked },
  ): OracleFlow | null {
    const { packet } = seen;
    const { nic = null, direction = null } = post ?? {};
    if (!opens(packet) || !this.#findsRoom(seen, ends, nic)) return null;
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
      history: "",
      connState: "",
      lastSeen: packet.time,
      endsAt: 0,
      endsBy: "idle",
      packets: [0, 0],
      bytes: [0, 0],
      payload: [0, 0],
    };
    this.#live.set(key, flow);
    this.#histories.set(flow, new OracleHistory(ends.protocol));
    this.#cut.delete(key);
    this.#semantics.set(flow, this.#semanticsAt(nic, packet.time));
    this.#untracked.set(flow, asked.untracked);
    if (nic !== null) this.#nics.set(flow, nic);
    if (ends.protocol === TCP) {
      const segment = segmentOf(packet, true);
      const tcp = new OracleTcp(segment);
      this.#tcp.set(flow, tcp);
      flow.state = tcp.state;
      flow.endsAt = packet.time + this.#tcpTimeout(flow, tcp, "taken", segment.kind) * seconds;
    } else {
      flow.endsAt = packet.time + this.#timeout(flow, packet.time, true) * seconds;
    }
    flow.endsBy = endOf(flow.state);
    this.#count(flow, packet, ends);
    return flow;
  }

  #findsRoom({ place, packet }: Seen, ends: Ends, nic: WorldInterface | null): boolean {
    const { time } = packet;
    const own = this.#liveAt(time).filter(([, flow]) => flow.place === place && flow.interface === (nic?.name ?? null));
    if (own.length < this.maxFlows) return true;
    const key = `${place} ${nic?.name ?? null}`;
    const row = this.#full.get(key) ?? { first: time, last: time, packets: 0, flows: 0 };
    const begins = ends.protocol !== TCP || classOf(packet.flags) === "S";
    this.#full.set(key, { ...row, last: time, packets: row.packets + 1, flows: row.flows + (begins ? 1 : 0) });
    return false;
  }

  /** Tells a live flow of a packet: whether that passes by it, or the rules are asked, or it is none of its packets. */
  #meet(flow: OracleFlow, { packet }: Seen, ends: Ends): "decides" | "asks" | "stranger" {
    const { linux } = this.#semantics.get(flow)!;
    const forward = isForward(flow, ends);
    const replied = flow.packets[1] > 0;
    const tcp = this.#tcp.get(flow);
    if (tcp !== undefined) {
      if (this.#meetTcp(flow, tcp, segmentOf(packet, forward), packet.time) === "misfit" && linux) return "stranger";
    } else {
      flow.endsAt = packet.time + this.#timeout(flow, packet.time, forward) * seconds;
      if (!forward) flow.state = "REPLIED";
    }
    flow.endsBy = endOf(flow.state);
    return linux && forward && !replied ? "asks" : "decides";
  }

  #meetTcp(flow: OracleFlow, tcp: OracleTcp, segment: OracleSegment, time: number) {
    const { linux } = this.#semantics.get(flow)!;
    tcp.replied = flow.packets[1] > 0;
    const over = tcp.isClosing;
    const [own, other] = [tcp.sides[segment.from], tcp.sides[segment.from === 0 ? 1 : 0]];
    const finAgain = !linux && segment.kind === "F" && own.fin && !other.fin;
    const outcome = finAgain ? "noted" : tcp.see(segment);
    flow.state = tcp.state;
    const refused = linux && outcome === "taken" && segment.kind === "R" && !tcp.replied;
    if (refused) flow.endsAt = time;
    else if (linux ? outcome === "taken" : !over) {
      flow.endsAt = time + this.#tcpTimeout(flow, tcp, outcome, segment.kind) * seconds;
    }
    return outcome;
  }

  #tcpTimeout(flow: OracleFlow, tcp: OracleTcp, outcome: string, kind: string): number {
    const semantics = this.#semantics.get(flow)!;
    const own = semantics.tcp[tcp.state]!;
    if (!semantics.linux) return outcome === "taken" && kind === "R" ? semantics.tcp.CLOSE! : own;
    const capped = Math.min(own, 300);
    if (!tcp.replied && tcp.state === "ESTABLISHED" && kind !== "R") return capped;
    if (tcp.repeats >= 3 && own > 300) return capped;
    if (kind === "R") return 10;
    return tcp.unacknowledged || tcp.closedWindow ? capped : own;
  }

  #timeout(flow: OracleFlow, time: number, forward: boolean): number {
    const { udp, udpExchange, icmp, other } = this.#semantics.get(flow)!;
    if (flow.protocol === ICMP) return icmp;
    if (flow.protocol !== UDP) return other;
    const [out, back] = flow.packets;
    const twice = out + (forward ? 1 : 0) >= 2 && back + (forward ? 0 : 1) >= 2;
    const late = back > 0 && time > flow.openedAt + 2 * seconds;
    const exchanged = { reply: back > 0, "two each way": twice, "reply after two seconds": late };
    return udp[exchanged[udpExchange] ? 1 : 0];
  }

  #count(flow: OracleFlow, packet: PacketText, ends: Ends): void {
    const side = isForward(flow, ends) ? 0 : 1;
    flow.packets[side] += 1;
    flow.bytes[side] += packet.ipLength;
    flow.payload[side] += packet.payloadLength;
    flow.lastSeen = packet.time;
    const history = this.#histories.get(flow)!;
    history.see(packet, side);
    flow.history = history.text;
    flow.connState = history.connState(flow.packets, flow.payload);
  }
}

function unjudged(why: "nobody" | "several", flow: OracleFlow | null): Ruling {
  const base = { interface: null, direction: null, gates: "", deniedKey: null, counts: flow };
  if (why === "several") return { ...base, verdict: "unknown", reason: "several-interfaces", flow: null };
  return { ...base, verdict: "none", reason: "no-known-interface", flow };
}

function byRecord({ nic, direction }: Post, flow: OracleFlow, barrier: Asked | null, reason: string): Ruling {
  const own = { decision: flow.decision as Asked["decision"], told: flow.gates, doubts: "", deniedBy: "" };
  const { decision, told } = barrier?.decision === "unknown" ? after(barrier, own) : own;
  const unknown = decision === "unknown";
  const verdict = { verdict: unknown ? "unknown" : "allow", reason: unknown ? "unknown" : reason, gates: told };
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
