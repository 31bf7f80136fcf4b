// Facts of just-in-time access: policies, requests, ends.

import type { Micros } from "../time.js";
import type { OperationRecord, ResourceId, SnapshotInstant } from "./evidence.js";

/** A record of a request for just-in-time access. */
export type AccessRequested = {
  readonly type: "access-requested";
  readonly data: OperationRecord & {
    readonly policy: ResourceId;
    readonly justification: string | null;
    /** Null where this record has no body; another of the operation may. */
    readonly grants: readonly RequestedAccess[] | null;
    /** Why it was refused, where the phase is `failed` and somebody says. */
    readonly refusal?: string;
  };
};

export type RequestedAccess = {
  readonly machine: ResourceId;
  readonly port: number;
  /** As requested; null means the address the request came from. */
  readonly sources: readonly string[] | null;
  /** When the access ends, as requested. */
  readonly until: Micros | null;
  /** Left out: as the policy says. */
  readonly protocol?: "tcp" | "udp" | "*";
  /** Rules that go when the access ends. Left out: records of their own tell when they went. */
  readonly rules?: readonly GrantedRule[];
};

export type GrantedRule = { readonly group: ResourceId; readonly ruleName: string };

/** A just-in-time policy seen whole at an instant. */
export type AccessPolicySeen = {
  readonly type: "access-policy-seen";
  readonly data: AccessPolicy & { readonly instant: SnapshotInstant; readonly begins?: true };
};

export type AccessPolicy = {
  readonly policy: ResourceId;
  readonly name: string;
  readonly machines: readonly AccessPolicyMachine[];
};

export type AccessPolicyMachine = { readonly machine: ResourceId; readonly ports: readonly AccessPolicyPort[] };

export type AccessPolicyPort = {
  readonly port: number;
  readonly protocol: "tcp" | "udp" | "*";
  /** Sources that may be asked for; `*` any. */
  readonly sources: readonly string[];
  readonly maxDurationSeconds: number | null;
};

/** A record of writing a just-in-time policy whole. */
export type AccessPolicyWritten = {
  readonly type: "access-policy-written";
  readonly data: OperationRecord & {
    readonly policy: ResourceId;
    /** Null where this record has no body; another of the operation may. */
    readonly machines: readonly AccessPolicyMachine[] | null;
  };
};

/** Access that was granted came to its end: by time, by somebody, or because a newer request took its place. */
export type AccessEnded = {
  readonly type: "access-ended";
  readonly data: {
    readonly policy: ResourceId;
    readonly machine: ResourceId;
    readonly port: number;
    /** When the access was granted that ends here. */
    readonly granted: Micros;
    readonly because: "expired" | "revoked" | "renewed";
  };
};
