// Why was this connection allowed, or denied? The flow record that covered it, the rules and the grant that admitted
// it, what became of those since, and what the rules of the moment would say to a new one.

import {
  type AccessTies,
  type Address,
  type Admission,
  accessState,
  admitStateless,
  askRules,
  type Conversation,
  compareAddresses,
  contains,
  equalAddresses,
  type FiveTuple,
  type FlowId,
  type FlowRecord,
  hasPorts,
  isEnteredByHand,
  isSnapshot,
  type Judge,
  type JudgedPacket,
  joined,
  type Micros,
  type PlacedInterface,
  type Placement,
  type Position,
  placePacket,
  protocolNumber,
  type ResourceId,
  type RuleVersion,
  type Semantics,
  type SnapshotEvent,
  type Standing,
  semanticsAt,
  standingOf,
} from "@conntrail/engine";
import { type Control, foldLog, readControl, type TableFullTable, tableFullRows } from "@conntrail/store";
import type { Case } from "../case.js";
import { enteredByHandAbout } from "./by-hand.js";
import { type EvidenceAddress, evidenceAddress } from "./evidence-address.js";
import { type AskedConversation, type ReportedConversation, reportedConversation } from "./reported.js";
import { endedBy, type Moved, type TiedGrant } from "./reported-admission.js";
import { type UnseenOpening, unseenOpening } from "./unseen-opening.js";

export type WhyQuestion = {
  readonly conversation: Conversation;
  /** Included. */
  readonly at: Micros;
  readonly knownAt: Position | null;
  /** Ask about a new connection only. */
  readonly newOnly: boolean;
};

export type FlowAnswer = {
  readonly record: FlowRecord;
  readonly opening: EvidenceAddress;
  readonly standing: Standing;
  /** Up to the instant asked about. */
  readonly moved: Moved;
  readonly lastSeen: Micros;
  /** Of the admitting versions, those that had ended by then, the earliest first. */
  readonly outlived: readonly RuleVersion[];
  /** Since the first of them ended, and up to the end of the evidence. */
  readonly movedSince: Moved;
  readonly grants: readonly TiedGrant[];
  /** Groups at the interface whose edits judge live records anew, where the resources themselves are asked. */
  readonly flushing: readonly string[];
};

/** What a new connection would meet: at each interface in turn, until one denies. */
export type NewConnection = {
  readonly judge: Judge;
  readonly admission: Admission;
  readonly standing: Standing;
};

export type WhyAnswer = {
  readonly question: WhyQuestion;
  readonly semantics: Semantics;
  /** Live at the instant, one for each interface and place; the latest opened first. */
  readonly live: readonly FlowAnswer[];
  /** The last that had ended by then, where none was live, or the live one began in mid-stream. */
  readonly ended: FlowAnswer | null;
  /** What sensors said of it; of a question about a new connection nothing. */
  readonly reported: ReportedConversation;
  /** Where no record was live: what may have been let in unseen. */
  readonly unseen: UnseenOpening;
  readonly placement: Placement;
  readonly new: readonly NewConnection[];
  /** Where packets had found no room for a record by then: perhaps this connection's. */
  readonly tableFull: readonly TableFullTable[];
  /** Ends of the connection that no interface is known to have: nobody can say what is judged there. */
  readonly unplaced: readonly Address[];
  /** Ids of the snapshots of the groups, interfaces and networks that the answer rests on. */
  readonly snapshots: readonly string[];
  readonly positions: ReadonlyMap<string, Position>;
  /** Ids of events that were entered by hand about the interfaces that judge. */
  readonly placesByHand: readonly string[];
  /** Ids of all events that were entered by hand. */
  readonly byHand: ReadonlySet<string>;
};

/** Bytes from the low endpoint to the high one, and back: who opened the flow is known only with its record. */
type Tally = { readonly moved: Count; readonly since: Count; lastSeen: Micros };
type Count = { packets: number; readonly bytes: [number, number] };

