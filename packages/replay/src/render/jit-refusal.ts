// Why a command of just-in-time access was refused, and what to do; what else is to be said of one that was taken.

import {
  type AccessRefusal,
  type AccessRemark,
  type ControlState,
  formatInstant,
  longestAccessSeconds,
  microsPerSecond,
  nameOfId,
  shortestAccessSeconds,
  unreachable,
} from "@conntrail/engine";
import { formatSpan } from "./amount.js";
import { describeRefusal } from "./refusal.js";

/** All reasons at once. */
export function describeAccessRefusals(refusals: readonly AccessRefusal[], state: ControlState): string {
  return refusals.map((refusal) => describeAccessRefusal(refusal, state)).join("; ");
}

function describeAccessRefusal(refusal: AccessRefusal, state: ControlState): string {
  switch (refusal.refused) {
    case "no-policy":
      return `no just-in-time policy covers \`${nameOfId(refusal.machine)}\` at ${formatInstant(state.at)}: import one, or make it with \`conntrail jit policy set\``;
    case "several-policies":
      return `several policies cover the machine: name one with --policy: ${refusal.policies.join(", ")}`;
    case "policy-not-known":
      return `it is not known what policy \`${nameOfId(refusal.policy)}\` says: ${refusal.because}: import it (\`az security jit-policy show\`)`;
    case "machine-outside-policy":
      return `policy \`${nameOfId(refusal.policy)}\` does not cover machine \`${nameOfId(refusal.machine)}\``;
    case "port-outside-policy":
      return `port ${refusal.port} is not in the policy: it has ${refusal.allowed.join(", ")}`;
    case "protocol-outside-policy":
      return `protocol ${refusal.protocol} is not in the policy: the port is for ${refusal.allowed.join(", ")}`;
    case "source-outside-policy":
      return `source ${refusal.source} is outside what the policy allows: ${refusal.allowed.join(", ")}`;
    case "bad-source":
      return `\`${refusal.source}\` is no source: use 203.0.113.7, 203.0.113.0/24 or *`;
    case "no-source":
      return `no source is named for port ${refusal.port}: give --from`;
    case "too-short":
      return `${seconds(refusal.seconds)} is too short: at least ${seconds(shortestAccessSeconds)}`;
    case "too-long":
      return `${seconds(refusal.seconds)} is too long: at most ${seconds(longestAccessSeconds)}`;
    case "longer-than-policy":
      return `${seconds(refusal.seconds)} is longer than the policy allows: at most ${seconds(refusal.maxDurationSeconds)}`;
    case "nothing-asked":
      return "no port is named";
    case "bad-port":
      return `\`${refusal.port}\` is no port: use 0 to 65535`;
    case "port-twice":
      return `port ${refusal.port}/${refusal.protocol} is named twice`;
    case "names-too-long":
      return `the names of policy \`${refusal.policyName}\` and machine \`${refusal.machineName}\` have more than 56 characters together`;
    case "no-interface":
      return `no interface of \`${nameOfId(refusal.machine)}\` is known at ${formatInstant(state.at)}: import it (\`az network nic show\`)`;
    case "no-group":
      return `no security group is known to stand before \`${nameOfId(refusal.machine)}\`: put one there with \`conntrail group associate\``;
    case "no-free-priority":
      return `group \`${nameOfId(refusal.group)}\` has no free priority from 100 to 4096`;
    case "unknown-grant":
      return `there is no grant \`${refusal.grant}\`: see \`conntrail jit\``;
    case "several-grants":
      return `several grants begin so: give more of the id: ${refusal.grants.join(", ")}`;
    case "not-active":
      return notActive(refusal);
    default:
      return describeRefusal(refusal, state);
  }
}

function seconds(count: number): string {
  return count < 0 ? "a time that is over" : formatSpan(count * microsPerSecond);
}

function notActive({ grant, status }: Extract<AccessRefusal, { readonly refused: "not-active" }>): string {
  if (status === "to-come") return `${grant.id} begins only ${formatInstant(grant.from)}`;
  return `${grant.id} is over: ${status} ${formatInstant(grant.end!.time)}`;
}

export function describeAccessRemark(remark: AccessRemark): string {
  switch (remark.remark) {
    case "already-so":
      return "nothing to append: it is so already";
    case "renews":
      return `this takes the place of ${remark.grant.id}`;
    default:
      return unreachable(remark);
  }
}
