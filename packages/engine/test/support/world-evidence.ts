// A small world as complete evidence: everything seen before its first edit, and every edit recorded.

import { type ControlEvent, type Micros, toMicros } from "../../src/index.js";
import {
  associated,
  eventOf,
  flowsFlushed,
  groupSeen,
  groupWritten,
  interfaceSeen,
  networkSeen,
  ruleDeleted,
  ruleWritten,
} from "./control-events.js";
import { second } from "./instants.js";
import type { World, WorldGroup, WorldInterface, WorldInterfaceState, WorldRule } from "./small-world.js";
import { rulesAt, settingAt } from "./world-state.js";

const begin = second(-1000);
const succeeded = { phase: "succeeded", operationId: null, effect: null } as const;

export function evidenceOf(world: World): ControlEvent[] {
  return [
    networkOf(world),
    ...world.interfaces.flatMap((nic) => nic.states.map((state) => seenAs(world, nic, state))),
    ...world.flushes.map(({ time, ...flush }) => flowsFlushed(time, flush)),
    ...world.groups.flatMap((group) => [groupAt(group, begin, placesOf(world, group)), ...editsOf(group)]),
    ...changesOf(world),
  ];
}

function networkOf({ platform, space, subnets, subnetPrefixes }: World): ControlEvent {
  const aws = platform === "aws";
  const shown = Object.entries(subnets).map(([subnet, group]) => {
    const addressPrefixes = subnetPrefixes[subnet] ?? [];
    return { subnet, name: subnet, addressPrefixes, group: aws ? null : group, routeTable: null };
  });
  const plain = networkSeen(begin, "vnet", { addressPrefixes: space, flowTimeoutMinutes: null });
  if (plain.type !== "virtual-network-seen") throw new Error("a network is seen");
  const data = { ...plain.data, subnets: shown, ...(aws ? { platform: "aws" as const } : {}) };
  return eventOf(begin, { type: "virtual-network-seen", data });
}

function seenAs(world: World, { name }: WorldInterface, state: WorldInterfaceState): ControlEvent {
  const { time, addresses, subnet, groups, applicationSecurityGroups } = state;
  const tracking = settingAt(world, name, "disableTcpStateTracking", time) ?? null;
  const own = { addresses, subnet, applicationSecurityGroups };
  const more =
    world.platform === "aws"
      ? { platform: "aws" as const, network: "vnet", groups }
      : { disableTcpStateTracking: tracking === true ? true : null };
  const group = world.platform === "aws" ? null : (groups[0] ?? null);
  return interfaceSeen(time, name, { ...own, group, more });
}

/** Where the group's own snapshot says that it stands. */
function placesOf({ admin, subnets }: World, { name, kind }: WorldGroup) {
  if (kind === "security-admin") return admin === name ? { networks: ["vnet"] } : {};
  if (kind !== "network-acl") return {};
  return { subnets: Object.keys(subnets).filter((subnet) => subnets[subnet] === name) };
}

function changesOf({ associations, memberships, settings, lists }: World): ControlEvent[] {
  return [
    ...associations.map(({ time, gate, target, groups }) => associated(time, gate, target, groups)),
    ...memberships.map(({ time, ...data }) =>
      eventOf(time, { type: "membership-written", data: { ...succeeded, ...data } }),
    ),
    ...settings.map(({ time, ...data }) => eventOf(time, { type: "setting-written", data: { ...succeeded, ...data } })),
    ...lists.map(({ time, ...data }) =>
      eventOf(time, { type: "address-list-seen", data: { ...data, edition: null, instant: "stated" } }),
    ),
  ];
}

/** The group as a snapshot at this time shows it. */
export function groupAt(group: WorldGroup, time: Micros, places = {}): ControlEvent {
  const { name, kind } = group;
  const more = kind === "network-security-group" ? {} : { kind };
  return groupSeen(time, rulesAt(group, time).map(textOf), { group: name, name, ...more, ...places });
}

/** Each edit as one record that succeeded, and says whether the rule was new. */
export function editsOf(group: WorldGroup): ControlEvent[] {
  return group.edits.map((edit) => {
    const more = { group: group.name };
    if (edit.kind === "replace") return groupWritten(edit.time, edit.rules.map(textOf), more);
    if (edit.kind === "delete") return ruleDeleted(edit.time, edit.name, more);
    const before = rulesAt(group, toMicros(edit.time - 1));
    const effect = before.some((rule) => rule.name === edit.rule.name) ? ("updated" as const) : ("created" as const);
    return ruleWritten(edit.time, textOf(edit.rule), { ...more, effect });
  });
}

function textOf({ name, direction, access, priority, protocol, from, to, toPorts }: WorldRule): string {
  return `${priority} ${name} ${direction} ${access} ${protocol} ${from} * -> ${to} ${toPorts}`;
}