export async function why(kase: Case, question: WhyQuestion): Promise<WhyAnswer> {
  const control = await readControl(kase.log, question.knownAt);
  const folded = question.newOnly
    ? { records: [], tallies: new Map() }
    : await foldConversation(kase, question, control);
  const { ties } = accessState(control);
  const topology = control.network.topologyAt(question.at);
  const flushingAt = (id: ResourceId) =>
    kase.semantics === null ? (topology.interfacesNamed(id)[0]?.flushing ?? []) : [];
  const answerOf = (record: FlowRecord) =>
    flowAnswer({ kase, record, own: folded.tallies.get(record.id)!, ties, at: question.at, flushingAt });
  const begun = folded.records.filter((record) => record.openedAt <= question.at).sort(byOpening);
  const live = begun.filter((record) => record.endsAt > question.at);
  const ended = endedBefore(live[0], begun);
  const opened = knowsOpener(live[0]) ? conversationOf(live[0]) : question.conversation;
  const placement = placementOf(opened, question.at, control);
  const semantics = semanticsAt(kase.semantics, placeOf(placement));
  const reported = await reportedFor(kase, { ...question, policy: control.policy, ties, flushingAt });
  const isKnown = live.length > 0 || reported.records.some(({ open }) => open);
  const judges = question.newOnly || isKnown || placement.is !== "judged" ? [] : placement.judges;
  return {
    question,
    semantics,
    live: await Promise.all(live.map(answerOf)),
    ended: ended === null ? null : await answerOf(ended),
    reported,
    unseen: await unseenOpening({ kase, ...question, network: control.network, semantics, judges }),
    placement,
    new: newConnection({ kase, conversation: opened, at: question.at, control, placement }),
    tableFull: tableFullRows(kase.views).filter(({ first }) => first <= question.at),
    unplaced: placement.is === "judged" ? unplacedEnds(opened, question.at, control) : [],
    snapshots: placement.is === "judged" ? snapshotsOf(placement.judges, control) : [],
    positions: new Map(control.events.map((event) => [event.id, event.position])),
    placesByHand: placement.is === "judged" ? placesByHand(placement.judges, question.at, control) : [],
    byHand: new Set(control.events.filter(({ source }) => isEnteredByHand(source)).map(({ id }) => id)),
  };
}

async function reportedFor(
  kase: Case,
  { newOnly, ...asked }: AskedConversation & Pick<WhyQuestion, "newOnly">,
): Promise<ReportedConversation> {
  return newOnly ? { records: [], more: 0, denials: [] } : reportedConversation(kase, asked);
}

/** Inside the network of an interface that did judge; the Internet has no interface here, and none is expected. */
function unplacedEnds({ a, b }: Conversation, at: Micros, { network }: Control): Address[] {
  const topology = network.topologyAt(at);
  const spaces = topology.interfaces.flatMap((place) => place.network?.prefixes ?? []);
  return [a, b].filter(
    (end) => topology.interfacesOf(end).length === 0 && spaces.some((prefix) => contains(prefix, end)),
  );
}

function placesByHand(judges: readonly Judge[], at: Micros, { events }: Control): string[] {
  return judges.flatMap((judge) => enteredByHandAbout(judge.at, { events, at })).map(({ id }) => id);
}

function snapshotsOf(judges: readonly Judge[], { events }: Control): string[] {
  const groups = judges.flatMap(({ at }) =>
    Object.values(at.gates).flatMap((gate) => (gate.is === "groups" ? gate.groups : [])),
  );
  const wanted = new Set([...groups, ...judges.map(({ at }) => at.id)].map((id) => id.toLowerCase()));
  const isWanted = (event: SnapshotEvent) => {
    if (event.type === "security-group-seen") return wanted.has(event.data.group.toLowerCase());
    if (event.type === "interface-seen") return wanted.has(event.data.interface.toLowerCase());
    return event.type === "virtual-network-seen" || event.type === "subnet-seen";
  };
  return events
    .filter(isSnapshot)
    .filter(isWanted)
    .map(({ id }) => id);
}

/** The record whose end explains why there is none, or why the live one began in mid-stream. */
function endedBefore(live: FlowRecord | undefined, begun: readonly FlowRecord[]): FlowRecord | null {
  const before =
    live === undefined
      ? begun
      : begun.filter((record) => live.midStream && record.endsAt <= live.openedAt && isSameConnection(record, live));
  return before.toSorted((a, b) => b.endsAt - a.endsAt)[0] ?? null;
}

function isSameConnection(one: FlowRecord, other: FlowRecord): boolean {
  const { portA, portB, ...ends } = conversationOf(other);
  const ports = [one.sourcePort, one.destinationPort];
  const same = ports[0] === portA ? ports[1] === portB : ports[0] === portB && ports[1] === portA;
  return (
    same &&
    (one.interface === other.interface || other.interface === null) &&
    one.place === other.place &&
    isBetween(one, { ...ends, portA, portB })
  );
}

/** A record that began in mid-stream may have been opened by either side, and one that lets nothing pass has no side. */
function knowsOpener(record: FlowRecord | undefined): record is FlowRecord {
  return record !== undefined && !record.midStream && record.admission.untracked === undefined;
}

function byOpening(a: FlowRecord, b: FlowRecord): number {
  return b.openedAt - a.openedAt || (a.id < b.id ? -1 : 1);
}

async function foldConversation(kase: Case, question: WhyQuestion, control: Control) {
  const records: FlowRecord[] = [];
  const tallies = new Map<FlowId, Tally>();
  await foldLog(kase.log, kase.views, {
    control,
    knownAt: question.knownAt,
    semantics: kase.semantics,
    until: null,
    only: question.conversation,
    onFlow: (record) => {
      if (isBetween(record, question.conversation)) records.push(record);
    },
    onVerdict: (judged) => tally(tallies, judged, question.at),
  });
  return { records, tallies };
}

function isBetween({ protocol, source, destination }: FlowRecord, { protocol: asked, a, b }: Conversation): boolean {
  if (protocol !== asked) return false;
  const same = (one: Address, other: Address) => equalAddresses(source, one) && equalAddresses(destination, other);
  return same(a, b) || same(b, a);
}

