// The events of the log: facts only, past tense. What was seen, edited, granted; never what we conclude from it.

import type { RuleContent, UnreadableRule } from "./policy/rule.js";
import type { Micros } from "./time.js";

/** Where a record of evidence stands: its file by content, and the record's number in it, from 1. */
export type SourceRecord = {
  /** SHA-256 of the decompressed content, hex; of standard input, of its header and first record. */
  readonly sha256: string;
  readonly record: number;
};

/** Who did it: the person or service, from where, and the cloud's own id that ties its records together. */
export type Actor = {
  readonly who: string | null;
  readonly from: string | null;
  readonly correlationId: string | null;
};

/** What a cloud says of an operation in one record of its log. Only `succeeded` changes anything. */
export type OperationPhase = "started" | "accepted" | "succeeded" | "failed";

/** One record of a cloud's operation log; records of one operation share `operationId` or the actor's correlation id. */
export type OperationRecord = {
  readonly phase: OperationPhase;
  readonly operationId: string | null;
  /** Whether the operation made the resource anew or changed an existing one, where the record says. */
  readonly effect: "created" | "updated" | null;
};

/** Ids of cloud resources are kept as written and compared without case. */
export type ResourceId = string;

/** A security group seen whole at an instant. */
export type SecurityGroupSeen = {
  readonly type: "security-group-seen";
  readonly data: {
    readonly group: ResourceId;
    readonly name: string;
    readonly rules: readonly (RuleContent | UnreadableRule)[];
    readonly defaultRules: readonly (RuleContent | UnreadableRule)[];
    /** Subnets and interfaces that the group says it is associated with. */
    readonly subnets: readonly ResourceId[];
    readonly interfaces: readonly ResourceId[];
    readonly flushConnection: boolean | null;
    readonly instant: SnapshotInstant;
  };
};

/** How we know when a snapshot was taken: stated by the user, or guessed from the file's modification time. */
export type SnapshotInstant = "stated" | "file-time";

export type InterfaceSeen = {
  readonly type: "interface-seen";
  readonly data: {
    readonly interface: ResourceId;
    readonly name: string;
    readonly macAddress: string | null;
    readonly group: ResourceId | null;
    readonly machine: ResourceId | null;
    readonly addresses: readonly InterfaceAddress[];
    readonly disableTcpStateTracking: boolean | null;
    readonly instant: SnapshotInstant;
  };
};

/** One IP configuration of an interface. */
export type InterfaceAddress = {
  readonly address: string;
  readonly subnet: ResourceId | null;
  readonly publicAddress: ResourceId | null;
  readonly applicationSecurityGroups: readonly ResourceId[];
};

export type VirtualNetworkSeen = {
  readonly type: "virtual-network-seen";
  readonly data: {
    readonly network: ResourceId;
    readonly name: string;
    readonly addressPrefixes: readonly string[];
    readonly subnets: readonly SubnetSeen[];
    readonly peerings: readonly PeeringSeen[];
    readonly flowTimeoutMinutes: number | null;
    readonly instant: SnapshotInstant;
  };
};

export type SubnetSeen = {
  readonly subnet: ResourceId;
  readonly name: string;
  readonly addressPrefixes: readonly string[];
  readonly group: ResourceId | null;
  readonly routeTable: ResourceId | null;
};

export type PeeringSeen = {
  readonly remoteNetwork: ResourceId | null;
  readonly state: string;
  readonly remoteAddressPrefixes: readonly string[];
};

/** A record of writing one rule. `rule` is null where this record has no body; another of the operation may. */
export type SecurityRuleWritten = {
  readonly type: "security-rule-written";
  readonly data: OperationRecord & {
    readonly group: ResourceId;
    readonly ruleName: string;
    readonly rule: RuleContent | UnreadableRule | null;
  };
};

export type SecurityRuleDeleted = {
  readonly type: "security-rule-deleted";
  readonly data: OperationRecord & { readonly group: ResourceId; readonly ruleName: string };
};

/** A record of writing a whole group: its rules replace those there were. `rules` is null where it has no body. */
export type SecurityGroupWritten = {
  readonly type: "security-group-written";
  readonly data: OperationRecord & {
    readonly group: ResourceId;
    readonly rules: readonly (RuleContent | UnreadableRule)[] | null;
  };
};

/** A record of a request for just-in-time access. */
export type AccessRequested = {
  readonly type: "access-requested";
  readonly data: OperationRecord & {
    readonly policy: ResourceId;
    readonly justification: string | null;
    /** Null where this record has no body; another of the operation may. */
    readonly grants: readonly RequestedAccess[] | null;
  };
};

export type RequestedAccess = {
  readonly machine: ResourceId;
  readonly port: number;
  /** As requested; null means the address the request came from. */
  readonly sources: readonly string[] | null;
  /** When the access ends, as requested. */
  readonly until: Micros | null;
};

/** A batch of packets of one place of capture and one source, as many as `encodePacketBatch` put into `columns`. */
export type PacketsObserved = {
  readonly type: "packets-observed";
  readonly data: {
    /** The place of capture: as the user named it, or named by the source (and its interface in a pcapng file). */
    readonly place: string;
    readonly count: number;
    /** Every packet that the source holds for this place between these two frames is in the batch. */
    readonly firstFrame: number;
    readonly lastFrame: number;
    readonly columns: Uint8Array;
  };
};

export type ImportStarted = {
  readonly type: "import-started";
  readonly data: {
    /** As given to the command. */
    readonly name: string;
    readonly format: string;
    /** The place of capture that the user named, if any. */
    readonly place: string | null;
  };
};

export type ImportFinished = {
  readonly type: "import-finished";
  readonly data: {
    readonly name: string;
    /** Of the whole content; differs from the source's own id for standard input only. */
    readonly sha256: string;
    readonly records: number;
    readonly newEvents: number;
    readonly problemCount: number;
    /** The first hundred. */
    readonly problems: readonly { readonly record: number | null; readonly message: string }[];
  };
};

export type ControlFact =
  | SecurityGroupSeen
  | InterfaceSeen
  | VirtualNetworkSeen
  | SecurityRuleWritten
  | SecurityRuleDeleted
  | SecurityGroupWritten
  | AccessRequested;

export type Fact = ControlFact | PacketsObserved | ImportStarted | ImportFinished;

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

const trafficTypes: ReadonlySet<EventType> = new Set(["packets-observed"]);
const importTypes: ReadonlySet<EventType> = new Set(["import-started", "import-finished"]);

export function isControl(event: RecordedEvent): event is ControlEvent {
  return !trafficTypes.has(event.type) && !importTypes.has(event.type);
}

/** DESIGN's order of the fold for control events: by time, then by id; nothing of the order of arrival. */
export function compareControlEvents(a: ControlEvent, b: ControlEvent): number {
  return a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
