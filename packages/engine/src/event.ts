// The events of the log: facts only, past tense. What was seen, edited, granted; never what we conclude from it. The
// facts stand by family in `event/`.

import type { AccessEnded, AccessPolicySeen, AccessPolicyWritten, AccessRequested } from "./event/access-fact.js";
import type { Actor, SourceRecord } from "./event/evidence.js";
import type { GapDeclared } from "./event/gap-fact.js";
import type {
  AddressesChanged,
  AddressListChanged,
  AddressListSeen,
  ApplicationSecurityGroupSeen,
  AssociationWritten,
  ConnectedSpaceSeen,
  FlowsFlushed,
  InterfaceSeen,
  MembershipWritten,
  PublicAddressSeen,
  ResourceRemoved,
  RouteTableSeen,
  SettingWritten,
  SubnetSeen,
  VirtualNetworkSeen,
} from "./event/network-fact.js";
import type {
  SecurityGroupSeen,
  SecurityGroupWritten,
  SecurityRuleDeleted,
  SecurityRuleWritten,
} from "./event/policy-fact.js";
import type { EvidenceRepeated, SourceRetracted } from "./event/retraction-fact.js";
import type { FlowsReported, ImportFinished, ImportStarted, PacketsObserved } from "./event/traffic-fact.js";
import type { Micros } from "./time.js";

export * from "./event/access-fact.js";
export * from "./event/evidence.js";
export * from "./event/gap-fact.js";
export * from "./event/network-fact.js";
export * from "./event/policy-fact.js";
export * from "./event/problem.js";
export * from "./event/retraction-fact.js";
export * from "./event/traffic-fact.js";

/** All evidence but traffic; the histories of rules and networks pass over declared gaps. */
export type ControlFact =
  | SecurityGroupSeen
  | InterfaceSeen
  | VirtualNetworkSeen
  | SecurityRuleWritten
  | SecurityRuleDeleted
  | SecurityGroupWritten
  | SubnetSeen
  | ConnectedSpaceSeen
  | RouteTableSeen
  | AddressListSeen
  | AddressListChanged
  | PublicAddressSeen
  | ApplicationSecurityGroupSeen
  | AssociationWritten
  | AddressesChanged
  | MembershipWritten
  | SettingWritten
  | ResourceRemoved
  | FlowsFlushed
  | AccessRequested
  | AccessPolicySeen
  | AccessPolicyWritten
  | AccessEnded
  | GapDeclared;

/** What is known of sources as a whole; none of it is evidence itself. */
export type SourceFact = ImportStarted | ImportFinished | EvidenceRepeated | SourceRetracted;

export type Fact = ControlFact | PacketsObserved | FlowsReported | SourceFact;

export type EventType = Fact["type"];

/** What every event has, whatever its fact. */
export type Envelope = {
  /** UUIDv5 of the canonical content (of a batch: of source, place and frames), so that known evidence adds nothing. */
  readonly id: string;
  /** When it happened; of a batch the earliest packet. */
  readonly time: Micros;
  /** Of a batch the latest packet; otherwise the same as `time`. */
  readonly lastTime: Micros;
  readonly source: SourceRecord;
  readonly actor: Actor | null;
};

/** An event that no log has taken yet. */
export type NewEvent<F extends Fact = Fact> = Envelope & F;

/** An event as the log keeps it. */
export type RecordedEvent<F extends Fact = Fact> = NewEvent<F> & {
  readonly stream: string;
  /** From 0, without holes, in its stream. */
  readonly revision: number;
  /** Ascending over the whole log, holes allowed; a position is an address and never an order of time. */
  readonly position: Position;
  readonly recordedAt: Micros;
  /** SHA-256, hex, over everything but the position, and over the hash before it in its stream. */
  readonly hash: string;
};

declare const position: unique symbol;
/** The address of an event in its log. */
export type Position = number & { readonly [position]: true };

export type ControlEvent = RecordedEvent<ControlFact>;

const trafficTypes: ReadonlySet<EventType> = new Set(["packets-observed", "flows-reported"]);
const sourceTypes: ReadonlySet<EventType> = new Set([
  "import-started",
  "import-finished",
  "evidence-repeated",
  "source-retracted",
]);

export function isControl(event: RecordedEvent): event is ControlEvent {
  return isEvidence(event) && !trafficTypes.has(event.type);
}

/** What evidence shows; not what is known of the evidence. */
export function isEvidence({ type }: RecordedEvent): boolean {
  return !sourceTypes.has(type);
}

/** DESIGN's order of the fold for control events: by time, then by id; nothing of the order of arrival. */
export function compareControlEvents(a: ControlEvent, b: ControlEvent): number {
  return a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