/** Only what passed by a record counts: an ICMP error about the flow is none of its packets. */
function tally(tallies: Map<FlowId, Tally>, judged: JudgedPacket, at: Micros): void {
  const { reason, traffic, index } = judged;
  if (!("flow" in reason) || reason.flow === null || reason.type === "related") return;
  const time = traffic.batch.time[index]! as Micros;
  const own = tallies.get(reason.flow) ?? { moved: nothing(), since: nothing(), lastSeen: time };
  tallies.set(reason.flow, own);
  if (time <= at) {
    count(own.moved, judged);
    own.lastSeen = time;
  }
  const outlived = "admission" in reason && versionsOf(reason.admission).some(({ to }) => to <= time);
  if (outlived) count(own.since, judged);
}

function nothing(): Count {
  return { packets: 0, bytes: [0, 0] };
}

function count(into: Count, { traffic: { batch }, index }: JudgedPacket): void {
  into.packets++;
  into.bytes[batch.flow[index]! & 1 ? 1 : 0] += batch.ipLength[index]!;
}

export function versionsOf(admission: Admission): RuleVersion[] {
  return admission.gates.flatMap((gate) => ("decidedBy" in gate ? (gate.decidedBy ?? []) : []));
}

type FlowAsked = {
  readonly kase: Case;
  readonly record: FlowRecord;
  readonly own: Tally;
  readonly ties: AccessTies;
  readonly at: Micros;
  flushingAt(id: ResourceId): readonly string[];
};

async function flowAnswer({ kase, record, own, ties, at, flushingAt }: FlowAsked): Promise<FlowAnswer> {
  const versions = versionsOf(record.admission);
  const opener = isLowSource(record) ? 0 : 1;
  return {
    record,
    opening: await evidenceAddress(kase, record.openedBy),
    standing: record.admission.decision === "none" ? "unknown" : standingOf(record.admission, record.openedAt),
    moved: movedBy(own.moved, opener),
    lastSeen: own.lastSeen,
    outlived: endedBy(versions, at),
    movedSince: movedBy(own.since, opener),
    grants: versions.flatMap((version) => ties.matchesOf(version).map((match) => ({ ...match, version }))),
    flushing: record.interface === null ? [] : flushingAt(record.interface),
  };
}

function isLowSource({ source, sourcePort, destination, destinationPort }: FlowRecord): boolean {
  return (compareAddresses(source, destination) || sourcePort - destinationPort) <= 0;
}

function movedBy({ packets, bytes }: Count, opener: 0 | 1): Moved {
  return { packets, bytesForward: bytes[opener], bytesBackward: bytes[opener === 0 ? 1 : 0] };
}

/** No capture is meant, so by the addresses alone. */
function placementOf(conversation: Conversation, at: Micros, { network }: Control): Placement {
  return placePacket("", network.topologyAt(at), conversation.a, conversation.b);
}

/** In the direction in which the record was opened. */
function conversationOf({ protocol, source, sourcePort, destination, destinationPort }: FlowRecord): Conversation {
  return { protocol, a: source, b: destination, portA: sourcePort, portB: destinationPort };
}

/** Of the interface that judges first; both of a connection inside one network stand there alike. */
function placeOf(placement: Placement): PlacedInterface | null {
  return placement.is === "judged" ? placement.judges[0]!.at : null;
}

type NewAsked = {
  readonly kase: Case;
  readonly conversation: Conversation;
  readonly at: Micros;
  readonly control: Control;
  readonly placement: Placement;
};

function newConnection({ kase, conversation, at, control, placement }: NewAsked): NewConnection[] {
  if (placement.is !== "judged") return [];
  const asked: NewConnection[] = [];
  const tuple = tupleOf(conversation);
  for (const judge of placement.judges) {
    const { policy, network } = control;
    const where = { place: judge.at, direction: judge.direction, own: judge.own };
    const packet = { policy, topology: network.topologyAt(at), time: at, tuple, ...where };
    const admission = joined(admitStateless(packet), askRules(packet, semanticsAt(kase.semantics, judge.at)));
    asked.push({ judge, admission, standing: standingOf(admission, at) });
    if (admission.decision === "deny") break;
  }
  return asked;
}

/** Where no source port is named, one that a client may well have. */
const ephemeralPort = 50_000;

/** A question about ICMP names no type: a ping is meant. */
function icmpEcho(protocol: number): number {
  if (protocol === protocolNumber.icmp) return 8 * 256;
  return protocol === protocolNumber.icmp6 ? 128 * 256 : 0;
}

function tupleOf({ protocol, a, b, portA, portB }: Conversation): FiveTuple {
  const ports = hasPorts(protocol);
  return {
    protocol,
    source: a,
    destination: b,
    sourcePort: ports ? (portA ?? ephemeralPort) : 0,
    destinationPort: ports ? (portB ?? 0) : 0,
    icmp: icmpEcho(protocol),
    portsKnown: !ports || portB !== null,
  };
}
