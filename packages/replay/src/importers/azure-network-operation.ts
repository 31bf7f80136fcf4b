// Operations of the Activity Log that put groups before subnets and interfaces, change who is a member of application
// security groups, make these, set switches, and delete resources.

import { nameOfId, type Setting } from "@conntrail/engine";
import type { Activity, BodyTest } from "./azure-activity.js";
import { namedInside } from "./azure-id.js";
import { addressesOf } from "./azure-interface.js";
import type { OperationReader } from "./azure-operation.js";
import { eventOf, noteOf } from "./evidence-record.js";
import type { Imported } from "./importer.js";
import { asBoolean, asNumber, field, idOf, type JsonObject, objectsOf, propertiesOf } from "./json-field.js";

const isSubnet: BodyTest = (body) =>
  field(propertiesOf(body), "addressPrefix", "addressPrefixes", "networkSecurityGroup") !== undefined;

/** A write replaces the whole resource: without a group in its body none stands there any more. */
export const subnetWrite: OperationReader = {
  bodies: [isSubnet],
  *read(activity) {
    yield associationOf(activity, activity.target, activity.body, "subnet");
  },
};

type Gate = "interface" | "subnet";

function associationOf(activity: Activity, target: string, body: JsonObject | null, gate: Gate): Imported {
  const group = body === null ? null : idOf(field(propertiesOf(body), "networkSecurityGroup"));
  const groups = body === null ? null : group === null ? [] : [group];
  const data = { gate, target: target.toLowerCase(), groups, ...activity.operation };
  return eventOf(activity.place, { type: "association-written", data }, activity.occasion);
}

const isInterface: BodyTest = (body) => Array.isArray(field(propertiesOf(body), "ipConfigurations"));
/** What was asked names no address where Azure is to choose it; what was answered does. */
const hasAddresses: BodyTest = (body) => isInterface(body) && addressesOf(propertiesOf(body)).length > 0;

export const interfaceWrite: OperationReader = {
  bodies: [hasAddresses, isInterface],
  *read(activity) {
    yield associationOf(activity, activity.target, activity.body, "interface");
  },
  *readJoined(activity, body) {
    const addresses = addressesOf(propertiesOf(body));
    if (addresses.length === 0) yield noteOf(withoutAddress(activity));
    for (const { address, applicationSecurityGroups: groups } of addresses) {
      const own = activity.body === null ? null : groups;
      const about = { interface: activity.target.toLowerCase(), address, applicationSecurityGroups: own };
      const data = { ...about, ...activity.operation };
      yield eventOf(activity.place, { type: "membership-written", data }, activity.occasion);
    }
    yield* settingOf(
      activity,
      "disableTcpStateTracking",
      asBoolean(field(propertiesOf(body), "disableTcpStateTracking")),
    );
  },
};

function withoutAddress({ place, target }: Activity): string {
  const name = nameOfId(target);
  return `record ${place.number} writes interface \`${name}\` without an address, so it says nothing of its application security groups`;
}

const isNetwork: BodyTest = (body) => field(propertiesOf(body), "addressSpace") !== undefined;

export const networkWrite: OperationReader = {
  bodies: [isNetwork],
  *read(activity) {
    for (const subnet of objectsOf(field(propertiesOf(activity.body ?? {}), "subnets"))) {
      const named = namedInside(subnet, activity.target, "subnets");
      if (named !== null) yield associationOf(activity, named.id, subnet, "subnet");
    }
  },
  *readJoined(activity, body) {
    yield* settingOf(activity, "flowTimeoutMinutes", asNumber(field(propertiesOf(body), "flowTimeoutInMinutes")));
  },
};

/** Nothing where the body does not say. */
export function* settingOf(activity: Activity, setting: Setting, value: boolean | number | null): Iterable<Imported> {
  if (value === null) return;
  const data = { resource: activity.target.toLowerCase(), setting, value, ...activity.operation };
  yield eventOf(activity.place, { type: "setting-written", data }, activity.occasion);
}

/** It says that there is one; who is a member, interfaces say. */
export const applicationGroupWrite: OperationReader = {
  bodies: [],
  *read({ place, occasion, operation, target }) {
    if (operation.phase !== "succeeded") return;
    const data = { group: target.toLowerCase(), name: nameOfId(target), instant: "stated" } as const;
    yield eventOf(place, { type: "application-security-group-seen", data }, occasion);
  },
};

export const resourceDeletion: OperationReader = {
  bodies: [],
  *read(activity) {
    const data = { resource: activity.target.toLowerCase(), ...activity.operation };
    yield eventOf(activity.place, { type: "resource-removed", data }, activity.occasion);
  },
};
