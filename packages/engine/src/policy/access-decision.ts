// What deciders of just-in-time access share: why nothing follows, what else is to be said, and who writes the rules.

import type { Decided } from "../decide/decided.js";
import type { ResourceId } from "../event.js";
import type { AccessGrant, GrantStatus } from "./access-grant.js";
import type { NoRoom } from "./rule-room.js";

/** A refusal gives every reason that there is. */
export type AccessDecision = Decided<readonly AccessRefusal[], AccessRemark>;

export type AccessRefusal =
  | NoRoom
  | { readonly refused: "no-policy"; readonly machine: ResourceId }
  | { readonly refused: "several-policies"; readonly policies: readonly ResourceId[] }
  | { readonly refused: "policy-not-known"; readonly policy: ResourceId; readonly because: string }
  | { readonly refused: "machine-outside-policy"; readonly machine: ResourceId; readonly policy: ResourceId }
  | { readonly refused: "port-outside-policy"; readonly port: number; readonly allowed: readonly number[] }
  | { readonly refused: "protocol-outside-policy"; readonly protocol: string; readonly allowed: readonly string[] }
  | { readonly refused: "source-outside-policy"; readonly source: string; readonly allowed: readonly string[] }
  | { readonly refused: "bad-source"; readonly source: string }
  | { readonly refused: "no-source"; readonly port: number }
  | { readonly refused: "too-short"; readonly seconds: number }
  | { readonly refused: "too-long"; readonly seconds: number }
  | { readonly refused: "longer-than-policy"; readonly seconds: number; readonly maxDurationSeconds: number }
  | { readonly refused: "nothing-asked" }
  | { readonly refused: "bad-port"; readonly port: number }
  | { readonly refused: "port-twice"; readonly port: number; readonly protocol: string }
  | { readonly refused: "names-too-long"; readonly policyName: string; readonly machineName: string }
  | { readonly refused: "no-interface"; readonly machine: ResourceId }
  | { readonly refused: "no-group"; readonly machine: ResourceId }
  | { readonly refused: "unknown-grant"; readonly grant: string }
  | { readonly refused: "several-grants"; readonly grants: readonly string[] }
  | {
      readonly refused: "not-active";
      readonly grant: AccessGrant;
      readonly status: Exclude<GrantStatus, "active"> | "to-come";
    };

export type AccessRemark =
  | { readonly remark: "already-so" }
  | { readonly remark: "renews"; readonly grant: AccessGrant };

/** Azure's limits, of policies and of requests: at least 5 minutes, at most a day ([A12]). */
export const shortestAccessSeconds = 5 * 60;
export const longestAccessSeconds = 24 * 3600;

export function durationRefusals(seconds: number): AccessRefusal[] {
  if (seconds < shortestAccessSeconds) return [{ refused: "too-short", seconds }];
  return seconds > longestAccessSeconds ? [{ refused: "too-long", seconds }] : [];
}

/** Who writes and deletes rules on the requestor's behalf. */
export const accessService = "Microsoft Defender for Cloud";
