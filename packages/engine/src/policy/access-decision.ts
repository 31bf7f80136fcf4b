// What decisions about just-in-time access come to: the facts that follow, or why nothing follows.

import type { Actor, ControlFact, ResourceId } from "../event.js";
import type { Micros } from "../time.js";
import type { GrantStatus } from "./access-grant.js";

/** A fact that follows from a decision, before it has a place in a log. */
export type DecidedFact = ControlFact & { readonly time: Micros; readonly actor: Actor | null };

/** `follows` of a refusal: that it was refused, where that is a fact to keep. Of a decision: none, nothing changes. */
export type AccessDecision =
  | { readonly is: "decided"; readonly follows: readonly DecidedFact[] }
  | { readonly is: "refused"; readonly because: readonly AccessRefusal[]; readonly follows: readonly DecidedFact[] };

export type AccessRefusal =
  | { readonly type: "unknown-policy"; readonly policy: ResourceId }
  | { readonly type: "no-policy"; readonly machine: ResourceId }
  | { readonly type: "several-policies"; readonly policies: readonly ResourceId[] }
  | { readonly type: "policy-not-known"; readonly policy: ResourceId; readonly because: string }
  | { readonly type: "unknown-machine"; readonly machine: ResourceId; readonly policy: ResourceId }
  | { readonly type: "unknown-port"; readonly port: number; readonly allowed: readonly number[] }
  | { readonly type: "protocol-outside-policy"; readonly protocol: string; readonly allowed: readonly string[] }
  | { readonly type: "bad-source"; readonly source: string }
  | { readonly type: "no-source"; readonly port: number }
  | { readonly type: "source-outside-policy"; readonly source: string; readonly allowed: readonly string[] }
  | { readonly type: "too-short"; readonly seconds: number }
  | { readonly type: "too-long"; readonly seconds: number }
  | { readonly type: "longer-than-policy"; readonly seconds: number; readonly maxDurationSeconds: number }
  | { readonly type: "nothing-asked" }
  | { readonly type: "bad-port"; readonly port: number }
  | { readonly type: "port-twice"; readonly port: number; readonly protocol: string }
  | { readonly type: "names-too-long"; readonly policyName: string; readonly machineName: string }
  | { readonly type: "no-interface"; readonly machine: ResourceId }
  | { readonly type: "no-group"; readonly machine: ResourceId }
  | { readonly type: "no-free-priority"; readonly group: ResourceId }
  | { readonly type: "unknown-grant"; readonly grant: string }
  | {
      readonly type: "not-active";
      readonly grant: string;
      readonly status: Exclude<GrantStatus, "active"> | "to-come";
    };

/** Azure's limits: at least 5 minutes, at most a day ([A12]). */
export const shortestAccessSeconds = 5 * 60;
export const longestAccessSeconds = 24 * 3600;

export function durationRefusals(seconds: number): AccessRefusal[] {
  if (seconds < shortestAccessSeconds) return [{ type: "too-short", seconds }];
  return seconds > longestAccessSeconds ? [{ type: "too-long", seconds }] : [];
}

/** Who writes and deletes the rules on the requestor's behalf. */
export const accessService = "Microsoft Defender for Cloud";
