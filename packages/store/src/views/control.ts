// What a log says of rules, networks and access, as the histories that the fold and all questions ask.

import {
  buildNetworkHistory,
  buildPolicyHistory,
  type ControlEvent,
  flowFlushes,
  type InterventionSources,
  type NetworkHistory,
  type PolicyHistory,
} from "@conntrail/engine";

export type Control = {
  readonly events: readonly ControlEvent[];
  readonly policy: PolicyHistory;
  readonly network: NetworkHistory;
};

export function controlOf(events: readonly ControlEvent[]): Control {
  return { events, policy: buildPolicyHistory(events), network: buildNetworkHistory(events) };
}

export function interventionSources({ policy, network, events }: Control): InterventionSources {
  return { policy, network, flushes: flowFlushes(events), reevaluations: [] };
}
