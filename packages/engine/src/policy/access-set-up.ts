// What setting up just-in-time access took away: on AWS, the rules that had let everybody in to its ports are revoked
// (DOMAIN 3.3, [A10]). On Azure rules stay, and a deny is put among them.

import type { AccessPolicyMachine } from "../event.js";
import type { NetworkHistory } from "../network/topology.js";
import { microsPerHour } from "../time.js";
import { coversPort } from "./access-fit.js";
import { guardsOfMachine } from "./access-machine.js";
import type { AccessPolicyVersion } from "./access-policy.js";
import type { PolicyHistory } from "./policy-history.js";
import { ruleOf } from "./rule-life.js";
import type { Cause, RuleVersion } from "./rule-version.js";

export type AccessSetUp = { readonly policy: AccessPolicyVersion; readonly revoked: readonly RuleVersion[] };

type Evidence = {
  readonly policies: readonly AccessPolicyVersion[];
  readonly rules: PolicyHistory;
  readonly network: NetworkHistory;
};

/** Each version of a policy that somebody wrote, with the rules that went with it; those without are left out. */
export function accessSetUps({ policies, rules, network }: Evidence): AccessSetUp[] {
  return policies.flatMap((policy) => {
    const { content, begunBy } = policy;
    if (content.is === "unknown" || begunBy === null) return [];
    const revoked = content.machines.flatMap((machine) => revokedFor(machine, begunBy, rules, network));
    return revoked.length === 0 ? [] : [{ policy, revoked: [...new Set(revoked)] }];
  });
}

function revokedFor(
  { machine, ports }: AccessPolicyMachine,
  written: Cause,
  { groups }: PolicyHistory,
  network: NetworkHistory,
): RuleVersion[] {
  const guards = guardsOfMachine(network, machine, written.time);
  const histories = guards.flatMap(({ group }) => groups.get(group.toLowerCase()) ?? []);
  const versions = histories.filter(({ kind }) => kind === "security-group").flatMap((history) => history.versions);
  return versions.filter((version) => {
    const rule = ruleOf(version);
    const open = rule?.direction === "inbound" && ports.some(({ port }) => coversPort(rule, port));
    return open && version.endedBy !== null && isSameDoing(version.endedBy, written);
  });
}

/** As rules follow a request, so they go with a policy: within the hour. */
function isSameDoing(ended: Cause, written: Cause): boolean {
  const correlation = ended.actor?.correlationId ?? null;
  const correlated = correlation !== null && correlation === written.actor?.correlationId;
  return correlated || Math.abs(ended.time - written.time) <= microsPerHour;
}
